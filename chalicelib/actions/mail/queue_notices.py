"""Queue what a change of the table owes: a notice, or, for an event or a session, work on all of it."""

from collections.abc import Sequence

from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.notices import is_to_be_told, notices_for_change
from chalicelib.domain.session import Session
from chalicelib.store.messages import (
    BookingsSlice,
    CancelledEvent,
    send_notices,
    send_work,
    slices_of_cancelled,
    slices_of_changed,
)


def queue_notices(
    bookings: Sequence[tuple[Booking | None, Booking]],
    sessions: Sequence[tuple[Session | None, Session]],
    events: Sequence[tuple[Event | None, Event]] = (),
) -> tuple[int, int]:
    """Queue what these changes, each (before, after), owe; return how many notices, and how much work.

    Doing it again is safe: the ledger sends a notice once, and cancelling a booking twice is once.
    Raises NotQueued.
    """
    notices = [notice for before, after in bookings for notice in notices_for_change(before, after)]
    work: list[BookingsSlice | CancelledEvent] = [
        part for before, after in sessions for part in _slices(before, after)
    ]
    work += [
        CancelledEvent(event_id=after.event_id, request_id=after.request_id)
        for before, after in events
        if after.status == "cancelled" and (before is None or before.status != "cancelled")
    ]
    send_notices(notices)
    send_work(work)
    return len(notices), len(work)


def _slices(before: Session | None, after: Session) -> list[BookingsSlice]:
    if after.status == "cancelled" and (before is None or before.status != "cancelled"):
        return slices_of_cancelled(after)
    return slices_of_changed(after) if is_to_be_told(before, after) else []
