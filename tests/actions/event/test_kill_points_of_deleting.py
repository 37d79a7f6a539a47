"""The process dies before and after each request of a creation or deletion; the same call sent again ends it.

On DynamoDB Local, so that a transaction is one.
"""

from contextlib import suppress
from typing import Any

import pytest

from chalicelib.domain.event import Event
from chalicelib.domain.once import Once
from chalicelib.domain.refusals import IdempotencyKeyReused, NotFound
from chalicelib.domain.session_request import read_session_request
from chalicelib.store import events
from chalicelib.store.recounts import watched_sessions
from tests.actions.as_routes import delete_event, delete_session
from tests.actions.booking.test_kill_points_of_booking import When, both, deaths
from tests.actions.callers import NOW, owner_of
from tests.faults import Died, dying
from tests.making import counters_of, invariants_hold, make_event, make_session
from tests.store.test_deletion_races import create
from tests.web.admin import SESSION


@pytest.fixture(autouse=True)
def key_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a process that has just begun know the secret: what it would be read from is not here."""
    monkeypatch.setattr("chalicelib.actions.event.create_session.key_secret", lambda: b"secret")


def kinds(client: Any) -> set[str]:
    """The kinds of items in the table."""
    return {item["PK"]["S"].partition("#")[0] for item in client.scan(TableName="turnout-test")["Items"]}


def all_can_be_booked(event: Event) -> None:
    """Assert that each session that can be seen has its places, and is looked after."""
    sessions = events.sessions_of(event.event_id)
    for session in sessions:
        assert invariants_hold(session) == 0
        assert all(counter.open for counter in counters_of(session))
    assert {session.session_id for session in sessions} <= {each.session_id for each in watched_sessions()}


@both
def test_a_death_while_deleting_a_session_leaves_all_of_it_or_what_the_same_call_clears_away(
    dynamodb_local: Any, when: When
) -> None:
    event = make_event()
    session = make_session(event, capacity=2500)

    def delete() -> None:
        with suppress(NotFound):
            delete_session(owner_of(event), event.event_id, session.session_id)

    died = 0
    for _ in deaths(delete, when):
        died += 1
        all_can_be_booked(event)
    assert died >= 2
    assert kinds(dynamodb_local) == {"EVENT", "SLUG", "ORG"}


@both
def test_a_death_while_deleting_an_event_leaves_a_draft_that_the_same_call_deletes(
    dynamodb_local: Any, when: When
) -> None:
    event = make_event(status="draft")
    for _ in range(2):
        make_session(event, capacity=60)

    def delete() -> None:
        with suppress(NotFound):
            delete_event(owner_of(event), event.event_id)

    died = 0
    for _ in deaths(delete, when):
        died += 1
        all_can_be_booked(event)
        if events.find_event(event.event_id) is not None:
            assert events.event_id_of(event.slug) == event.event_id
            assert events.events_of(event.organiser_id) == [event]
    assert died >= 4
    assert kinds(dynamodb_local) == set()


@both
def test_a_death_while_creating_with_a_key_ends_in_one_session_when_it_is_sent_again(
    dynamodb_local: Any, when: When
) -> None:
    event = make_event()
    once = Once("ludlow", SESSION)
    request = read_session_request(SESSION, NOW)
    died = 0
    for _ in deaths(lambda: create(event, request, once), when):
        died += 1
        all_can_be_booked(event)
    assert died >= 2
    (session,) = events.sessions_of(event.event_id)
    assert create(event, request, once).made == session
    all_can_be_booked(event)


@pytest.mark.parametrize("capacity", [1, 31, 3000])
def test_another_request_with_the_key_of_one_that_died_does_not_get_its_places(
    dynamodb_local: Any, capacity: int
) -> None:
    event = make_event()
    with dying(0, "after"), pytest.raises(Died):
        create(event, read_session_request(SESSION, NOW), Once("k", SESSION))
    other = {**SESSION, "capacity": capacity}
    with pytest.raises(IdempotencyKeyReused):
        create(event, read_session_request(other, NOW), Once("k", other))
    assert events.sessions_of(event.event_id) == []
    create(event, read_session_request(SESSION, NOW), Once("k", SESSION))
    all_can_be_booked(event)
