"""Cancel one slice of the bookings of a session that was cancelled."""

from datetime import datetime

from msgspec.structs import replace

from chalicelib.actions.booking.cancel_booking import cancel_booking
from chalicelib.store.bookings import bookings_in_partition
from chalicelib.store.events import find_session
from chalicelib.store.messages import BookingsSlice, send_work

BOOKINGS_PER_SLICE = 25
"""Few enough that a slice is done well within the function's time-out, even if every one is tried again."""


def cancel_session_bookings(part: BookingsSlice, *, now: datetime) -> int:
    """Cancel this slice's bookings, queue the next slice, and return how many were cancelled.

    Dying anywhere and doing the slice again is safe: what is cancelled stays so, and owes its one
    notice by its own change. The session's counters were closed before, so nothing joins the list
    behind the cursor. Does nothing if the session is not cancelled.

    Raises Busy (do the slice again) and NotQueued.
    """
    session = find_session(part.event_id, part.session_id)
    if session is None or session.status != "cancelled":
        return 0
    bookings = bookings_in_partition(
        part.session_id, part.partition, limit=BOOKINGS_PER_SLICE, after=part.cursor
    )
    live = [booking for booking in bookings if booking.status == "confirmed"]
    for booking in live:
        # Also of those who have come: nothing takes place for them either, and they have to be told.
        # And also if this slice was late: the session was cancelled before its end.
        cancel_booking(session, booking, now=now, with_its_session=True, request_id=session.request_id)
    if len(bookings) == BOOKINGS_PER_SLICE:
        send_work([replace(part, cursor=bookings[-1].key)])
    return len(live)
