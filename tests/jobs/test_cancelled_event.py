"""A cancelled event: its sessions are cancelled one by one, and through them everybody's booking."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.jobs.clock import clock
from chalicelib.store import capacity, capacity_changes, event_changes, events
from chalicelib.store.bookings import find_booking
from chalicelib.store.messages import CancelledEvent, send_work
from tests.jobs.test_clock import TICK
from tests.mail_chain import Chain, calendar_of, mails
from tests.mail_faults import dying, every_death
from tests.making import booking_for, invariants_hold, make_event, make_session
from tests.wire import requests_counted

pytestmark = pytest.mark.usefixtures("neighbours")


@pytest.fixture
def chain(table: Any) -> Chain:
    return Chain(table)


def call_off(event: Event) -> None:
    event_changes.save_event(msgspec.structs.replace(event, status="cancelled", version=2), 1)


def statuses(sessions: list[Session]) -> list[tuple[str, int]]:
    """Each session's status, and its sequence: how often those who booked were told something new."""
    found = [events.find_session(session.event_id, session.session_id) for session in sessions]
    return [(session.status, session.sequence) for session in found if session is not None]


def booked(session: Session, count: int) -> list[Booking]:
    return [capacity.take(session, booking_for(session, f"p{number}")) for number in range(count)]


def test_an_event_called_off_cancels_every_session_and_tells_everybody_once(chain: Chain) -> None:
    event = make_event()
    sessions = [make_session(event), make_session(event, status="closed"), make_session(event)]
    elsewhere = make_session()
    bookings = booked(sessions[0], 2) + booked(sessions[2], 1)
    staying = booked(elsewhere, 1)
    chain.settle()
    call_off(event)
    chain.settle()
    assert statuses(sessions) == [("cancelled", 1)] * 3
    assert statuses([elsewhere]) == [("open", 0)]
    assert [find_booking(one.session_id, one.key) for one in staying] == staying
    assert [invariants_hold(session) for session in sessions] == [0, 0, 0]
    told = [
        entry["UID"].partition("@")[0] for entry in map(calendar_of, mails()) if entry["METHOD"] == "CANCEL"
    ]
    assert sorted(told) == sorted(booking.booking_id for booking in bookings)


def test_the_reason_of_an_event_is_in_the_email_unless_a_session_was_cancelled_by_itself(
    chain: Chain,
) -> None:
    event = make_event()
    sessions = [make_session(event) for _ in range(2)]
    for session in sessions:
        booked(session, 1)
    chain.settle()
    capacity_changes.cancel_session(sessions[0], reason="The kitchen has flooded.")
    chain.settle()
    off = {"status": "cancelled", "version": 2, "cancellation_reason": "We are too few."}
    event_changes.save_event(msgspec.structs.replace(event, **off), 1)
    chain.settle()
    texts = [mail.get_body(("plain",)).get_content() for mail in mails()[2:]]  # type: ignore[union-attr]
    said = [" ".join(text.partition("From the organiser")[2].split())[:24] for text in texts]
    assert said == ["The kitchen has flooded.", "We are too few. Your boo"]


def test_an_event_makes_work_when_it_is_cancelled_and_at_no_other_change(chain: Chain) -> None:
    event = make_event(status="draft")
    chain.run_stream()
    event_changes.save_event(msgspec.structs.replace(event, status="published", version=2), 1)
    chain.run_stream()
    assert chain.waiting("fan-out") == []
    event_changes.save_event(
        msgspec.structs.replace(event, status="cancelled", version=3, request_id="c6af9ac6-7b61-11"), 2
    )
    chain.run_stream()
    (work,) = chain.waiting("fan-out")
    assert work == {
        "what": "cancel_sessions",
        "event_id": event.event_id,
        "session_id": None,
        "request_id": "c6af9ac6-7b61-11",
    }
    event_changes.save_event(msgspec.structs.replace(event, status="cancelled", title="Off", version=4), 3)
    chain.run_stream()
    assert chain.waiting("fan-out") == [work]


def test_an_event_that_is_not_cancelled_is_left_alone(chain: Chain) -> None:
    session = make_session()
    send_work(
        [
            CancelledEvent(event_id=session.event_id),
            CancelledEvent(event_id=session.event_id, session_id=session.session_id),
            CancelledEvent(event_id="nowhere"),
        ]
    )
    assert chain.deliver("fan-out") == 3
    assert chain.waiting("fan-out") == []
    assert statuses([session]) == [("open", 0)]


def test_a_session_whose_event_is_off_is_found_by_the_clock_though_nothing_in_it_moved(chain: Chain) -> None:
    event = make_event()
    sessions = [make_session(event), make_session(event)]
    other = make_session()
    clock(TICK, None)
    call_off(event)
    chain.changes()  # ... and lost
    with requests_counted() as sent:
        clock(TICK, None)
    assert sent["BatchGetItem"] == 3, "all events, all sessions and all counters"
    found = [message["session_id"] for message in chain.waiting("fan-out")]
    assert sorted(found) == sorted(session.session_id for session in sessions)
    chain.deliver("fan-out")
    assert statuses([*sessions, other]) == [("cancelled", 1), ("cancelled", 1), ("open", 0)]
    clock(TICK, None)
    assert chain.waiting("fan-out") == []


def test_dying_anywhere_cancels_every_session_once(chain: Chain) -> None:
    for request, applied in every_death():
        event = make_event()
        sessions = [make_session(event), make_session(event)]
        call_off(event)
        chain.changes()
        send_work([CancelledEvent(event_id=event.event_id)])
        with dying(request, applied=applied) as process:
            chain.deliver("fan-out")
        for _ in range(2):
            chain.time_passes()
            chain.deliver("fan-out")
        assert chain.waiting("fan-out") == [], (request, applied)
        assert statuses(sessions) == [("cancelled", 1)] * 2, (request, applied, process.done)
        assert [invariants_hold(session) for session in sessions] == [0, 0]
        if not process.died:
            break
        chain.forget()


def test_a_session_that_took_place_stays_as_it_was_when_its_event_is_called_off(chain: Chain) -> None:
    event = make_event()
    past = make_session(event, starts_local=datetime(2026, 3, 5, 19), ends_local=datetime(2026, 3, 5, 22))
    coming = make_session(event)
    there = booked(past, 1)
    chain.settle()
    call_off(event)
    chain.settle()
    # A message that was late, and the clock that looks for sessions left behind, leave it alone too.
    send_work([CancelledEvent(event_id=event.event_id, session_id=past.session_id)])
    chain.settle()
    clock(TICK, None)
    assert chain.waiting("fan-out") == []
    assert statuses([past, coming]) == [("open", 0), ("cancelled", 1)]
    assert [find_booking(one.session_id, one.key) for one in there] == there
    assert "CANCEL" not in [calendar_of(mail)["METHOD"] for mail in mails()]
