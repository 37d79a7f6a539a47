"""Change a session."""

from datetime import datetime

from msgspec.structs import replace

from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.refusals import SessionOver
from chalicelib.domain.session import Session, require_session_changeable
from chalicelib.domain.session_request import changed_session
from chalicelib.domain.versions import require_version
from chalicelib.store import event_changes


def change_session(
    caller: Caller,
    session: Session | None,
    patch: object,
    *,
    now: datetime,
    expected_version: int | None,
    request_id: str = "",
) -> Session:
    """Apply a JSON merge patch to a session and return it as stored.

    Everybody who booked is told when its time or place changes. That is not done here, because a session
    may have thousands: the stream of changes owes it.
    Raises NotFound, Forbidden, Cancelled, ChangedMeanwhile (it is not at ``expected_version``),
    Invalid, SessionOver (only its time and place stay for ever), or Busy.
    """
    session = require_session(caller, session, "organiser")
    require_session_changeable(session)
    require_version(session.version, expected_version)
    changed = changed_session(session, patch, now)
    if changed.sequence == session.sequence:
        event_changes.save_session(changed, session.version)
    elif now > session.ends_at:
        raise SessionOver
    else:
        if changed.zone != session.zone:
            event_changes.add_zone(session.event_id, changed.zone)
        changed = replace(changed, request_id=request_id)
        event_changes.save_session_elsewhere(changed, session.version)
    return changed
