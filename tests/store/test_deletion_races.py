"""Deleting, booking and creating at the same moment: each happens whole or not at all. On DynamoDB Local."""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chalicelib.actions.event.create_session import create_session
from chalicelib.domain.booking import Booking
from chalicelib.domain.deletion_refusals import SessionBooked
from chalicelib.domain.event import Event
from chalicelib.domain.once import Created, Once
from chalicelib.domain.refusals import Busy, Closed, IdempotencyKeyReused, NotFound, Refusal
from chalicelib.domain.session import Session
from chalicelib.domain.session_request import SessionRequest, read_session_request
from chalicelib.store import capacity, events, session_deletion
from chalicelib.store.bookings import every_booking
from chalicelib.store.recounts import watched_sessions
from tests.actions.as_routes import delete_event, delete_session
from tests.actions.callers import NOW, owner_of
from tests.engines import forget_process_state
from tests.faults import ItemLocks, weather
from tests.making import booking_for, invariants_hold, make_event, make_session
from tests.web.admin import SESSION

STORM = {"conflicts": 0.1, "throttles": 0.05, "lost": 0.05, "never_sent": 0.02}
storms = pytest.mark.parametrize("faults", [{}, STORM], ids=["calm", "storm"])


def create(event: Event, request: SessionRequest, once: Once) -> Created[Session]:
    """Create a session as its event's organiser."""
    return create_session(owner_of(event), event, request, session_id="", once=once)


def at_once(*deeds: Callable[[], object], waits: Sequence[float] = ()) -> list[object]:
    """Do all of this at the same moment, or each so many seconds later; return its result or its refusal."""
    starts_at = time.monotonic() + 0.05

    def do(deed: Callable[[], object], wait: float) -> object:
        time.sleep(max(0.0, starts_at + wait - time.monotonic()))
        try:
            return deed()
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds, waits or [0.0] * len(deeds)))


def rounds(at_least: int, seen: Counter[Any], *wanted: object) -> Iterator[int]:
    """Go on, this often and then until everything that is wanted was seen: chance decides who comes first."""
    for number in range(20 * at_least):
        if number >= at_least and all(seen[each] for each in wanted):
            return
        yield number


def pool_items(client: Any) -> list[str]:
    """What is left of any session's places."""
    items = client.scan(TableName="turnout-test")["Items"]
    return [item["PK"]["S"] for item in items if item["PK"]["S"].startswith("POOL#")]


@storms
def test_who_books_while_a_session_is_deleted_has_a_place_in_a_session_or_hears_that_it_is_closed(
    dynamodb_local: Any, tmp_path: Path, faults: dict[str, float]
) -> None:
    event = make_event()
    seen: Counter[str] = Counter()
    with weather(7, ItemLocks(tmp_path) if faults else None, **faults):
        for number in rounds(20, seen, "deleted", "kept", "closed"):
            forget_process_state()
            session = make_session_in_any_weather(event)

            deeds: list[Callable[[], object]] = [partial(session_deletion.delete_session, session)]
            deeds += [partial(book, session, person) for person in range(3)]
            waits = [number % 4 * 0.004, *((person + number) % 5 * 0.004 for person in range(3))]
            deleted, *booked = at_once(*deeds, waits=waits)
            seen += look(dynamodb_local, session, deleted, booked)
    assert min(seen["deleted"], seen["kept"], seen["closed"]) > 0


def book(session: Session, person: int) -> Booking:
    """Book as the public does, every other one as in a rush."""
    return capacity.take(session, booking_for(session, f"p{person}"), is_rush=person == 1)


def make_session_in_any_weather(event: Event) -> Session:
    while True:
        with contextlib.suppress(Busy):
            return make_session(event, capacity=60)


def look(client: Any, session: Session, deleted: object, booked: list[object]) -> Counter[str]:
    """Assert that what was answered is what is stored; return how it went."""
    bookings = [booking for booking in every_booking(session.session_id) if booking.status == "confirmed"]
    refusals = [refusal for refusal in booked if isinstance(refusal, Refusal)]
    assert {type(refusal) for refusal in refusals} <= {Closed, Busy}
    if events.find_session(session.event_id, session.session_id) is None:
        assert deleted is None or isinstance(deleted, Busy)
        assert bookings == []
        assert not [key for key in pool_items(client) if session.session_id in key]
        assert len(refusals) == len(booked)
        return Counter(deleted=1, closed=sum(isinstance(refusal, Closed) for refusal in refusals))
    assert isinstance(deleted, SessionBooked | Busy)
    assert invariants_hold(session) == len(bookings) >= len(booked) - len(refusals)
    # Nobody is turned away from a session that stays.
    assert not any(isinstance(refusal, Closed) for refusal in refusals)
    return Counter(kept=1)


@storms
def test_of_many_requests_with_one_key_at_once_one_makes_the_session_and_all_get_it(
    dynamodb_local: Any, tmp_path: Path, faults: dict[str, float]
) -> None:
    event = make_event()
    bodies = [SESSION, SESSION, {**SESSION, "capacity": 90}, SESSION]
    for number in range(10):
        with weather(number, ItemLocks(tmp_path) if faults else None, **faults):
            answers = at_once(*(_creating(event, body, f"key-{number}") for body in bodies))
        made = [answer for answer in answers if isinstance(answer, Created)]
        refused = [answer for answer in answers if not isinstance(answer, Created)]
        assert all(isinstance(refusal, IdempotencyKeyReused | Busy) for refusal in refused)
        assert len({answer.made.session_id for answer in made}) <= 1
        assert sum(not answer.replayed for answer in made) <= 1
        assert faults or (made and not any(isinstance(refusal, Busy) for refusal in refused))
    sessions = events.sessions_of(event.event_id)
    assert len(sessions) <= 10
    assert all(invariants_hold(session) == 0 for session in sessions)
    assert {session.session_id for session in sessions} == {each.session_id for each in watched_sessions()}


def _creating(event: Event, body: dict[str, Any], key: str) -> Callable[[], object]:
    return lambda: create(event, read_session_request(body, NOW), Once(key, body))


def test_a_session_that_is_created_and_deleted_by_turns_is_there_whole_or_not_at_all(
    dynamodb_local: Any,
) -> None:
    event = make_event()
    larger = {**SESSION, "capacity": 90}
    session_id = create(event, read_session_request(SESSION, NOW), Once("k", SESSION)).made.session_id

    delete = partial(delete_session, owner_of(event), event.event_id, session_id)
    seen: Counter[type] = Counter()
    for _ in rounds(12, seen, Created, type(None)):
        answers = at_once(
            delete, _creating(event, SESSION, "k"), delete, _creating(event, larger, "k"), delete
        )
        seen.update(map(type, answers))
        session = events.find_session(event.event_id, session_id)
        if session is None:
            # A creation that came too late for its session may have left it places, which harm nobody.
            with contextlib.suppress(IdempotencyKeyReused):
                create(event, read_session_request(larger, NOW), Once("k", larger))
            session = events.find_session(event.event_id, session_id)
        if session is not None:
            assert invariants_hold(session) == 0
            assert [each.session_id for each in watched_sessions()] == [session_id]
            assert len(pool_items(dynamodb_local)) == session.counters + 1
    assert seen[Created] > 0
    assert seen[type(None)] > 0


def test_a_session_that_is_created_while_its_event_is_deleted_is_not_left_behind(dynamodb_local: Any) -> None:
    seen: Counter[type] = Counter()
    for number in rounds(12, seen, NotFound):
        event = make_event(status="draft")
        make_session(event)

        deleted, created = at_once(
            partial(delete_event, owner_of(event), event.event_id),
            _creating(event, SESSION, "k"),
            waits=[0.0, number % 5 * 0.006],
        )
        assert deleted is None
        seen[type(created)] += 1
        assert isinstance(created, Created | NotFound)
        assert events.find_event(event.event_id) is None
        assert events.sessions_of(event.event_id) == []
        assert watched_sessions() == []
    assert seen[NotFound] > 0


def test_the_table_of_aws_itself_agrees_on_the_largest_session(dynamodb_local: Any) -> None:
    session = make_session(capacity=2450)
    assert session.counters == 98
    session_deletion.delete_session(session)
    assert pool_items(dynamodb_local) == []
    assert watched_sessions() == []
