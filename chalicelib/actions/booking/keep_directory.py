"""Keep the directory in step with what was booked, corrected or erased."""

from collections.abc import Sequence

from chalicelib.domain.booking import Booking
from chalicelib.store.directory import follow, list_again


def keep_directory(changes: Sequence[tuple[Booking | None, Booking | None]]) -> None:
    """Write and remove the entries that these changes of bookings, each (before, after), make and unmake.

    Doing it again is safe. If it fails, the caller tries again, and the sessions are listed anew in any
    case: meanwhile nobody takes a missing entry for a missing booking. Raises Busy.
    """
    try:
        follow(changes)
    except Exception:
        list_again(booking.session_id for change in changes for booking in change if booking)
        raise
