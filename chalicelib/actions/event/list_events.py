"""List the events that a caller reaches."""

from chalicelib.domain.event import Event
from chalicelib.domain.organiser import Caller
from chalicelib.store.events import events_of


def list_events(caller: Caller) -> list[Event]:
    """Return those events of the caller's organiser that are in the caller's scope, by slug."""
    return [event for event in events_of(caller.organiser_id) if caller.reaches(event.event_id)]
