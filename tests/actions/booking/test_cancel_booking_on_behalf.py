"""Cancelling a booking for its attendee."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.notices import notice_owed
from chalicelib.domain.refusals import Forbidden, NotFound, SessionOver
from chalicelib.store import capacity
from chalicelib.store.bookings import find_booking
from tests.actions.as_routes import cancel_booking_on_behalf
from tests.actions.callers import NOW, owner_of
from tests.making import booking_for, invariants_hold, make_session


def test_a_host_cancels_once_however_often_and_the_attendee_is_owed_the_usual_mail(table: Any) -> None:
    session = make_session()
    booked = capacity.take(session, booking_for(session, "ada", places=3))
    host = owner_of(session, role="host")
    first = cancel_booking_on_behalf(host, session.event_id, booked.lives_at, now=NOW)
    again = cancel_booking_on_behalf(host, session.event_id, booked.lives_at, now=NOW + timedelta(hours=1))
    assert first == again == find_booking(session.session_id, booked.key)
    assert (first.status, first.changed_at, notice_owed(first).kind) == ("cancelled", NOW, "cancellation")
    assert invariants_hold(session) == 0


def test_the_door_strangers_and_those_who_name_another_booking_cancel_nothing(table: Any) -> None:
    session = make_session()
    booked = capacity.take(session, booking_for(session, "ada"))
    owner = owner_of(session)
    other = replace(booked, booking_id="b" * 24).lives_at
    for caller, named, refusal in (
        (owner_of(session, role="door"), booked.lives_at, Forbidden),
        (replace(owner, organiser_id="somebody-else"), booked.lives_at, NotFound),
        (owner, other, NotFound),
    ):
        with pytest.raises(refusal):
            cancel_booking_on_behalf(caller, session.event_id, named, now=NOW)
    assert find_booking(session.session_id, booked.key) == booked


def test_a_host_does_not_cancel_what_took_place(table: Any) -> None:
    session = make_session()
    booked = capacity.take(session, booking_for(session, "ada"))
    host, over = owner_of(session, role="host"), session.ends_at + timedelta(days=30)
    with pytest.raises(SessionOver):
        cancel_booking_on_behalf(host, session.event_id, booked.lives_at, now=over)
    assert find_booking(session.session_id, booked.key) == booked
