"""Create an event."""

from chalicelib.domain.event import Event
from chalicelib.domain.event_request import EventRequest, new_event
from chalicelib.domain.organiser import EVERYTHING, Caller, require_role
from chalicelib.domain.refusals import Forbidden
from chalicelib.store import events


def create_event(caller: Caller, request: EventRequest, *, event_id: str) -> Event:
    """Create a draft of an event for the caller's organiser.

    Raises Forbidden for a token that is for some of the organiser's events only, SlugTaken or Busy.
    """
    require_role(caller, "organiser")
    if caller.scope != EVERYTHING:
        raise Forbidden("Your token is for one event; it can't create another.")
    event = new_event(request, event_id=event_id, organiser_id=caller.organiser_id)
    events.create_event(event)
    return event
