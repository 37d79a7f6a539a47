"""Correct the mail address of a booking."""

from datetime import datetime

from chalicelib.domain.booking import Booking, require_there
from chalicelib.domain.correction import NOTHING_MAILED
from chalicelib.domain.event import Event
from chalicelib.domain.ids import booking_key
from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.refusals import Cancelled, NotFound, SessionOver
from chalicelib.domain.session import Session
from chalicelib.store.moves import move
from chalicelib.store.secrets import key_secret


def correct_address(
    caller: Caller,
    event: Event | None,
    session: Session | None,
    booking: Booking | None,
    address: str,
    *,
    keep_links: bool = False,
    now: datetime,
    new_reference: str,
    request_id: str = "",
) -> Booking:
    """Give the booking this (normalised) address instead of its own, and owe it the confirmation there.

    It stays the same booking, with its places and its answers. Links, ticket and reference that were emailed
    before stop working, and it prints ``new_reference``, unless ``keep_links``. An address that it has
    already changes nothing and sends no email. So asking again after a lost answer is safe. send_mail_again
    sends the email again.

    Raises NotFound, Forbidden, Cancelled, SessionOver, BookingNotLive, AddressHasBooking, or Busy.
    """
    session = require_session(caller, session, "host")
    booking = require_there(booking)
    if booking.address == address:
        return booking
    if session.status == "cancelled":
        raise Cancelled("This session is cancelled, so the address can't be corrected.")
    if now > session.ends_at:
        raise SessionOver(NOTHING_MAILED)
    if event is None:
        raise NotFound("This event was deleted.")
    ordinals = range(event.bookings_per_address_max)
    keys = [booking_key(key_secret(), session.session_id, address, ordinal) for ordinal in ordinals]
    return move(
        booking,
        address,
        keys,
        now,
        new_reference=new_reference,
        keep_links=keep_links,
        request_id=request_id,
    )
