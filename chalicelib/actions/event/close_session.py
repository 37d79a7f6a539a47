"""Close a session for booking."""

from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.session import Session, require_session_changeable
from chalicelib.domain.versions import require_version
from chalicelib.store import capacity_changes


def close_session(caller: Caller, session: Session | None, *, expected_version: int | None = None) -> Session:
    """Stop a session from being booked, now. Closing it again changes nothing.

    Raises NotFound, Forbidden, Cancelled, ChangedMeanwhile (it is not at ``expected_version``), or Busy.
    """
    session = require_session(caller, session, "organiser")
    require_session_changeable(session)
    if session.status == "closed":
        return session
    require_version(session.version, expected_version)
    return capacity_changes.close(session)
