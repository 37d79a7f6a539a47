"""Delete a session."""

from chalicelib.domain.event import Event
from chalicelib.domain.organiser import Caller, require_event, require_session
from chalicelib.domain.session import Session
from chalicelib.domain.versions import require_version
from chalicelib.store import session_deletion
from chalicelib.store.event_changes import forget_recount


def delete_session(
    caller: Caller,
    event: Event | None,
    session: Session | None,
    session_id: str,
    *,
    expected_version: int | None = None,
) -> None:
    """Delete a session that nobody ever booked.

    Raises NotFound (also when it is deleted already), Forbidden, ChangedMeanwhile (it is not at
    ``expected_version``), SessionBooked, or Busy.
    """
    if session is None and event is not None:
        # Another call may have died before its last step (of a session with the most counters).
        require_event(caller, event, "organiser")
        forget_recount(event.event_id, session_id)
    session = require_session(caller, session, "organiser")
    require_version(session.version, expected_version)
    session_deletion.delete_session(session)
