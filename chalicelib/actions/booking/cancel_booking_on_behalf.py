"""Cancel a booking for its attendee."""

from datetime import datetime

from chalicelib.actions.booking.cancel_booking import cancel_booking
from chalicelib.domain.booking import Booking
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.organiser import Caller, require_session
from chalicelib.store.events import find_session


def cancel_booking_on_behalf(
    caller: Caller, event_id: str, booked_at: BookingAddress, *, now: datetime
) -> Booking:
    """Cancel this booking as its attendee might, who gets the usual mail. Again changes nothing.

    Raises NotFound, Forbidden, SessionOver, PartyArrived, or Busy.
    """
    require_session(caller, find_session(event_id, booked_at.session_id), "host")
    return cancel_booking(booked_at, now=now)
