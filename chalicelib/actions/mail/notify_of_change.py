"""Queue the notices that one page of the bookings of a session that was moved are owed."""

from msgspec.structs import replace

from chalicelib.domain.notices import change_owed
from chalicelib.store.bookings import bookings_in_partition
from chalicelib.store.events import find_session
from chalicelib.store.messages import BookingsPage, send_notices, send_pages

BOOKINGS_PER_PAGE = 100
"""Ten requests to the queue: done within a second or two, and seldom more than one page for a partition."""


def notify_of_change(page: BookingsPage) -> int:
    """Queue a change notice for whom this page owes one, queue the next page; return how many notices.

    Dying anywhere and doing the page again is safe: the ledger sends each notice once. Who books behind
    the cursor, or after the last page, has the change queued by their own confirmation's mail.
    Does nothing if the session changed once more, which has pages of its own, or was cancelled.

    Raises Busy and NotQueued (do the page again).
    """
    session = find_session(page.event_id, page.session_id)
    if session is None or session.sequence != page.sequence:
        return 0
    bookings = bookings_in_partition(
        page.session_id, page.partition, limit=BOOKINGS_PER_PAGE, after=page.cursor
    )
    notices = [notice for booking in bookings if (notice := change_owed(booking, session))]
    send_notices(notices)
    if len(bookings) == BOOKINGS_PER_PAGE:
        send_pages([replace(page, cursor=bookings[-1].key)])
    return len(notices)
