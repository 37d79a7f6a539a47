"""actions/event/delete_session.py."""

from typing import Any

import pytest
from msgspec import convert

from chalicelib.actions.booking.book import book as book_with
from chalicelib.actions.event.recount_session import recount_session
from chalicelib.domain.booking_request import BookingRequest, check_request
from chalicelib.domain.deletion_refusals import SessionBooked
from chalicelib.domain.event import Event
from chalicelib.domain.refusals import (
    Busy,
    ChangedMeanwhile,
    Closed,
    Forbidden,
    IdempotencyKeyReused,
    NotFound,
)
from chalicelib.domain.session import Session
from chalicelib.jobs.clock import clock
from chalicelib.store import capacity, capacity_changes, event_changes, events, hints, session_deletion
from chalicelib.store.bookings import every_booking
from chalicelib.store.recounts import watched_sessions
from chalicelib.store.table import CounterItem
from tests import faults
from tests.actions.as_routes import delete_session, resize_session
from tests.actions.callers import NOW, owner_of, stored
from tests.jobs.test_clock import TICK
from tests.making import booking_for, invariants_hold, make_event, make_session, open_pool
from tests.web.browsing import ann
from tests.wire import Died, answered_with, dying_before_write, losing, overtaken_by, requests_counted


def delete(session: Session, **given: Any) -> None:
    delete_session(owner_of(session), session.event_id, session.session_id, **given)


def left(table: Any) -> set[str]:
    """The kinds of items in the table."""
    return {item["PK"]["S"].partition("#")[0] for item in table.scan(TableName="turnout-test")["Items"]}


def book(event: Event, session: Session) -> None:
    """Book as somebody whose process read the session before."""
    party = check_request(convert(ann(), BookingRequest), ())
    book_with(event, session, party, idempotency_key=None, now=NOW, booking_id="b" * 24)


@pytest.mark.parametrize("places", [1, 60, 2500])
def test_all_of_a_session_goes_in_one_transaction_or_in_two_if_it_has_the_most_counters(
    table: Any, places: int
) -> None:
    session = make_session(capacity=places)
    with requests_counted() as sent:
        delete(session)
    assert sent == {"BatchGetItem": 1, "TransactWriteItems": 2 if places == 2500 else 1}
    assert left(table) == {"EVENT", "SLUG", "ORG"}
    assert events.sessions_of(session.event_id) == []


@pytest.mark.parametrize("status", ["closed", "cancelled"])
def test_it_may_be_closed_or_cancelled(table: Any, status: str) -> None:
    session = make_session()
    change = capacity_changes.close if status == "closed" else capacity_changes.cancel_session
    change(session)
    delete(session)
    assert left(table) == {"EVENT", "SLUG", "ORG"}


def test_whoever_booked_before_keeps_the_session(table: Any) -> None:
    session = make_session(capacity=60)
    with (
        overtaken_by(lambda: capacity.take(session, booking_for(session, "ada"))),
        pytest.raises(SessionBooked),
    ):
        delete(session)
    assert invariants_hold(session) == 1
    for booking in every_booking(session.session_id):
        capacity.give_back(booking, NOW)
    with pytest.raises(SessionBooked):
        delete(session)
    assert invariants_hold(session) == 0


def test_whoever_comes_after_with_a_session_read_before_hears_that_it_is_closed(table: Any) -> None:
    event = make_event()
    session = make_session(event, capacity=60)
    delete(session)
    with pytest.raises(Closed):
        book(event, session)
    assert list(every_booking(session.session_id)) == []
    # Also where this process believes in nothing any more, or in what is free.
    for free in ({0: 0, 1: 0, 2: 0}, {0: 20, 1: 20, 2: 20}):
        hints.hint_for(session).free = dict(free)
        with pytest.raises(Closed):
            capacity.take(session, booking_for(session, "bea"), is_rush=True)


def test_a_session_from_before_counters_remembered_stays(table: Any) -> None:
    session = make_session()
    CounterItem(f"POOL#{session.session_id}#all#0", "POOL").update([CounterItem.schema.set(1)])
    with pytest.raises(SessionBooked):
        delete(session)
    assert stored(session) == session


def test_a_change_in_between_wins(table: Any) -> None:
    session = make_session()
    with overtaken_by(lambda: capacity_changes.resize(session, 60)), pytest.raises(Busy):
        delete(session)
    assert (stored(session).capacity, invariants_hold(session)) == (60, 0)
    with pytest.raises(ChangedMeanwhile):
        delete(session, expected_version=1)


@pytest.mark.parametrize("change", ["close", "resize", "cancel_session"])
def test_a_change_that_comes_after_hears_that_it_was_deleted(table: Any, change: str) -> None:
    session = make_session(capacity=60)
    more = (90,) if change == "resize" else ()
    with overtaken_by(lambda: delete(session)), pytest.raises(NotFound):
        getattr(capacity_changes, change)(session, *more)
    with pytest.raises(NotFound):
        getattr(capacity_changes, change)(session, *more)
    with pytest.raises(Busy):
        event_changes.save_session(session, 1)
    with pytest.raises(NotFound):
        resize_session(owner_of(session), session.event_id, session.session_id, 90, expected_version=1)
    assert left(table) == {"EVENT", "SLUG", "ORG"}


def test_of_a_lost_answer_the_table_says_whether_it_was_done(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.store.outcomes.BUDGET_SECONDS", 0.2)
    session = make_session()
    for answer in (losing(done=False), lambda request: faults.conflict(request, 0), faults.throttle):
        with answered_with(answer), pytest.raises(Busy):
            session_deletion.delete_session(session)
        assert stored(session) == session
    with answered_with(losing(done=True)):
        session_deletion.delete_session(session)
    assert events.sessions_of(session.event_id) == []


def test_the_recount_of_a_session_that_is_there_again_stays(table: Any) -> None:
    session = make_session()
    session_deletion.delete_session(session)
    assert watched_sessions() == []
    open_pool(session.session_id, session.capacity)
    event_changes.create_session(session)
    event_changes.forget_recount(session.event_id, session.session_id)
    assert [watched.session_id for watched in watched_sessions()] == [session.session_id]


def test_a_session_never_comes_back_without_its_places(table: Any) -> None:
    session = make_session()
    delete(session)
    # A request that found the places there, and comes to its second write when they are gone.
    with pytest.raises(IdempotencyKeyReused):
        event_changes.create_session(session)
    assert events.sessions_of(session.event_id) == []


@pytest.mark.parametrize("who", [{"role": "host"}, {"role": "door"}])
def test_only_an_organiser_deletes(table: Any, who: Any) -> None:
    session = make_session()
    with pytest.raises(Forbidden):
        delete_session(owner_of(session, **who), session.event_id, session.session_id)
    with pytest.raises(NotFound):
        delete_session(owner_of(make_event()), session.event_id, session.session_id)
    assert stored(session) == session


def test_the_clock_meets_a_session_that_is_gone_or_goes_meanwhile(table: Any) -> None:
    session = make_session(capacity=2500)
    (watched,) = watched_sessions()
    found = iter([session])
    with dying_before_write(1), pytest.raises(Died):
        delete(session)
    # It died before its last step, so the clock still looks after the session.
    assert clock(TICK, None) == {"watched": 1, "recounted": 0}
    assert recount_session(watched, now=NOW) is None
    with pytest.MonkeyPatch.context() as patch:
        # Read before it went, and its counters after.
        patch.setattr(
            "chalicelib.actions.event.recount_session.find_event_and_session",
            lambda *_: (None, next(found)),
        )
        assert recount_session(watched, now=NOW) is None
    with pytest.raises(NotFound):
        delete(session)
    assert watched_sessions() == []


def test_a_scan_that_meets_the_deletion_says_closed(table: Any) -> None:
    session = make_session(capacity=60)
    hints.hint_for(session).free = {0: 0, 1: 0, 2: 0}
    # The lease is the first write; what is read behind it is not of one moment.
    with overtaken_by(CounterItem(f"POOL#{session.session_id}#all#1", "POOL").delete), pytest.raises(Closed):
        capacity.take(session, booking_for(session, "ada"))


def test_naming_another_events_session_takes_its_recount_from_nobody(table: Any) -> None:
    theirs = make_session()
    mine = make_event()
    watched = watched_sessions()
    with pytest.raises(NotFound):
        delete_session(owner_of(mine), mine.event_id, theirs.session_id)
    assert watched_sessions() == watched
    assert len(watched) == 1
