"""actions/event/delete_event.py."""

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.actions.event import delete_event as module
from chalicelib.domain.deletion_refusals import NotDraft, SessionBooked
from chalicelib.domain.refusals import Busy, ChangedMeanwhile, Forbidden, NotFound
from chalicelib.domain.session_request import read_session_request
from chalicelib.store import capacity, event_changes, events, lately
from chalicelib.store.recounts import watched_sessions
from tests.actions.as_routes import create_session, delete_event, publish_event
from tests.actions.callers import NOW, owner_of
from tests.making import booking_for, make_event, make_session
from tests.web.admin import SESSION
from tests.wire import Died, dying_before_write, overtaken_by


def test_its_sessions_go_first_and_then_its_slug_with_it(table: Any) -> None:
    event = make_event(status="draft")
    make_session(event)
    make_session(event, capacity=200)
    with dying_before_write(2), pytest.raises(Died):
        delete_event(owner_of(event), event.event_id)
    # All that is left can be deleted by the same call.
    assert (events.find_event(event.event_id), events.sessions_of(event.event_id)) == (event, [])
    delete_event(owner_of(event), event.event_id)
    assert table.scan(TableName="turnout-test")["Items"] == []


def test_a_draft_that_somebody_publishes_meanwhile_stays(table: Any) -> None:
    event = make_event(status="draft")
    with (
        overtaken_by(lambda: publish_event(owner_of(event), event.event_id, now=NOW)),
        pytest.raises(Busy),
    ):
        delete_event(owner_of(event), event.event_id)
    assert events.event_id_of(event.slug) == event.event_id
    with pytest.raises(NotDraft):
        delete_event(owner_of(event), event.event_id, expected_version=1)


def test_a_session_created_while_its_event_is_deleted_goes_with_it(table: Any) -> None:
    event = make_event(status="draft")
    with overtaken_by(lambda: make_session(event)):
        delete_event(owner_of(event), event.event_id)
    assert table.scan(TableName="turnout-test")["Items"] == []


def test_a_session_is_not_created_in_an_event_that_was_deleted_meanwhile(table: Any) -> None:
    event = make_event(status="draft")
    request = read_session_request(SESSION, NOW)
    with (
        overtaken_by(lambda: delete_event(owner_of(event), event.event_id)),
        pytest.raises(NotFound),
    ):
        create_session(owner_of(event), event.event_id, request, session_id="ssss")
    assert events.sessions_of(event.event_id) == []
    assert watched_sessions() == []


def test_what_a_call_left_that_died_at_its_end_goes_with_the_next(table: Any) -> None:
    event = make_event(status="draft")
    session = make_session(event)
    event_changes.delete_event(event)
    with pytest.raises(NotFound):
        delete_event(owner_of(make_event()), event.event_id)
    assert events.sessions_of(event.event_id) == [session]
    with pytest.raises(NotFound):
        delete_event(owner_of(event), event.event_id)
    assert events.sessions_of(event.event_id) == []
    assert watched_sessions() == []


def test_a_draft_with_a_booked_session_stays(table: Any) -> None:
    event = make_event(status="draft")
    session = make_session(event)
    capacity.take(session, booking_for(session, "ada"))
    with pytest.raises(SessionBooked):
        delete_event(owner_of(event), event.event_id)
    assert events.sessions_of(event.event_id) == [session]


def test_more_sessions_than_one_call_has_time_for_are_left_to_the_next(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event(status="draft")
    make_session(event)
    monkeypatch.setattr(module, "_SECONDS", 0.0)
    with pytest.raises(Busy):
        delete_event(owner_of(event), event.event_id)
    assert len(events.sessions_of(event.event_id)) == 1


@pytest.mark.parametrize("who", [{"role": "host"}, {"role": "door"}])
def test_only_an_organiser_deletes_and_only_what_is_a_draft(table: Any, who: Any) -> None:
    event = make_event(status="draft")
    with pytest.raises(Forbidden):
        delete_event(owner_of(event, **who), event.event_id)
    with pytest.raises(ChangedMeanwhile):
        delete_event(owner_of(event), event.event_id, expected_version=2)
    for status in ("published", "cancelled"):
        other = make_event(status=status)
        with pytest.raises(NotDraft):
            delete_event(owner_of(other), other.event_id)
    assert events.find_event(event.event_id) == event


def test_a_freed_slug_leads_to_its_new_event_in_every_process(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event(status="draft")
    assert lately.cached_event_by_slug(event.slug) == event
    # Another process did it.
    monkeypatch.setattr("chalicelib.store.event_changes.forget_caches", lambda: None)
    event_changes.delete_event(event)
    lately._events_by_slug.forget()
    lately._events.forget()
    assert lately.cached_event_by_slug(event.slug) is None
    another = replace(event, event_id="another")
    event_changes.create_event(another)
    lately._events_by_slug.forget()
    assert lately.cached_event_by_slug(event.slug) == another
