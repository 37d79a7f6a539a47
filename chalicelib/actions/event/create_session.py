"""Create a session of an event."""

from chalicelib.domain.event import Event, require_event_changeable
from chalicelib.domain.once import Created, Once, create_once
from chalicelib.domain.organiser import Caller, require_event
from chalicelib.domain.session import Session
from chalicelib.domain.session_request import SessionRequest, new_session
from chalicelib.store import event_changes
from chalicelib.store.events import find_session
from chalicelib.store.pools import counters_for, open_pool
from chalicelib.store.secrets import key_secret


def create_session(
    caller: Caller, event: Event | None, request: SessionRequest, *, session_id: str, once: Once | None = None
) -> Created[Session]:
    """Create a session of the event, open for booking as soon as the event is.

    ``once`` takes the place of ``session_id``: the same key in the same event gets the same session.
    Raises NotFound, Forbidden, Cancelled, IdempotencyKeyReused, or Busy.
    """
    event = require_event(caller, event, "organiser")
    wanted = new_session(
        request,
        session_id=once.named(key_secret(), "session", event.event_id) if once else session_id,
        event_id=event.event_id,
        organiser_id=event.organiser_id,
        counters=counters_for(request.capacity),
        fingerprint=once.fingerprint(key_secret()) if once else "",
    )
    return create_once(
        lambda: _create(event, wanted),
        lambda: find_session(wanted.event_id, wanted.session_id),
        wanted.fingerprint,
    )


def _create(event: Event, session: Session) -> Session:
    require_event_changeable(event)
    if event.zones is not None and session.zone not in event.zones:
        event_changes.add_zone(event.event_id, session.zone)
    # Its places come first: should we die in between, they belong to a session that never was, which harms
    # nobody, and the same request sent again finds them.
    open_pool(session.session_id, session.capacity)
    event_changes.create_session(session)
    return session
