"""Cancel a session."""

from datetime import datetime

from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.session import Session, require_not_over
from chalicelib.domain.versions import require_version
from chalicelib.store import capacity_changes


def cancel_session(
    caller: Caller,
    session: Session | None,
    *,
    now: datetime,
    expected_version: int | None = None,
    reason: str | None = None,
    request_id: str = "",
) -> Session:
    """Cancel a session for good. Cancelling it again changes nothing, not even the ``reason``.

    The stream of changes cancels its bookings and owes everybody a mail; that is not done here,
    because a session may have thousands. Raises NotFound, Forbidden, ChangedMeanwhile
    (it is not at ``expected_version``), SessionOver, or Busy.
    """
    session = require_session(caller, session, "organiser")
    if session.status == "cancelled":
        return session
    require_version(session.version, expected_version)
    require_not_over(session, now, "It can't be cancelled any more.")
    return capacity_changes.cancel_session(session, reason=reason, request_id=request_id)
