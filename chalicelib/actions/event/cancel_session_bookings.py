"""Cancel one page of the bookings of a session that was cancelled."""

from datetime import datetime

from msgspec.structs import replace

from chalicelib.actions.booking.cancel_booking import cancel_booking
from chalicelib.domain.links import BookingAddress
from chalicelib.store.bookings import bookings_in_partition
from chalicelib.store.events import find_session
from chalicelib.store.messages import BookingsPage, send_pages

BOOKINGS_PER_PAGE = 25
"""Few enough that a page is done well within the function's time-out, even if every one is tried again."""


def cancel_session_bookings(page: BookingsPage, *, now: datetime) -> int:
    """Cancel this page's bookings, queue the next page, and return how many were cancelled.

    Dying anywhere and doing the page again is safe: what is cancelled stays so, and owes its one
    notice by its own change. The session's counters were closed before, so nothing joins the list
    behind the cursor. Does nothing if the session is not cancelled.

    Raises Busy (do the page again) and NotQueued.
    """
    session = find_session(page.event_id, page.session_id)
    if session is None or session.status != "cancelled":
        return 0
    bookings = bookings_in_partition(
        page.session_id, page.partition, limit=BOOKINGS_PER_PAGE, after=page.cursor
    )
    live = [booking for booking in bookings if booking.status == "confirmed"]
    for booking in live:
        address = BookingAddress(booking.session_id, booking.key, booking.booking_id)
        # Also of those who have come: nothing takes place for them either, and they have to be told.
        # And also if this page was late: the session was cancelled before its end.
        cancel_booking(address, now=now, with_its_session=True)
    if len(bookings) == BOOKINGS_PER_PAGE:
        send_pages([replace(page, cursor=bookings[-1].key)])
    return len(live)
