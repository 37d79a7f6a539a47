"""Change how many places a session has."""

from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.refusals import Cancelled
from chalicelib.domain.session import Session
from chalicelib.store import capacity_changes
from chalicelib.store.events import find_session


def resize_session(caller: Caller, event_id: str, session_id: str, capacity: int) -> Session:
    """Give the session this many places and return it as stored.

    Raises NotFound, Forbidden, Cancelled, BelowBooked, or Busy.
    """
    session = require_session(caller, find_session(event_id, session_id), "organiser")
    if session.status == "cancelled":
        raise Cancelled
    if session.capacity == capacity:
        return session
    return capacity_changes.resize(session, capacity)
