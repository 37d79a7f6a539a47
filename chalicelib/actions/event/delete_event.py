"""Delete an event."""

from chalicelib.domain.deletion_refusals import NotDraft
from chalicelib.domain.event import Event
from chalicelib.domain.organiser import Caller, require_event, require_session
from chalicelib.domain.refusals import Busy
from chalicelib.domain.versions import require_version
from chalicelib.store import event_changes, session_deletion
from chalicelib.store.events import sessions_of
from chalicelib.store.outcomes import Budget

_SECONDS = 8.0
"""How long sessions are deleted by one call, well within the function's time-out. The next call goes on."""


def delete_event(
    caller: Caller, event: Event | None, event_id: str, *, expected_version: int | None = None
) -> None:
    """Delete a draft with its sessions. Its slug is free for another event then.

    Raises NotFound (also when it is deleted already), Forbidden, NotDraft, ChangedMeanwhile (it is not at
    ``expected_version``), SessionBooked, or Busy: then the same call goes on where this one ended.
    """
    if event is None:
        # Another call may have died before its last step.
        _delete_sessions(caller, event_id)
    event = require_event(caller, event, "organiser")
    if event.status != "draft":
        raise NotDraft
    require_version(event.version, expected_version)
    _delete_sessions(caller, event_id)
    event_changes.delete_event(event)
    # One may have been created in between. From now on none can be.
    _delete_sessions(caller, event_id)


def _delete_sessions(caller: Caller, event_id: str) -> None:
    budget = Budget(_SECONDS)
    for session in sessions_of(event_id):
        if budget.is_spent():
            raise Busy
        session_deletion.delete_session(require_session(caller, session, "organiser"))
