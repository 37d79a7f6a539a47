"""See a session, also one of an event that is a draft."""

from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.session import Session


def see_session(caller: Caller, session: Session | None) -> Session:
    """Return the session if this caller may see it. Raises NotFound or Forbidden."""
    return require_session(caller, session, "door")
