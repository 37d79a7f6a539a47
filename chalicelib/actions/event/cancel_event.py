"""Cancel an event."""

from datetime import datetime

import msgspec

from chalicelib.domain.deletion_refusals import StillDraft
from chalicelib.domain.event import Event
from chalicelib.domain.organiser import Caller, require_event
from chalicelib.domain.versions import require_version
from chalicelib.store.queues import save_event_and_queue


def cancel_event(
    caller: Caller,
    event: Event | None,
    *,
    now: datetime,
    expected_version: int | None = None,
    reason: str | None = None,
    request_id: str = "",
) -> Event:
    """Cancel an event for good: from now on none of it can be booked.

    Cancelling it again changes nothing, not even the ``reason``.

    The stream of changes cancels its sessions, and they their bookings, and owes everybody a mail; that
    is not done here, because an event may have hundreds. Raises NotFound, Forbidden, StillDraft,
    ChangedMeanwhile, or Busy.
    """
    event = require_event(caller, event, "organiser")
    if event.status == "draft":
        raise StillDraft
    if event.status == "cancelled":
        return event
    require_version(event.version, expected_version)
    cancelled = msgspec.structs.replace(
        event,
        status="cancelled",
        cancellation_reason=reason,
        version=event.version + 1,
        request_id=request_id,
    )
    save_event_and_queue(cancelled, event, now)
    return cancelled
