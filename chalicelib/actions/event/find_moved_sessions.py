"""Look, some at a time, at the sessions at rest: a record of the table's stream may have been lost."""

import math
from collections.abc import Sequence
from datetime import datetime
from heapq import nsmallest

from chalicelib.actions.due.write_deadlines import write_deadlines
from chalicelib.domain.figures import mark_of
from chalicelib.domain.session import is_left_to_cancel
from chalicelib.store.directory import is_to_list
from chalicelib.store.messages import CancelledEvent, send_work
from chalicelib.store.recounts import (
    Watched,
    ask_for_recount,
    events_seen,
    note_look,
    sessions_watched,
    versions_of,
)

AT_ONCE = 25
"""How many sessions are looked at in a minute, where that does for each to be looked at once a day."""

_MINUTES_OF_A_DAY = 24 * 60


def find_moved_sessions(at_rest: Sequence[Watched], now: datetime) -> list[Watched]:
    """Look at those whose turn it is; return those that are to be recounted though nobody asked for that.

    They are read together, and their events: a session is left to cancel if the record of its event's
    cancellation was lost, or its message was, or they are under way. Deadlines are stored that the stream has
    not stored for the session as it is now, or that are from before they were stored. Sessions whose bookings
    have no entries yet, or others than now, are recounted, for that lists them.
    """
    count = max(AT_ONCE, math.ceil(len(at_rest) / _MINUTES_OF_A_DAY))
    looked_at = nsmallest(count, at_rest, key=lambda watched: watched.looked_at)
    sessions = sessions_watched(looked_at)
    events = events_seen(sessions)
    send_work(
        [
            CancelledEvent(event_id=session.event_id, session_id=session.session_id)
            for session in sessions
            if session.event_id in events
            and events[session.event_id].status == "cancelled"
            and is_left_to_cancel(session, now)
        ]
    )
    due_versions = {watched.session_id: watched.due_version for watched in looked_at}
    for session in sessions:
        if due_versions[session.session_id] < session.version:
            write_deadlines(session, now=now)
    versions = versions_of(sessions)
    moved = []
    for watched in looked_at:
        event = events.get(watched.event_id)
        is_there = watched.session_id in versions
        has_moved = is_there and versions[watched.session_id] != watched.seen_versions
        # Its figures are to be made, or to count the answers to other questions.
        is_to_count = event is not None and mark_of(event.questions) != watched.counted_for
        if is_there and (has_moved or is_to_count or is_to_list(watched.directory)):
            ask_for_recount(watched.session_id)
            moved.append(watched)
        elif len(at_rest) > count:
            # Where all are looked at each minute, nobody needs to know whose turn is next.
            note_look(watched.session_id, now)
    return moved
