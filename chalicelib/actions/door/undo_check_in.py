"""Undo a check-in: the wrong party was scanned, or too many were let in."""

from chalicelib.domain.booking import Booking
from chalicelib.domain.check_in import check_in_undone
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.organiser import Caller, require_session
from chalicelib.store.bookings import require_booking
from chalicelib.store.check_ins import change_arrivals
from chalicelib.store.events import find_session


def undo_check_in(
    caller: Caller, event_id: str, session_id: str, address: BookingAddress, nonce: str
) -> Booking:
    """Take back what this scan checked in, and return the booking without it. Again changes nothing.

    The scan stays spent: sent once more, late, it checks nobody in. Any token that may check in may undo,
    whoever checked in. Raises NotFound, BookingCancelled, or Busy.
    """
    require_session(caller, find_session(event_id, session_id), "door")
    return change_arrivals(require_booking(address), lambda standing: check_in_undone(standing, nonce))
