"""Look, some at a time, at the sessions at rest: a record of the table's stream may have been lost."""

import math
from collections.abc import Sequence
from datetime import datetime
from heapq import nsmallest

from chalicelib.actions.event.make_up_for_lost_records import make_up_for_lost_records
from chalicelib.domain.figures import mark_of
from chalicelib.store.directory import is_to_list
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

    They are read together, and their events. Sessions whose bookings have no entries yet, or others than now,
    are recounted, for that lists them.
    """
    count = max(AT_ONCE, math.ceil(len(at_rest) / _MINUTES_OF_A_DAY))
    looked_at = nsmallest(count, at_rest, key=lambda watched: watched.looked_at)
    sessions = sessions_watched(looked_at)
    events = events_seen(sessions)
    due_versions = {watched.session_id: watched.due_version for watched in looked_at}
    make_up_for_lost_records(
        [(session, events.get(session.event_id), due_versions[session.session_id]) for session in sessions],
        now,
    )
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
