"""Queue what a change of the table owes: a notice, or, for an event or a session, work on all of it."""

from collections.abc import Sequence

from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.notices import is_to_be_told, notice_for_change
from chalicelib.domain.session import Session
from chalicelib.store.messages import (
    BookingsPage,
    CancelledEvent,
    pages_of_cancelled,
    pages_of_changed,
    send_notices,
    send_pages,
)


def queue_notices(
    bookings: Sequence[tuple[Booking | None, Booking]],
    sessions: Sequence[tuple[Session | None, Session]],
    events: Sequence[tuple[Event | None, Event]] = (),
) -> tuple[int, int]:
    """Queue what these changes, each (before, after), owe; return how many notices and how many pages.

    Doing it again is safe: the ledger sends a notice once, and cancelling a booking twice is once.
    Raises NotQueued.
    """
    notices = [notice for before, after in bookings if (notice := notice_for_change(before, after))]
    pages: list[BookingsPage | CancelledEvent] = [
        page for before, after in sessions for page in _pages(before, after)
    ]
    pages += [
        CancelledEvent(event_id=after.event_id)
        for before, after in events
        if after.status == "cancelled" and (before is None or before.status != "cancelled")
    ]
    send_notices(notices)
    send_pages(pages)
    return len(notices), len(pages)


def _pages(before: Session | None, after: Session) -> list[BookingsPage]:
    if after.status == "cancelled" and (before is None or before.status != "cancelled"):
        return pages_of_cancelled(after)
    return pages_of_changed(after) if is_to_be_told(before, after) else []
