"""Cancel a session."""

from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.session import Session
from chalicelib.store import capacity_changes
from chalicelib.store.events import find_session


def cancel_session(caller: Caller, event_id: str, session_id: str) -> Session:
    """Cancel a session for good. Cancelling it again changes nothing.

    The stream of changes cancels its bookings and owes everybody a mail; that is not done here,
    because a session may have thousands. Raises NotFound, Forbidden, or Busy.
    """
    session = require_session(caller, find_session(event_id, session_id), "organiser")
    if session.status == "cancelled":
        return session
    return capacity_changes.cancel_session(session)
