"""Change an event."""

from chalicelib.domain.event import Event
from chalicelib.domain.event_request import changed_event
from chalicelib.domain.organiser import Caller, require_event
from chalicelib.domain.refusals import Cancelled
from chalicelib.domain.versions import require_version
from chalicelib.store import events


def change_event(caller: Caller, event_id: str, patch: object, *, expected_version: int | None) -> Event:
    """Apply a JSON merge patch to an event and return it as stored.

    Raises NotFound, Forbidden, Cancelled, ChangedMeanwhile (it is not at ``expected_version``),
    Invalid, or Busy.
    """
    event = require_event(caller, events.find_event(event_id), "organiser")
    if event.status == "cancelled":
        raise Cancelled
    require_version(event.version, expected_version)
    changed = changed_event(event, patch)
    events.save_event(changed, event.version)
    return changed
