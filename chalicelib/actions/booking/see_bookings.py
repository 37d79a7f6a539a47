"""See who has booked a session."""

from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.session import Session


def see_bookings(caller: Caller, session: Session | None) -> Session:
    """Return the session if this caller may see who has booked it. Raises NotFound or Forbidden."""
    return require_session(caller, session, "host")
