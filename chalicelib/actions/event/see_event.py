"""See an event, also one that is a draft."""

from chalicelib.domain.event import Event
from chalicelib.domain.organiser import Caller, require_event


def see_event(caller: Caller, event: Event | None) -> Event:
    """Return the event if this caller may see it. Raises NotFound or Forbidden."""
    return require_event(caller, event, "door")
