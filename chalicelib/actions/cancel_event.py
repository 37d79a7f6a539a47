"""Cancel an event."""

import msgspec

from chalicelib.domain.event import Event
from chalicelib.domain.organiser import Caller, require_event
from chalicelib.domain.versions import require_version
from chalicelib.store import events


def cancel_event(caller: Caller, event_id: str, *, expected_version: int | None = None) -> Event:
    """Cancel an event for good: from now on none of it can be booked. Cancelling it again changes nothing.

    The stream of changes cancels its sessions, and they their bookings, and owes everybody a mail; that
    is not done here, because an event may have hundreds. Raises NotFound, Forbidden, ChangedMeanwhile,
    or Busy.
    """
    event = require_event(caller, events.find_event(event_id), "organiser")
    if event.status == "cancelled":
        return event
    require_version(event.version, expected_version)
    cancelled = msgspec.structs.replace(event, status="cancelled", version=event.version + 1)
    events.save_event(cancelled, event.version)
    return cancelled
