"""Queue the notices that one slice of the bookings of a session that was moved are owed."""

from msgspec.structs import replace

from chalicelib.domain.notices import notices_of_session
from chalicelib.store.bookings import bookings_in_partition
from chalicelib.store.events import find_session
from chalicelib.store.messages import BookingsSlice, send_notices, send_work

BOOKINGS_PER_SLICE = 100
"""Ten requests to the queue: done within a second or two, and seldom more than one slice for a partition."""


def notify_of_change(part: BookingsSlice) -> int:
    """Queue a notice for whom this slice owes one, queue the next slice; return how many notices.

    Dying anywhere and doing the slice again is safe: the ledger sends each notice once. Who books behind
    the cursor, or after the last slice, has the change queued by their own confirmation's mail.
    Does nothing if the session changed once more, which has slices of its own, or was cancelled.

    Raises Busy and NotQueued (do the slice again).
    """
    session = find_session(part.event_id, part.session_id)
    if session is None or session.told_sequence != part.sequence:
        return 0
    bookings = bookings_in_partition(
        part.session_id, part.partition, limit=BOOKINGS_PER_SLICE, after=part.cursor
    )
    notices = [notice for booking in bookings for notice in notices_of_session(booking, session)]
    send_notices(notices)
    if len(bookings) == BOOKINGS_PER_SLICE:
        send_work([replace(part, cursor=bookings[-1].key)])
    return len(notices)
