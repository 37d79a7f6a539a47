"""Create a session of an event."""

from chalicelib.domain.event import Event
from chalicelib.domain.organiser import Caller, require_event
from chalicelib.domain.refusals import Cancelled
from chalicelib.domain.session import Session
from chalicelib.domain.session_request import SessionRequest, new_session
from chalicelib.store import event_changes
from chalicelib.store.pools import counters_for, open_pool


def create_session(
    caller: Caller, event: Event | None, request: SessionRequest, *, session_id: str
) -> Session:
    """Create a session of the event, open for booking as soon as the event is.

    Its places come first: should we die in between, they belong to a session that never was, which
    harms nobody. Raises NotFound, Forbidden, Cancelled, or Busy.
    """
    event = require_event(caller, event, "organiser")
    if event.status == "cancelled":
        raise Cancelled
    session = new_session(
        request,
        session_id=session_id,
        event_id=event.event_id,
        organiser_id=event.organiser_id,
        counters=counters_for(request.capacity),
    )
    open_pool(session_id, session.capacity)
    event_changes.create_session(session)
    return session
