"""Cancel the sessions of a cancelled event, each by a message of its own."""

from datetime import datetime

from msgspec.structs import replace

from chalicelib.domain.refusals import NotFound
from chalicelib.domain.session import is_left_to_cancel
from chalicelib.store.capacity_changes import cancel_session
from chalicelib.store.events import find_event, find_session, sessions_of
from chalicelib.store.messages import CancelledEvent, send_work


def cancel_event_sessions(work: CancelledEvent, *, now: datetime) -> int:
    """Cancel the session that the message names, or queue one message for each session left to cancel.

    Returns how many sessions were cancelled or queued. Doing it again is safe: what is cancelled stays so,
    and its own change owes its bookings' cancellation. Does nothing if the event is not cancelled, nor to
    sessions that are over: those took place.

    Raises Busy (try again) and NotQueued.
    """
    event = find_event(work.event_id)
    if event is None or event.status != "cancelled":
        return 0
    if work.session_id is None:
        left = [session for session in sessions_of(event.event_id) if is_left_to_cancel(session, now)]
        send_work([replace(work, session_id=session.session_id) for session in left])
        return len(left)
    session = find_session(work.event_id, work.session_id)
    if session is None or not is_left_to_cancel(session, now):
        return 0
    try:
        cancel_session(session, reason=event.cancellation_reason, request_id=event.request_id)
    except NotFound:
        return 0  # deleted since
    return 1
