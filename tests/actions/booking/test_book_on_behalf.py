"""Booking for somebody: within the same capacity and the same keys, by other rules."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.actions.booking.book import Booked
from chalicelib.domain.booking_request import BookingOnBehalf, BookingRequest
from chalicelib.domain.correction import AddressHasBooking
from chalicelib.domain.event import Event
from chalicelib.domain.ids import new_id
from chalicelib.domain.notices import notice_owed, notices_owed
from chalicelib.domain.questions import Question
from chalicelib.domain.refusals import (
    AlreadyBooked,
    Closed,
    Forbidden,
    IdempotencyKeyReused,
    Invalid,
    NotFound,
    Refusal,
    SoldOut,
)
from chalicelib.domain.session import Session
from chalicelib.store import capacity, capacity_changes
from chalicelib.store.bookings import every_booking, find_booking
from tests.actions.as_routes import book, book_on_behalf, change_session, correct_address
from tests.actions.callers import NOW, owner_of, stored
from tests.faults import weather
from tests.making import invariants_hold, make_event, make_session

ADA = BookingOnBehalf(name=" Ada ", email="Ada@Example.org", places=2, guests=("Grace", ""))


@pytest.fixture
def event(table: Any) -> Event:
    return make_event()


@pytest.fixture
def session(event: Event) -> Session:
    return make_session(event, capacity=20)


def ask(
    session: Session, request: BookingOnBehalf = ADA, *, key: str | None = None, role: Any = "host"
) -> Booked:
    return book_on_behalf(
        owner_of(session, role=role),
        session.event_id,
        session.session_id,
        request,
        idempotency_key=key,
        now=NOW,
        booking_id=new_id(secrets.token_bytes(15)),
    )


def by_themselves(event: Event, session: Session, *, key: str = "theirs") -> Booked:
    request = BookingRequest(name="Ada", email="ada@example.org", places=2, guests=("Grace",), consent=True)
    booking_id = new_id(secrets.token_bytes(15))
    return book(event.slug, session.session_id, request, idempotency_key=key, now=NOW, booking_id=booking_id)


def test_it_is_a_booking_like_any_other_and_owes_the_usual_mail(event: Event, session: Session) -> None:
    booked = ask(session)
    assert not booked.replayed
    there = find_booking(session.session_id, booked.booking.key)
    assert there == booked.booking
    assert (there.name, there.address, there.places, there.guests) == (
        "Ada",
        "ada@example.org",
        2,
        ("Grace",),
    )
    assert there.source == ""
    assert notice_owed(there).kind == "confirmation"
    assert invariants_hold(session) == 2
    with pytest.raises(AlreadyBooked):
        by_themselves(event, session)


def test_who_is_booked_for_after_a_change_hears_of_it_once_as_the_caller_saw_it(
    event: Event, session: Session
) -> None:
    moved = change_session(
        owner_of(session), event.event_id, session.session_id, {"venue": "The Other Pot"},
        now=NOW - timedelta(seconds=1), expected_version=None,
    )  # fmt: skip
    booked = ask(session).booking
    assert [notice.kind for notice in notices_owed(booked, moved, event, NOW)] == ["confirmation"]


def test_closing_times_and_the_events_party_size_are_no_limit_but_capacity_is(table: Any) -> None:
    event = make_event(closes_at=NOW - timedelta(days=1), places_per_booking_max=2)
    session = make_session(event, capacity=25)
    ask(session, replace(ADA, places=20))
    with pytest.raises(SoldOut):
        ask(session, replace(ADA, email="bob@example.org", places=6))
    ask(session, replace(ADA, email="bob@example.org", places=5))
    assert invariants_hold(session) == 25


def test_a_session_closed_by_hand_says_that_it_can_be_reopened(session: Session) -> None:
    capacity_changes.close(session)
    with pytest.raises(Closed, match="Reopen it"):
        ask(session)
    capacity_changes.reopen(stored(session))
    assert ask(session).booking.places == 2


def test_the_same_key_gets_the_same_booking_again_whatever_became_of_it(
    event: Event, session: Session
) -> None:
    first = ask(session, key="k").booking
    assert ask(session, key="k") == Booked(first, replayed=True)
    with pytest.raises(IdempotencyKeyReused):
        ask(session, replace(ADA, places=3), key="k")
    moved = correct_address(owner_of(event), event.event_id, first.lives_at, "bob@example.org", now=NOW)
    assert ask(session, key="k") == Booked(moved, replayed=True)
    cancelled = capacity.give_back(moved, NOW)
    capacity_changes.close(session)
    assert ask(session, key="k") == Booked(cancelled, replayed=True), "before any rule"
    assert invariants_hold(session) == 0


def test_an_address_that_has_booked_is_named_to_the_organiser_and_not_mailed(
    event: Event, session: Session
) -> None:
    theirs = by_themselves(event, session).booking
    with pytest.raises(AddressHasBooking) as refused:
        ask(session)
    assert refused.value.facts == {"reference": theirs.booking_id[:8].upper(), "booking": theirs.path}
    assert find_booking(session.session_id, theirs.key) == theirs


def test_an_address_books_as_often_as_the_event_allows_whoever_books(table: Any) -> None:
    event = make_event(bookings_per_address_max=2)
    session = make_session(event)
    bookings = [by_themselves(event, session).booking, ask(session, key="k").booking]
    assert [booking.ordinal for booking in bookings] == [0, 1]
    with pytest.raises(AddressHasBooking):
        ask(session)
    assert ask(session, key="k").replayed
    capacity.give_back(bookings[0], NOW)
    assert ask(session).booking.ordinal == 0
    assert invariants_hold(session) == 4


def test_required_questions_may_stay_open_and_wrong_answers_are_refused(table: Any) -> None:
    questions = (Question(question_id="diet", kind="text", label="Diet?", required=True),)
    session = make_session(make_event(questions=questions))
    assert ask(session).booking.answers == {}
    with pytest.raises(Invalid) as refused:
        ask(session, replace(ADA, name="www.buy.com", email="bob", answers={"none": "x"}))
    assert {error.pointer for error in refused.value.errors} == {"/name", "/email", "/answers/none"}


def test_a_host_may_and_the_door_and_strangers_may_not(session: Session) -> None:
    with pytest.raises(Forbidden):
        ask(session, role="door")
    stranger = replace(owner_of(session), organiser_id="somebody-else")
    with pytest.raises(NotFound):
        book_on_behalf(stranger, session.event_id, session.session_id, ADA,
                       idempotency_key=None, now=NOW, booking_id="b" * 24)  # fmt: skip
    assert list(every_booking(session.session_id)) == []


def test_the_public_and_an_organiser_race_for_the_last_places_and_none_is_sold_twice(
    dynamodb_local: Any,
) -> None:
    event = make_event()
    session = make_session(event, capacity=9)

    def come(number: int) -> str:
        name, email = f"P{number}", f"p{number}@example.org"
        try:
            if number % 2:
                ask(session, BookingOnBehalf(name=name, email=email, places=2), key=name)
            else:
                request = BookingRequest(name=name, email=email, places=2, consent=True)
                booking_id = new_id(secrets.token_bytes(15))
                book(event.slug, session.session_id, request,
                     idempotency_key=name, now=NOW, booking_id=booking_id)  # fmt: skip
        except Refusal as refusal:
            return refusal.code
        return "booked"

    with weather(1, conflicts=0.1, lost=0.05), ThreadPoolExecutor(8) as threads:
        ends = list(threads.map(come, range(16)))
    assert ends.count("booked") <= 4
    assert set(ends) <= {"booked", "sold_out", "busy"}
    assert invariants_hold(session) == 8
