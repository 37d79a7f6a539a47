"""Correct the mail address of a booking."""

from datetime import datetime

from chalicelib.domain.booking import Booking
from chalicelib.domain.correction import NOTHING_MAILED
from chalicelib.domain.ids import booking_key
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.refusals import Cancelled, SessionOver
from chalicelib.store.bookings import require_booking
from chalicelib.store.events import find_event, find_session
from chalicelib.store.moves import move
from chalicelib.store.secrets import key_secret


def correct_address(
    caller: Caller, event_id: str, booked_at: BookingAddress, address: str, *, now: datetime
) -> Booking:
    """Give the booking this (normalised) address instead of its own, and owe it the confirmation there.

    It stays the same booking, with its places, its reference and its answers; the links that were mailed
    before still open it. An address that it has already changes nothing and mails nobody: so asking again
    after a lost answer is safe, and mailing again is send_mail_again's.

    Raises NotFound, Forbidden, Cancelled, SessionOver, BookingNotLive, AddressHasBooking, or Busy.
    """
    session = require_session(caller, find_session(event_id, booked_at.session_id), "host")
    booking = require_booking(booked_at)
    if booking.address == address:
        return booking
    if session.status == "cancelled":
        raise Cancelled
    if now > session.ends_at:
        raise SessionOver(NOTHING_MAILED)
    event = find_event(event_id)
    if event is None:
        raise LookupError("a session whose event is gone")
    ordinals = range(event.bookings_per_address_max)
    keys = [booking_key(key_secret(), session.session_id, address, ordinal) for ordinal in ordinals]
    return move(booking, address, keys, now)
