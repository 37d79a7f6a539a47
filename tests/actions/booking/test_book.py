"""Booking, as someone with a form meets it: what they get, what they are refused, and in which order."""

import contextlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.actions.booking.book import Booked
from chalicelib.domain.booking import Booking
from chalicelib.domain.booking_request import BookingRequest
from chalicelib.domain.event import Event
from chalicelib.domain.ids import new_id
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.refusals import (
    AlreadyBooked,
    Busy,
    Cancelled,
    Closed,
    IdempotencyKeyReused,
    Invalid,
    NotFound,
    NotOpenYet,
    NotPublished,
    SoldOut,
    TooManyPlaces,
)
from chalicelib.domain.session import Session
from chalicelib.store import capacity, capacity_changes, event_changes, hints, lately
from chalicelib.store.bookings import every_booking, find_booking, find_booking_of_request
from chalicelib.store.connection import connection
from chalicelib.store.hints import Hint
from tests.actions.as_routes import book, cancel_booking
from tests.faults import weather
from tests.making import counters_of, invariants_hold, make_event, make_session
from tests.wire import answered_with, losing, requests_counted

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)
ADA = BookingRequest(name="Ada", email="ada@example.org", places=2, guests=("Grace",), consent=True)


def ask(
    event: Event,
    session: Session,
    request: BookingRequest = ADA,
    *,
    key: str | None = None,
    now: datetime = NOW,
) -> Booked:
    booking_id = new_id(secrets.token_bytes(15))
    return book(
        event.slug,
        session.session_id,
        request,
        idempotency_key=key,
        now=now,
        booking_id=booking_id,
    )


def cancel(booking: Booking) -> Booking:
    address = BookingAddress(booking.session_id, booking.key, booking.booking_id)
    return cancel_booking(address, now=NOW)


@pytest.fixture
def event(table: Any) -> Event:
    return make_event()


@pytest.fixture
def session(event: Event) -> Session:
    return make_session(event, capacity=10)


def test_a_booking_is_stored_whole(event: Event, session: Session) -> None:
    booked = ask(event, session)
    stored = find_booking(session.session_id, booked.booking.key)
    assert not booked.replayed
    assert stored == booked.booking
    assert stored is not None
    assert (stored.name, stored.address, stored.places, stored.guests) == (
        "Ada",
        "ada@example.org",
        2,
        ("Grace",),
    )
    assert invariants_hold(session) == 2


def test_the_same_key_gets_the_same_booking_again(event: Event, session: Session) -> None:
    first = ask(event, session, key="k")
    again = ask(event, session, key="k")
    assert again == Booked(first.booking, replayed=True)
    assert invariants_hold(session) == 2


def test_the_same_key_after_a_cancellation_says_cancelled_and_does_not_book_again(
    event: Event, session: Session
) -> None:
    first = ask(event, session, key="k")
    cancelled = cancel(first.booking)
    again = ask(event, session, key="k")
    assert again == Booked(cancelled, replayed=True)
    assert again.booking.status == "cancelled"
    assert invariants_hold(session) == 0


def test_the_same_key_with_another_body_is_refused(event: Event, session: Session) -> None:
    ask(event, session, key="k")
    with pytest.raises(IdempotencyKeyReused):
        ask(event, session, msgspec.structs.replace(ADA, places=3), key="k")
    assert invariants_hold(session) == 2


def test_the_same_key_with_another_body_is_refused_after_a_cancellation_too(
    event: Event, session: Session
) -> None:
    cancel(ask(event, session, key="k").booking)
    with pytest.raises(IdempotencyKeyReused):
        ask(event, session, msgspec.structs.replace(ADA, name="Eve"), key="k")
    assert invariants_hold(session) == 0


def test_a_retry_after_a_lost_answer_hears_of_its_booking_although_all_is_sold(
    event: Event, session: Session
) -> None:
    everything = msgspec.structs.replace(ADA, places=6)
    first = ask(event, session, everything, key="k")
    ask(event, session, msgspec.structs.replace(ADA, email="b@example.org", places=4))
    hints.forget()
    with pytest.raises(SoldOut):
        ask(event, session, msgspec.structs.replace(ADA, email="c@example.org", places=1, guests=()))
    assert ask(event, session, everything, key="k") == Booked(first.booking, replayed=True)


def test_once_all_is_sold_who_has_not_booked_hears_so_without_a_request(
    event: Event, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cache in (lately._events, lately._sessions):
        # However slow this machine is, what was read a moment ago is still warm.
        monkeypatch.setattr(cache, "_seconds", 60)
    monkeypatch.setattr(hints, "SOLD_OUT_SECONDS", 60)
    booked = [
        ask(event, session, msgspec.structs.replace(ADA, email=f"{n}@example.org"), key="k") for n in range(5)
    ]
    late = [msgspec.structs.replace(ADA, email=f"late{n}@example.org") for n in range(4)]
    with pytest.raises(SoldOut):
        ask(event, session, late[0])
    with requests_counted() as sent:
        for request in late:
            with pytest.raises(SoldOut):
                ask(event, session, request, key="k")
    assert not sent
    with requests_counted() as sent:
        for first in booked:
            again = msgspec.structs.replace(ADA, email=first.booking.address)
            assert ask(event, session, again, key="k") == Booked(first.booking, replayed=True)
    assert sent == {"BatchGetItem": 5}


def test_a_request_without_a_key_that_was_done_after_its_answer_was_lost_does_not_hear_sold_out_of_itself(
    event: Event, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = msgspec.structs.replace(ADA, places=6)
    ask(event, session, msgspec.structs.replace(ADA, email="b@example.org", places=4))
    looked: list[str] = []

    def too_early(wanted: Booking) -> Booking | None:
        looked.append(wanted.key)
        # It arrives just after we looked for it, and takes the last places.
        return None if len(looked) == 1 else find_booking_of_request(wanted)

    def then_sold_out(*_: Any, **__: Any) -> None:
        raise SoldOut(6, 0)

    monkeypatch.setattr(capacity, "find_booking_of_request", too_early)
    monkeypatch.setattr(Hint, "learn", then_sold_out)
    with answered_with(losing(done=True)):
        booked = ask(event, session, everything)
    assert not booked.replayed
    assert len(looked) == 2
    assert invariants_hold(session) == 10


def test_a_retry_after_the_closing_hears_of_its_booking(event: Event, session: Session) -> None:
    first = ask(event, session, key="k")
    after_the_start = session.starts_at + timedelta(minutes=1)
    assert ask(event, session, key="k", now=after_the_start) == Booked(first.booking, replayed=True)
    with pytest.raises(Closed):
        ask(event, session, msgspec.structs.replace(ADA, email="b@example.org"), now=after_the_start)


def test_the_same_address_with_another_key_has_already_booked_and_that_sends_nothing(
    event: Event, session: Session
) -> None:
    first = ask(event, session, key="k").booking
    for minutes in (1, 20):
        with pytest.raises(AlreadyBooked):
            ask(event, session, key="other", now=NOW + timedelta(minutes=minutes))
    assert find_booking(session.session_id, first.key) == first
    assert invariants_hold(session) == 2


@pytest.mark.parametrize("address", ["ADA@Example.org", "  ada@example.org ", "Ada@EXAMPLE.ORG"])
def test_an_address_is_one_however_it_is_typed(event: Event, session: Session, address: str) -> None:
    ask(event, session)
    with pytest.raises(AlreadyBooked):
        ask(event, session, msgspec.structs.replace(ADA, email=address))


def test_a_new_request_after_a_cancellation_books_anew(event: Event, session: Session) -> None:
    first = ask(event, session, key="k").booking
    cancel(first)
    second = ask(event, session, key="another").booking
    assert second.key == first.key
    assert second.booking_id != first.booking_id
    assert [booking.status for booking in every_booking(session.session_id)] == ["confirmed"]
    with pytest.raises(NotFound):
        cancel(first)
    assert invariants_hold(session) == 2


def test_cancelling_twice_is_cancelling_once(event: Event, session: Session) -> None:
    booking = ask(event, session).booking
    assert cancel(booking) == cancel(booking)
    assert sum(counter.free for counter in counters_of(session)) == 10


def test_a_draft_cannot_be_booked(table: Any) -> None:
    event = make_event(status="draft")
    with pytest.raises(NotPublished):
        ask(event, make_session(event))


def test_a_cancelled_event_cannot_be_booked(table: Any) -> None:
    event = make_event(status="cancelled")
    with pytest.raises(Cancelled):
        ask(event, make_session(event))


def test_before_the_opening_the_refusal_says_when(table: Any) -> None:
    event = make_event(opens_at=NOW + timedelta(hours=1))
    session = make_session(event)
    with pytest.raises(NotOpenYet) as refused:
        ask(event, session)
    assert refused.value.facts["opens_at"] == NOW + timedelta(hours=1)
    assert ask(event, session, now=NOW + timedelta(hours=1)).booking.status == "confirmed"


@pytest.mark.parametrize("whose", ["event", "session"])
def test_from_the_closing_time_on_it_is_closed(table: Any, whose: str) -> None:
    closing = NOW + timedelta(hours=1)
    event = make_event(closes_at=closing if whose == "event" else None)
    session = make_session(event, closes_at=closing if whose == "session" else None)
    with pytest.raises(Closed):
        ask(event, session, now=closing)
    assert ask(event, session, now=closing - timedelta(seconds=1)).booking.status == "confirmed"


def test_a_cancelled_session_refuses_and_yet_shows_a_retry_its_booking(
    event: Event, session: Session
) -> None:
    first = ask(event, session, key="k")
    capacity_changes.cancel_session(session)
    with pytest.raises(Cancelled):
        ask(event, session, msgspec.structs.replace(ADA, email="b@example.org"))
    assert ask(event, session, key="k").booking == first.booking


def test_more_places_than_the_event_allows_are_refused_and_the_refusal_says_how_many(table: Any) -> None:
    event = make_event(places_per_booking_max=4)
    with pytest.raises(TooManyPlaces) as refused:
        ask(event, make_session(event), msgspec.structs.replace(ADA, places=5))
    assert refused.value.facts["places_max"] == 4


def test_a_retry_after_the_largest_party_was_made_smaller_hears_of_its_booking(table: Any) -> None:
    event = make_event(places_per_booking_max=4)
    session = make_session(event)
    party = msgspec.structs.replace(ADA, places=4)
    first = ask(event, session, party, key="k")
    smaller = msgspec.structs.replace(event, places_per_booking_max=2, version=event.version + 1)
    event_changes.save_event(smaller, event.version)
    assert ask(smaller, session, party, key="k") == Booked(first.booking, replayed=True)


def test_a_bad_request_names_every_wrong_field_and_stores_nothing(event: Event, session: Session) -> None:
    bad = BookingRequest(
        name="www.spam.example", email="no address", places=1, guests=("A", "B"), website="x"
    )
    with pytest.raises(Invalid) as refused:
        ask(event, session, bad)
    assert {error.pointer for error in refused.value.errors} == {
        "/name",
        "/email",
        "/guests",
        "/website",
    }
    assert list(every_booking(session.session_id)) == []


@pytest.mark.parametrize("seed", range(8))
def test_lost_answers_conflicts_and_throttles_never_book_twice_and_never_lose_a_booking(
    dynamodb_local: Any, seed: int
) -> None:
    event = make_event()
    session = make_session(event, capacity=10)
    with weather(seed, conflicts=0.2, throttles=0.2, lost=0.25, never_sent=0.2) as bad:
        booked = None
        while booked is None:
            with contextlib.suppress(Busy):
                booked = ask(event, session, key="k")
    assert bad.requests >= 4
    assert find_booking(session.session_id, booked.booking.key) == booked.booking
    assert invariants_hold(session) == 2


def test_a_warm_booking_is_one_request_that_writes_two_items_of_a_unit_each(dynamodb_local: Any) -> None:
    event = make_event()
    session = make_session(event, capacity=10)
    ask(event, session, msgspec.structs.replace(ADA, email="warm@example.org"))
    units: list[float] = []

    def note(parsed: dict[str, Any], **_: Any) -> None:
        units.extend(table["CapacityUnits"] for table in parsed["ConsumedCapacity"])

    connection().client.meta.events.register("after-call.dynamodb.TransactWriteItems", note)
    with weather(0) as calm:
        ask(event, session)
    assert calm.requests == 1
    # DynamoDB Local counts what the items weigh; AWS charges twice that in a transaction.
    assert units == [2.0]
