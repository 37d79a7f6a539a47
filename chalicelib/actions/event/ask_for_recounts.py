"""Let the clock recount the sessions in which something changed, as the table's stream tells."""

from collections.abc import Sequence

from chalicelib.domain.booking import Booking
from chalicelib.domain.session import Session
from chalicelib.store.recounts import ask_for_recount


def ask_for_recounts(
    bookings: Sequence[tuple[Booking | None, Booking]], sessions: Sequence[tuple[Session | None, Session]]
) -> None:
    """Ask for a recount of each session that these changes, each (before, after), are in.

    Checking people in raises no booking's version: it takes no place, and owes no mail.
    """
    moved = {
        after.session_id
        for before, after in bookings
        if before is None or (before.booking_id, before.version) != (after.booking_id, after.version)
    }
    for session_id in moved | {after.session_id for _, after in sessions}:
        ask_for_recount(session_id)
