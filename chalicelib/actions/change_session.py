"""Change a session."""

from datetime import datetime

from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.refusals import Cancelled, ChangedMeanwhile
from chalicelib.domain.session import Session
from chalicelib.domain.session_request import changed_session, promises_change
from chalicelib.store import events


def change_session(
    caller: Caller,
    event_id: str,
    session_id: str,
    patch: object,
    *,
    now: datetime,
    expected_version: int | None,
) -> Session:
    """Apply a JSON merge patch to a session and return it as stored.

    When and where it is can't change while anybody has a place in it: they would have to be told.
    Raises NotFound, Forbidden, Cancelled, ChangedMeanwhile (it is not at ``expected_version``),
    Invalid, SessionHasBookings, or Busy.
    """
    session = require_session(caller, events.find_session(event_id, session_id), "organiser")
    if session.status == "cancelled":
        raise Cancelled
    if expected_version not in (None, session.version):
        raise ChangedMeanwhile
    changed = changed_session(session, patch, now)
    if promises_change(session, changed):
        events.save_session_nobody_booked(changed, session.version)
    else:
        events.save_session(changed, session.version)
    return changed
