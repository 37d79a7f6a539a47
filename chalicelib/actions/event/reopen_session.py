"""Open a closed session again."""

from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.session import Session, require_session_changeable
from chalicelib.domain.versions import require_version
from chalicelib.store import capacity_changes


def reopen_session(
    caller: Caller, session: Session | None, *, expected_version: int | None = None
) -> Session:
    """Let a closed session be booked again. Reopening an open one changes nothing.

    Raises NotFound, Forbidden, Cancelled, ChangedMeanwhile (it is not at ``expected_version``), or Busy.
    """
    session = require_session(caller, session, "organiser")
    require_session_changeable(session)
    if session.status == "open":
        return session
    require_version(session.version, expected_version)
    return capacity_changes.reopen(session)
