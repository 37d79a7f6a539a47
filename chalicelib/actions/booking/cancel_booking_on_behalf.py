"""Cancel a booking for its attendee."""

from datetime import datetime

from chalicelib.actions.booking.cancel_booking import cancel_booking
from chalicelib.domain.booking import Booking, require_there
from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.session import Session


def cancel_booking_on_behalf(
    caller: Caller,
    session: Session | None,
    booking: Booking | None,
    *,
    now: datetime,
    request_id: str = "",
) -> Booking:
    """Cancel this booking as its attendee might, who gets the usual mail. Again changes nothing.

    Raises NotFound, Forbidden, SessionOver, PartyArrived, or Busy.
    """
    found = require_session(caller, session, "host")
    return cancel_booking(found, require_there(booking), now=now, request_id=request_id)
