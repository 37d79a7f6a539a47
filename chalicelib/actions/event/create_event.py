"""Create an event."""

from chalicelib.domain.event import Event
from chalicelib.domain.event_request import EventRequest, new_event
from chalicelib.domain.once import Created, Once, create_once
from chalicelib.domain.organiser import Caller, require_everything
from chalicelib.store import event_changes
from chalicelib.store.events import find_event
from chalicelib.store.secrets import key_secret


def create_event(
    caller: Caller, request: EventRequest, *, event_id: str, line_seed: str, once: Once | None = None
) -> Created[Event]:
    """Create a draft of an event for the caller's organiser.

    ``line_seed`` is 32 random bytes in hex, for the draw of its queue if it has one. ``once`` takes the place
    of ``event_id``: the same key of the same organiser gets the same event.
    Raises Forbidden for a token that is for some of the organiser's events only, SlugTaken,
    IdempotencyKeyReused, or Busy.
    """
    require_everything(caller)
    wanted = new_event(
        request,
        event_id=once.named(key_secret(), "event", caller.organiser_id) if once else event_id,
        organiser_id=caller.organiser_id,
        line_seed=line_seed,
        fingerprint=once.fingerprint(key_secret()) if once else "",
    )
    return create_once(lambda: _create(wanted), lambda: find_event(wanted.event_id), wanted.fingerprint)


def _create(event: Event) -> Event:
    event_changes.create_event(event)
    return event
