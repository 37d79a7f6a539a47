"""Change how many places a session has."""

from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.session import Session, require_session_changeable
from chalicelib.domain.versions import require_version
from chalicelib.store import capacity_changes


def resize_session(
    caller: Caller,
    session: Session | None,
    capacity: int,
    *,
    expected_version: int | None = None,
) -> Session:
    """Give the session this many places and return it as stored.

    Raises NotFound, Forbidden, Cancelled, ChangedMeanwhile (it is not at ``expected_version``),
    BelowBooked, or Busy.
    """
    session = require_session(caller, session, "organiser")
    require_session_changeable(session)
    require_version(session.version, expected_version)
    if session.capacity == capacity:
        return session
    return capacity_changes.resize(session, capacity)
