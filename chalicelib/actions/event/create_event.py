"""Create an event."""

from chalicelib.domain.event import Event
from chalicelib.domain.event_request import EventRequest, new_event
from chalicelib.domain.organiser import Caller, require_everything
from chalicelib.store import event_changes


def create_event(caller: Caller, request: EventRequest, *, event_id: str, line_seed: str) -> Event:
    """Create a draft of an event for the caller's organiser.

    ``line_seed`` is 32 random bytes in hex, for the draw of its queue if it has one.
    Raises Forbidden for a token that is for some of the organiser's events only, SlugTaken or Busy.
    """
    require_everything(caller)
    event = new_event(request, event_id=event_id, organiser_id=caller.organiser_id, line_seed=line_seed)
    event_changes.create_event(event)
    return event
