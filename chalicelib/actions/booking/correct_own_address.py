"""Correct the mail address of one's own booking, in the browser that has just booked it."""

from datetime import datetime

from chalicelib.domain.booking import Booking
from chalicelib.domain.correction import NOTHING_MAILED
from chalicelib.domain.event import Event
from chalicelib.domain.ids import booking_key, source_hash
from chalicelib.domain.refusals import Cancelled, FieldError, Invalid, SessionOver
from chalicelib.domain.session import Session, is_called_off
from chalicelib.store.own_corrections import correct
from chalicelib.store.secrets import key_secret


def correct_own_address(
    event: Event,
    session: Session,
    booking: Booking,
    address: str,
    *,
    now: datetime,
    new_reference: str,
    source: str,
    request_id: str = "",
) -> None:
    """Let the booking go to this (normalised) address, once; ``booking`` is as it is where it was booked.

    Whoever sent the form may have typed anybody's address, so they don't hear whether this one has a booking
    here: then it keeps that one and is mailed it, and the booking of the wrong address ends. It takes as many
    requests, leaves the same at the wrong address, and nobody there is told either.
    Doing it again is safe. It prints ``new_reference`` from then on. ``source`` is the network that asks,
    whom the mail counts against.

    Raises Invalid for the address that it has already, Cancelled, SessionOver, BookingNotLive,
    NotCorrectable, NotFound, or Busy.
    """
    if booking.address == address:
        detail = "We already have this address. Please check each letter."
        raise Invalid([FieldError("/email", "same_address", detail)])
    if is_called_off(event, session, now):
        raise Cancelled
    if now > session.ends_at:
        raise SessionOver(NOTHING_MAILED)
    ordinals = range(event.bookings_per_address_max)
    keys = [booking_key(key_secret(), session.session_id, address, ordinal) for ordinal in ordinals]
    asking = source_hash(key_secret(), source) if source else ""
    correct(booking, address, keys, now, new_reference=new_reference, source=asking, request_id=request_id)
