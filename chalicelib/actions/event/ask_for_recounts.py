"""Let the clock recount the sessions in which something changed, as the table's stream tells."""

from collections.abc import Sequence

from chalicelib.domain.booking import Booking
from chalicelib.domain.session import Session
from chalicelib.store.recounts import ask_for_recount


def ask_for_recounts(
    bookings: Sequence[tuple[Booking | None, Booking]], sessions: Sequence[tuple[Session | None, Session]]
) -> None:
    """Ask for a recount of each session that these changes, each (before, after), are in.

    Also where people were checked in, which takes no place and owes no email: the figures say who came.
    """
    moved = {
        after.session_id
        for before, after in bookings
        if before is None or _counted(before) != _counted(after)
    }
    for session_id in moved | {after.session_id for _, after in sessions}:
        ask_for_recount(session_id)


def _counted(booking: Booking) -> tuple[str, int, int]:
    return booking.booking_id, booking.version, booking.arrivals_version
