"""book.py in an event with a queue: it takes an admission of one's own, and costs nothing without."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.actions.booking.book import Booked
from chalicelib.actions.booking.correct_own_address import correct_own_address
from chalicelib.domain.admission_refusals import NotAdmitted
from chalicelib.domain.booking_request import BookingRequest
from chalicelib.domain.event import Event
from chalicelib.domain.ids import new_id
from chalicelib.domain.refusals import AlreadyBooked, Closed, NotOpenYet, TooManyPlaces
from chalicelib.domain.session import Session
from chalicelib.store.bookings import every_booking
from chalicelib.store.capacity import give_back
from chalicelib.store.moves import move
from tests.actions.as_routes import admit, book, join_queue
from tests.making import MADE_AT, make_event_with_queue, make_session
from tests.wire import requests_counted

NOW = MADE_AT + timedelta(minutes=1)
BOTH_KINDS = pytest.mark.parametrize("bookings_max", [1, 3])


def booked(session: Session, event: Event, admission: str | None, **changes: Any) -> Booked:
    asked = {"name": "Ada", "email": "ada@example.org", "consent": True, **changes}
    key = asked.pop("key", None)
    now = asked.pop("now", NOW)
    booking_id = new_id(str(asked.pop("nth", 1)).encode() * 15)
    return book(
        event.slug, session.session_id, BookingRequest(**asked), idempotency_key=key, now=now,
        booking_id=booking_id, admission=admission,
    )  # fmt: skip


def admission_of(event: Event, address: str = "ada@example.org") -> str:
    ticket = join_queue(event.slug, address, held=None, now=MADE_AT - timedelta(minutes=1))
    return admit(event.slug, ticket, NOW).text


@BOTH_KINDS
def test_without_an_admission_nobody_books_and_nothing_is_asked_of_the_table(
    table: Any, bookings_max: int
) -> None:
    event = make_event_with_queue(bookings_per_address_max=bookings_max)
    session = make_session(event)
    with pytest.raises(NotAdmitted):
        booked(session, event, None)
    with requests_counted() as sent:
        for text in (None, "", "forged"):
            with pytest.raises(NotAdmitted):
                booked(session, event, text)
    assert sent == {}


@BOTH_KINDS
def test_with_it_its_person_books_in_one_transaction(table: Any, bookings_max: int) -> None:
    event = make_event_with_queue(bookings_per_address_max=bookings_max)
    session = make_session(event)
    admission = admission_of(event)
    with pytest.raises(NotAdmitted):
        booked(session, event, admission, email="bob@example.org")
    with requests_counted() as sent:
        assert booked(session, event, admission).booking.status == "confirmed"
    assert sent["TransactWriteItems"] == 1
    assert bookings_max > 1 or set(sent) == {"TransactWriteItems"}


@BOTH_KINDS
def test_a_request_sent_again_hears_of_its_booking_also_when_its_admission_is_over(
    table: Any, bookings_max: int
) -> None:
    event = make_event_with_queue(bookings_per_address_max=bookings_max)
    session = make_session(event)
    first = booked(session, event, admission_of(event), key="key-1")
    later = NOW + timedelta(hours=1)
    again = booked(session, event, None, key="key-1", now=later, nth=2)
    assert (again.replayed, again.booking.booking_id) == (True, first.booking.booking_id)
    with pytest.raises(NotAdmitted):
        booked(session, event, None, key="key-2", now=later, nth=3)


def test_an_admission_books_once_in_each_session(table: Any) -> None:
    event = make_event_with_queue()
    one, other = make_session(event), make_session(event)
    admission = admission_of(event)
    assert booked(one, event, admission).booking.places == 1
    assert booked(other, event, admission, nth=2).booking.places == 1
    with pytest.raises(AlreadyBooked):
        booked(one, event, admission, nth=3)


@BOTH_KINDS
def test_an_admission_books_no_more_for_bookings_that_went_to_other_addresses(
    table: Any, bookings_max: int
) -> None:
    event = make_event_with_queue(bookings_per_address_max=bookings_max)
    session = make_session(event)
    admission = admission_of(event)
    for nth in range(bookings_max):
        made = booked(session, event, admission, key=f"key-{nth}", nth=nth).booking
        correct_own_address(
            event, session, made, f"x{nth}@example.org", now=NOW, new_reference="NEWREFAB", source=""
        )
    for key in ("another", None):
        with requests_counted() as sent, pytest.raises(AlreadyBooked):
            booked(session, event, admission, key=key, nth=8)
        assert sent["TransactWriteItems"] == 1
    assert booked(session, event, admission, key="key-0", nth=9).replayed
    live = [there.address for there in every_booking(session.session_id) if there.status == "confirmed"]
    assert sorted(live) == [f"x{nth}@example.org" for nth in range(bookings_max)]


@BOTH_KINDS
def test_what_was_cancelled_or_corrected_by_an_organiser_leaves_its_admission_free_to_book_again(
    table: Any, bookings_max: int
) -> None:
    event = make_event_with_queue(bookings_per_address_max=bookings_max)
    session = make_session(event)
    admission = admission_of(event)
    give_back(booked(session, event, admission, key="first").booking, NOW)
    second = booked(session, event, admission, key="second", nth=2).booking
    move(second, "bo@example.org", ["k" * 32], NOW, new_reference="NEWREFAB")
    assert not booked(session, event, admission, key="third", nth=3).replayed


@BOTH_KINDS
def test_the_other_rules_are_told_first(table: Any, bookings_max: int) -> None:
    event = make_event_with_queue(bookings_per_address_max=bookings_max)
    session = make_session(event)
    with pytest.raises(NotOpenYet):
        booked(session, event, None, now=MADE_AT - timedelta(seconds=1))
    with pytest.raises(TooManyPlaces):
        booked(session, event, None, places=7)
    with pytest.raises(Closed):
        booked(make_session(event, status="closed"), event, None)


def test_another_events_admission_is_none(table: Any) -> None:
    event, other = make_event_with_queue(), make_event_with_queue()
    session, _ = make_session(event), make_session(other)
    with pytest.raises(NotAdmitted, match="another event"):
        booked(session, event, admission_of(other))
