"""Change an event."""

from datetime import datetime

from chalicelib.domain.event import Event, require_event_changeable
from chalicelib.domain.event_request import changed_event
from chalicelib.domain.organiser import Caller, require_event
from chalicelib.domain.versions import require_version
from chalicelib.store.queues import save_event_and_queue


def change_event(
    caller: Caller,
    event: Event | None,
    patch: object,
    *,
    expected_version: int | None,
    now: datetime,
    line_seed: str,
) -> Event:
    """Apply a JSON merge patch to an event and return it as stored.

    ``line_seed`` is 32 random bytes in hex: a draw of its queue that is yet to come hangs on it from now on.

    Raises NotFound, Forbidden, Cancelled, ChangedMeanwhile (it is not at ``expected_version``),
    Invalid, or Busy.
    """
    event = require_event(caller, event, "organiser")
    require_event_changeable(event)
    require_version(event.version, expected_version)
    changed = changed_event(event, patch, now=now, line_seed=line_seed)
    save_event_and_queue(changed, event, now)
    return changed
