"""Cancelling: once, by whoever holds the link, and only the booking that the link was for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.booking import Booking
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.refusals import Busy, NotFound, SessionOver
from chalicelib.store import capacity, outcomes
from chalicelib.store.bookings import find_booking
from tests.actions.as_routes import cancel_booking
from tests.faults import weather
from tests.making import booking_for, invariants_hold, make_session

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)


def address_of(booking: Booking) -> BookingAddress:
    return BookingAddress(booking.session_id, booking.key, booking.booking_id)


def test_cancelling_gives_the_places_back_and_says_when(table: Any) -> None:
    session = make_session(capacity=10)
    booked = capacity.take(session, booking_for(session, "ada", places=4))
    cancelled = cancel_booking(address_of(booked), now=NOW)
    assert (cancelled.status, cancelled.changed_at) == ("cancelled", NOW)
    assert invariants_hold(session) == 0


def test_cancelling_again_changes_nothing(table: Any) -> None:
    session = make_session(capacity=10)
    booked = capacity.take(session, booking_for(session, "ada", places=4))
    first = cancel_booking(address_of(booked), now=NOW)
    assert cancel_booking(address_of(booked), now=datetime.now(UTC)) == first


def test_what_was_never_booked_or_is_another_booking_by_now_is_not_found(table: Any) -> None:
    session = make_session(capacity=10)
    unknown = booking_for(session, "nobody")
    with pytest.raises(NotFound):
        cancel_booking(address_of(unknown), now=NOW)
    first = capacity.take(session, booking_for(session, "ada"))
    cancel_booking(address_of(first), now=NOW)
    second = capacity.take(session, booking_for(session, "ada"))
    with pytest.raises(NotFound):
        cancel_booking(address_of(first), now=NOW)
    assert find_booking(session.session_id, second.key) == second


def test_a_cancellation_that_always_loses_says_busy_and_changes_nothing(
    dynamodb_local: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "BUDGET_SECONDS", 0.3)
    session = make_session(capacity=10)
    booked = capacity.take(session, booking_for(session, "ada", places=4))
    with weather(0, conflicts=1.0), pytest.raises(Busy):
        cancel_booking(address_of(booked), now=NOW)
    assert find_booking(session.session_id, booked.key) == booked
    assert invariants_hold(session) == 4


def test_nobody_cancels_what_took_place_but_a_cancelled_session_still_ends_its_bookings(table: Any) -> None:
    session = make_session(capacity=10)
    booked = capacity.take(session, booking_for(session, "ada", places=4))
    over = session.ends_at + timedelta(seconds=1)
    with pytest.raises(SessionOver):
        cancel_booking(address_of(booked), now=over)
    assert find_booking(session.session_id, booked.key) == booked
    cancelled = cancel_booking(address_of(booked), now=over, with_its_session=True)
    assert (cancelled.status, invariants_hold(session)) == ("cancelled", 0)
    assert cancel_booking(address_of(booked), now=over) == cancelled
