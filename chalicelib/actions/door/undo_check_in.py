"""Undo a check-in: the wrong party was scanned, or too many were let in."""

from chalicelib.domain.booking import Booking, require_there
from chalicelib.domain.check_in import check_in_undone
from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.session import Session
from chalicelib.store.check_ins import change_arrivals


def undo_check_in(caller: Caller, session: Session | None, booking: Booking | None, nonce: str) -> Booking:
    """Take back what this scan checked in, and return the booking without it. Again changes nothing.

    The scan stays spent: sent once more, late, it checks nobody in. Any token that may check in may undo,
    whoever checked in. Raises NotFound, BookingCancelled, or Busy.
    """
    require_session(caller, session, "door")
    return change_arrivals(require_there(booking), lambda standing: check_in_undone(standing, nonce))
