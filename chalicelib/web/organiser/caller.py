"""The session that a call is about."""

from chalicelib.domain.organiser import Caller, Role, require_session
from chalicelib.domain.session import Session
from chalicelib.store.events import find_session


def session_for(caller: Caller, event_id: str, session_id: str, least: Role) -> Session:
    """Return the session as it is now, if this caller may do to it what needs the role ``least``.

    Raises NotFound, or Forbidden.
    """
    return require_session(caller, find_session(event_id, session_id), least)
