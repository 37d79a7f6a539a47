"""Make up for records of the table's stream that never came: what they would have led to is done now."""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.actions.due.write_deadlines import write_deadlines
from chalicelib.domain.event import Event
from chalicelib.domain.session import Session, is_left_to_cancel
from chalicelib.store.messages import CancelledEvent, send_work


def make_up_for_lost_records(seen: Iterable[tuple[Session, Event | None, int]], now: datetime) -> None:
    """Cancel and store deadlines, as each of these sessions needs it. Where nothing was lost it does nothing.

    Each comes with its event and its ``due_version``. It is left to cancel if the record of its event's
    cancellation was lost, or its message was, or that is under way. Its deadlines are missing if they were
    not stored for the session as it is now, or if it is from before they were stored.
    """
    left = []
    for session, event, due_version in seen:
        if due_version < session.version:
            write_deadlines(session, now=now)
        if event is not None and event.status == "cancelled" and is_left_to_cancel(session, now):
            left.append(CancelledEvent(event_id=session.event_id, session_id=session.session_id))
    send_work(left)
