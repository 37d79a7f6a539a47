"""actions/booking/book.py where an event lets one address book a session several times."""

import contextlib
import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.actions.booking.book import Booked
from chalicelib.domain.booking import Booking
from chalicelib.domain.booking_request import BookingRequest
from chalicelib.domain.event import Event
from chalicelib.domain.ids import booking_key, new_id
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.refusals import (
    AlreadyBooked,
    Busy,
    Closed,
    IdempotencyKeyReused,
    NotFound,
    NotOpenYet,
    SoldOut,
)
from chalicelib.domain.session import Session
from chalicelib.store import events, hints, lately
from chalicelib.store.bookings import every_booking
from chalicelib.store.secrets import key_secret
from tests.actions.as_routes import book, cancel_booking
from tests.faults import weather
from tests.making import invariants_hold, make_event, make_session
from tests.wire import overtaken_by, requests_counted

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)
ADA = BookingRequest(name="Ada", email="ada@example.org", places=2, consent=True)


@pytest.fixture
def session(table: Any) -> Session:
    return make_session(make_event(bookings_per_address_max=3), capacity=20)


def event_of(session: Session) -> Event:
    event = events.find_event(session.event_id)
    assert event is not None
    return event


def ask(session: Session, key: str, request: BookingRequest = ADA, *, now: datetime = NOW) -> Booked:
    slug, booking_id = event_of(session).slug, new_id(secrets.token_bytes(15))
    return book(slug, session.session_id, request, idempotency_key=key, now=now, booking_id=booking_id)


def cancel(booking: Booking) -> None:
    cancel_booking(BookingAddress(booking.session_id, booking.key, booking.booking_id), now=NOW)


def test_an_address_books_as_often_as_the_event_allows_each_time_at_a_key_of_its_own(
    session: Session,
) -> None:
    booked = [ask(session, key).booking for key in ("a", "b", "c")]
    assert [booking.ordinal for booking in booked] == [0, 1, 2]
    assert len({booking.key for booking in booked}) == 3
    with pytest.raises(AlreadyBooked):
        ask(session, "d")
    assert invariants_hold(session) == 6


def test_a_request_sent_again_finds_its_booking_whichever_it_was(session: Session) -> None:
    booked = {key: ask(session, key).booking for key in ("a", "b", "c")}
    for key, booking in booked.items():
        assert ask(session, key) == Booked(booking, replayed=True)
    with pytest.raises(IdempotencyKeyReused):
        ask(session, "b", msgspec.structs.replace(ADA, places=1))
    assert invariants_hold(session) == 6


def test_a_request_sent_again_after_its_cancellation_does_not_book_at_another_key(session: Session) -> None:
    ask(session, "a")
    second = ask(session, "b").booking
    cancel(second)
    again = ask(session, "b")
    assert (again.replayed, again.booking.booking_id, again.booking.status) == (
        True,
        second.booking_id,
        "cancelled",
    )
    assert invariants_hold(session) == 2


def test_a_cancelled_booking_leaves_room_for_another(session: Session) -> None:
    first, _, _ = (ask(session, key).booking for key in ("a", "b", "c"))
    cancel(first)
    anew = ask(session, "d").booking
    assert (anew.ordinal, anew.key) == (0, first.key)
    assert invariants_hold(session) == 6


def test_another_request_of_the_address_that_comes_in_between_takes_another_key(session: Session) -> None:
    with overtaken_by(lambda: ask(session, "other")):
        mine = ask(session, "mine").booking
    assert mine.ordinal == 1
    assert invariants_hold(session) == 4


def test_the_same_request_that_was_booked_at_another_key_in_between_is_not_booked_twice(
    session: Session,
) -> None:
    first = ask(session, "first").booking
    twins: list[Booking] = []

    def a_copy_is_faster_and_finds_the_first_key_free() -> None:
        cancel(first)
        twins.append(ask(session, "twin").booking)

    with overtaken_by(a_copy_is_faster_and_finds_the_first_key_free):
        late = ask(session, "twin")
    assert (late.replayed, late.booking) == (True, twins[0])
    assert twins[0].ordinal == 0
    assert invariants_hold(session) == 2


def test_a_party_too_large_for_what_is_left_hears_that_a_smaller_one_may_fit(session: Session) -> None:
    ask(session, "a")
    others = BookingRequest(name="Bo", email="bo@example.org", places=6, consent=True)
    for key in ("1", "2"):
        ask(session, key, others)
    ask(session, "3", msgspec.structs.replace(others, places=3))
    with pytest.raises(SoldOut):
        ask(session, "b", msgspec.structs.replace(ADA, places=6))
    assert ask(session, "b", msgspec.structs.replace(ADA, places=3)).booking.places == 3


def test_once_all_is_sold_a_retry_finds_its_booking_at_any_key_and_a_stranger_costs_no_read(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hints, "SOLD_OUT_SECONDS", 60)
    booked = [ask(session, str(number)).booking for number in range(3)]
    others = msgspec.structs.replace(ADA, email="bo@example.org", places=6)
    for key in ("1", "2"):
        ask(session, key, others)
    stranger = msgspec.structs.replace(ADA, email="cy@example.org", places=3)
    with pytest.raises(SoldOut):
        ask(session, "a", stranger)
    slug = event_of(session).slug
    with requests_counted() as sent, pytest.raises(SoldOut):
        book(slug, session.session_id, stranger, idempotency_key="b", now=NOW, booking_id="x" * 24)
    assert not sent
    ask(session, "the last two", msgspec.structs.replace(stranger, places=2))
    with pytest.raises(SoldOut):
        ask(session, "c", msgspec.structs.replace(stranger, places=2, email="di@example.org"))
    for number, first in enumerate(booked):
        assert ask(session, str(number)) == Booked(first, replayed=True)


def test_before_the_opening_nobody_costs_a_read(table: Any) -> None:
    opens_later = make_event(bookings_per_address_max=3, opens_at=NOW + timedelta(hours=1))
    session = make_session(opens_later)
    with pytest.raises(NotOpenYet):
        ask(session, "warm")
    with requests_counted() as sent, pytest.raises(NotOpenYet):
        book(opens_later.slug, session.session_id, ADA, idempotency_key="a", now=NOW, booking_id="x" * 24)
    assert not sent


def test_who_has_not_booked_hears_why_it_is_too_late(session: Session) -> None:
    with pytest.raises(Closed):
        ask(session, "a", now=session.starts_at)
    everything = BookingRequest(name="Bo", email="bo@example.org", places=6, consent=True)
    for key in ("1", "2", "3"):
        ask(session, key, everything)
    with pytest.raises(SoldOut):
        ask(session, "a", msgspec.structs.replace(ADA, places=4))


def test_further_bookings_cost_one_read_and_one_write_and_a_single_one_still_no_read(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cache in (lately._events, lately._sessions):
        # However slow this machine is, what was read a moment ago is still warm.
        monkeypatch.setattr(cache, "_seconds", 60)
    ask(session, "warm", msgspec.structs.replace(ADA, email="warm@example.org"))
    slug = event_of(session).slug
    with requests_counted() as sent:
        book(slug, session.session_id, ADA, idempotency_key="a", now=NOW, booking_id="x" * 24)
    assert sent == Counter({"BatchGetItem": 1, "TransactWriteItems": 1})


@pytest.mark.parametrize("faults", [{}, {"conflicts": 0.1, "throttles": 0.05, "lost": 0.1}])
def test_one_address_racing_with_itself_never_has_more_than_it_may_nor_one_request_twice(
    dynamodb_local: Any, faults: dict[str, float]
) -> None:
    session = make_session(make_event(bookings_per_address_max=3), capacity=60)
    requests = [f"request-{number % 8}" for number in range(24)]

    def try_it(key: str) -> str | None:
        try:
            booked = ask(session, key)
        except (AlreadyBooked, Busy):
            return None
        if key in ("request-0", "request-1") and booked.booking.status == "confirmed":
            # Its copy may have cancelled it already, and somebody else have taken the key since.
            with contextlib.suppress(NotFound, Busy):
                cancel(booked.booking)
        return booked.booking.booking_id

    with weather(7, **faults), ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(try_it, requests))
    stored = list(every_booking(session.session_id))
    live = [booking for booking in stored if booking.status == "confirmed"]
    assert len(live) <= 3
    assert len({booking.idempotency_key for booking in stored}) == len(stored)
    keys = [booking_key(key_secret(), session.session_id, "ada@example.org", n) for n in range(3)]
    assert {booking.key for booking in stored} <= set(keys)
    by_request: dict[str, set[str]] = {}
    for key, booking_id in zip(requests, answers, strict=True):
        if booking_id is not None:
            by_request.setdefault(key, set()).add(booking_id)
    # A request whose booking was cancelled and whose key another one took since may be booked anew.
    assert all(len(ids) == 1 for key, ids in by_request.items() if key not in ("request-0", "request-1"))
    assert by_request
    assert invariants_hold(session) == 2 * len(live)
