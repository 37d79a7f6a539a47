"""Queue the notices of a session's bookings that have come due, one slice of a partition for each message."""

from datetime import datetime

from msgspec.structs import replace

from chalicelib.domain.kinds import is_due
from chalicelib.domain.notices import notices_owed
from chalicelib.settings import settings
from chalicelib.store.bookings import bookings_in_partition
from chalicelib.store.events import find_event, find_session
from chalicelib.store.messages import DELAY_SECONDS_MAX, DueWork, send_notices, send_work
from chalicelib.store.partitions import BOOKING_PARTITIONS

BOOKINGS_PER_SLICE = 100
"""As notify_of_change has it."""


def notify_when_due(work: DueWork, *, now: datetime) -> int:
    """Queue a notice for whom this slice owes one, and the next slice; return how many notices.

    What names no partition yet is given them all. Dying anywhere and doing it again is safe: the ledger
    sends each notice once. Does nothing if it is not due: the session moved and has another item by now, or
    is off or begun, or its event doesn't want it.

    Raises NotQueued (do it again).
    """
    session, event = find_session(work.event_id, work.session_id), find_event(work.event_id)
    if session is None or not is_due(work.kind, event, session, now):
        return 0
    if work.partition is None:
        send_work([replace(work, partition=partition) for partition in BOOKING_PARTITIONS])
        return 0
    bookings = bookings_in_partition(
        work.session_id, work.partition, limit=BOOKINGS_PER_SLICE, after=work.cursor
    )
    owed = [notice for booking in bookings for notice in notices_owed(booking, session, event, now)]
    notices = [notice for notice in owed if notice.kind == work.kind]
    # What may be due at this moment, here and elsewhere, leaves half of the rate to confirmations.
    seconds = 2 * session.capacity * work.together / settings().mails_per_second
    send_notices(notices, spread_seconds=min(DELAY_SECONDS_MAX, int(seconds)))
    if len(bookings) == BOOKINGS_PER_SLICE:
        send_work([replace(work, cursor=bookings[-1].key)])
    return len(notices)
