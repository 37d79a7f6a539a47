"""Correcting a booking's address: who may, what moves, what stays, and which mail goes where."""

import secrets
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.actions.booking.book import Booked
from chalicelib.domain.booking import Booking
from chalicelib.domain.booking_request import BookingRequest
from chalicelib.domain.correction import AddressHasBooking, BookingNotLive
from chalicelib.domain.event import Event
from chalicelib.domain.ids import new_id
from chalicelib.domain.notices import notice_owed
from chalicelib.domain.refusals import Cancelled, Forbidden, IdempotencyKeyReused, NotFound, SessionOver
from chalicelib.domain.session import Session
from chalicelib.store import capacity, capacity_changes
from chalicelib.store.bookings import every_booking, find_booking, find_booking_at, item_from
from chalicelib.store.messages import send_notices
from tests.actions.as_routes import book, correct_address
from tests.actions.callers import NOW, owner_of, stored
from tests.mail_chain import Chain, calendar_of, mails
from tests.making import invariants_hold, make_event, make_session

LATER = NOW + timedelta(hours=1)
RIGHT = "ada@example.org"


@pytest.fixture
def event(table: Any) -> Event:
    return make_event()


@pytest.fixture
def session(event: Event) -> Session:
    return make_session(event, capacity=20)


def ask(session: Session, event: Event, email: str = "adda@example.org", *, key: str = "key-1") -> Booked:
    request = BookingRequest(name="Ada", email=email, places=2, guests=("Grace",), consent=True)
    booking_id = new_id(secrets.token_bytes(15))
    return book(event.slug, session.session_id, request, idempotency_key=key, now=NOW, booking_id=booking_id)


def correct(booking: Booking, event: Event, address: str = RIGHT) -> Booking:
    return correct_address(owner_of(event), event.event_id, booking.lives_at, address, now=LATER)


def test_the_same_booking_is_then_at_the_right_address_and_nothing_personal_at_the_wrong_one(
    event: Event, session: Session
) -> None:
    booked = replace(ask(session, event).booking, answers={"diet": "vegan"}, source="s" * 16)
    item_from(booked).save()
    corrected = correct(booked, event)
    assert corrected == replace(
        booked, key=corrected.key, address=RIGHT, asked_from="", version=2, changed_at=LATER, mailed_at=LATER,
        new_reference=corrected.new_reference,
    )  # fmt: skip
    assert find_booking(session.session_id, corrected.key) == corrected
    assert (corrected.source, corrected.emails_caused_by) == (booked.source, "")
    left = find_booking(session.session_id, booked.key)
    assert left is not None
    assert (left.status, left.moved_to, left.booking_id) == ("moved", corrected.key, booked.booking_id)
    assert (left.name, left.address, left.source, left.guests, left.answers) == ("", "", "", (), {})
    assert left.allocation == {}
    assert invariants_hold(session) == 2
    assert len(list(every_booking(session.session_id))) == 2


def test_an_address_that_it_has_already_changes_nothing_and_mails_nobody(
    event: Event, session: Session
) -> None:
    corrected = correct(ask(session, event).booking, event)
    assert correct(corrected, event) == corrected
    assert correct(ask(session, event).booking, event) == corrected, "by its old place too"
    assert find_booking(session.session_id, corrected.key) == corrected


def test_an_address_that_has_booked_here_is_refused_by_that_bookings_name(
    event: Event, session: Session
) -> None:
    wrong, right = ask(session, event).booking, ask(session, event, RIGHT, key="key-2").booking
    with pytest.raises(AddressHasBooking) as refused:
        correct(wrong, event)
    assert refused.value.facts == {"reference": right.booking_id[:8].upper(), "booking": right.path}
    assert find_booking(session.session_id, right.key) == right
    assert find_booking(session.session_id, wrong.key) == wrong


def test_where_an_address_may_book_several_times_it_takes_its_next_place(table: Any) -> None:
    event = make_event(bookings_per_address_max=2)
    session = make_session(event)
    ask(session, event, RIGHT, key="key-2")
    corrected = correct(ask(session, event).booking, event)
    assert (corrected.address, corrected.ordinal) == (RIGHT, 1)
    with pytest.raises(AddressHasBooking):
        correct(ask(session, event, "third@example.org", key="key-3").booking, event)
    assert invariants_hold(session) == 6


def test_it_moves_to_an_address_whose_booking_was_cancelled_and_back_again(
    event: Event, session: Session
) -> None:
    capacity.give_back(ask(session, event, RIGHT, key="key-2").booking, NOW)
    booked = ask(session, event).booking
    there = correct(booked, event)
    back = correct(there, event, "adda@example.org")
    assert (back.key, back.version, back.booking_id) == (booked.key, 3, booked.booking_id)
    assert find_booking_at(there.lives_at) == back
    assert invariants_hold(session) == 2


def test_what_is_cancelled_or_over_or_unknown_is_not_corrected(event: Event, session: Session) -> None:
    booked = ask(session, event).booking
    with pytest.raises(NotFound):
        correct(replace(booked, booking_id="b" * 24), event)
    with pytest.raises(SessionOver):
        correct_address(
            owner_of(event),
            event.event_id,
            booked.lives_at,
            RIGHT,
            now=session.ends_at + timedelta(seconds=1),
        )
    cancelled = capacity.give_back(ask(session, event, "bob@example.org", key="key-2").booking, NOW)
    with pytest.raises(BookingNotLive):
        correct(cancelled, event)
    capacity_changes.cancel_session(stored(session))
    with pytest.raises(Cancelled):
        correct(booked, event)
    assert find_booking(session.session_id, booked.key) == booked


def test_a_host_corrects_and_the_door_and_strangers_do_not(event: Event, session: Session) -> None:
    booked = ask(session, event).booking
    stranger = replace(owner_of(event), organiser_id="somebody-else")
    for caller, refusal in ((owner_of(event, role="door"), Forbidden), (stranger, NotFound)):
        with pytest.raises(refusal):
            correct_address(caller, event.event_id, booked.lives_at, RIGHT, now=LATER)
    host = owner_of(event, role="host", scope=f"session:{event.event_id}:{session.session_id}")
    assert correct_address(host, event.event_id, booked.lives_at, RIGHT, now=LATER).address == RIGHT


# The wrong address, afterwards


def test_a_late_copy_of_the_request_that_booked_is_answered_with_the_booking_where_it_is(
    event: Event, session: Session
) -> None:
    corrected = correct(ask(session, event).booking, event)
    assert ask(session, event) == Booked(corrected, replayed=True)
    request = BookingRequest(name="Eve", email="adda@example.org", consent=True)
    with pytest.raises(IdempotencyKeyReused):
        book(event.slug, session.session_id, request, idempotency_key="key-1", now=NOW, booking_id="b" * 24)
    cancelled = capacity.give_back(corrected, LATER)
    assert ask(session, event) == Booked(cancelled, replayed=True)
    assert invariants_hold(session) == 0


def test_a_late_copy_is_told_cancelled_when_the_right_address_cancelled_and_booked_again(
    event: Event, session: Session
) -> None:
    capacity.give_back(correct(ask(session, event).booking, event), LATER)
    ask(session, event, RIGHT, key="key-2")
    again = ask(session, event)
    assert (again.booking.status, again.replayed) == ("cancelled", True)


def test_the_wrong_address_may_book_for_itself(event: Event, session: Session) -> None:
    first = ask(session, event).booking
    corrected = correct(first, event)
    theirs = ask(session, event, key="key-2").booking
    assert theirs.key == first.key
    assert theirs.booking_id != first.booking_id
    assert find_booking_at(first.lives_at) is None, "its old links are theirs to overwrite"
    assert find_booking_at(corrected.lives_at) == corrected
    assert invariants_hold(session) == 4


# The mail


@pytest.mark.usefixtures("neighbours")
def test_one_mail_goes_to_the_right_address_above_the_one_that_went_wrong_and_none_for_the_move(
    table: Any, event: Event, session: Session
) -> None:
    chain = Chain(table)
    booked = ask(session, event).booking
    chain.settle()
    corrected = correct(booked, event)
    chain.settle()
    wrong, right = mails()
    assert (wrong["To"], right["To"]) == ("adda@example.org", RIGHT)
    entries = [calendar_of(mail) for mail in (wrong, right)]
    assert entries[0]["UID"] == entries[1]["UID"]
    assert [(entry["METHOD"], entry["SEQUENCE"]) for entry in entries] == [("REQUEST", "0"), ("REQUEST", "1")]
    capacity.give_back(corrected, LATER)
    chain.settle()
    assert [mail["To"] for mail in mails()] == ["adda@example.org", RIGHT, RIGHT]


@pytest.mark.usefixtures("neighbours")
def test_a_confirmation_still_waiting_when_its_address_is_corrected_is_not_sent(
    table: Any, event: Event, session: Session
) -> None:
    chain = Chain(table)
    booked = ask(session, event).booking
    chain.run_stream()
    corrected = correct(booked, event)
    chain.deliver()
    assert mails() == []
    chain.settle()
    send_notices([notice_owed(booked)])
    chain.deliver()
    assert [mail["To"] for mail in mails()] == [RIGHT]
    assert corrected.address == RIGHT
