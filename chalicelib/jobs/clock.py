"""Every minute: what is due is queued, queues go on, and sessions that call for it are recounted."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, CloudWatchEvent
from msgspec import Struct

from chalicelib import logs
from chalicelib.actions.due.queue_due_work import queue_due_work
from chalicelib.actions.event.find_moved_sessions import find_moved_sessions
from chalicelib.actions.event.recount_session import recount_session
from chalicelib.actions.queue.clear_queue import clear_queue
from chalicelib.actions.queue.correct_queue import correct_queue
from chalicelib.domain.turns import Turns, time_is_up
from chalicelib.store.queues import events_with_queues, note_look
from chalicelib.store.recounts import watched_sessions

BUDGET_SECONDS = 40
"""Less than the function's time-out (55 s) by more than one partition of a session's bookings takes."""

blueprint = Blueprint(__name__)


class Done(Struct):
    """What a tick did of one kind of work. ``of``: how much there is of it."""

    of: int
    done: int = 0
    failed: int = 0
    not_reached: int = 0


@blueprint.schedule("rate(1 minute)", name="clock")
def clock(tick: CloudWatchEvent) -> dict[str, Any]:
    """Do some of each kind of work. What doesn't fit into this minute comes first in the next."""
    del tick  # it carries nothing but the time, and ours is the one that leases are compared with
    ends = time.monotonic() + BUDGET_SECONDS
    done: dict[str, Done] = {}
    for number, (kind, work) in enumerate(_KINDS.items()):
        # What one kind leaves of its share, those behind it have.
        share = (ends - time.monotonic()) / (len(_KINDS) - number)
        done[kind] = work(time_is_up(share, time.monotonic))
    queues, sessions = done["queues"], done["sessions"]
    failed = sum(each.failed for each in done.values())
    not_reached = {kind: each.not_reached for kind, each in done.items()}
    logs.info(
        "tick",
        due=done["due"].done,
        queues=queues.of,
        watched=sessions.of,
        recounted=sessions.done,
        failed=failed,
        not_reached=not_reached,
    )
    if any(not_reached.values()):
        logs.metric("ClockNotReached", sum(not_reached.values()))
    if failed:
        of = sum(each.of for each in done.values())
        raise TickFailed(f"{failed} of {of} could not be queued, corrected or recounted")
    return {"watched": sessions.of, "recounted": sessions.done}


def _queue_what_is_due(is_time_up: Callable[[], bool]) -> Done:
    try:
        queued = queue_due_work(now=datetime.now(UTC), is_time_up=is_time_up)
    except Exception as error:  # noqa: BLE001  # queues and recounts must go on all the same
        logs.error("due_work_not_queued", exception=error)
        return Done(of=1, failed=1)
    return Done(of=queued, done=queued)


def _correct_queues(is_time_up: Callable[[], bool]) -> Done:
    queues = events_with_queues()
    done = Done(of=len(queues))
    turns = Turns(queues, queues.__getitem__, is_time_up)
    for event_id in turns:
        now = datetime.now(UTC)
        try:
            note_look(event_id, now)
            if not clear_queue(event_id, now):
                done.done += correct_queue(event_id, now)
        except Exception as error:  # noqa: BLE001  # one queue's failure must not cost the others theirs
            done.failed += 1
            logs.error("queue_failed", event_id=event_id, exception=error)
    done.not_reached = turns.not_reached
    return done


def _recount_sessions(is_time_up: Callable[[], bool]) -> Done:
    now = datetime.now(UTC)
    watched = watched_sessions()
    done = Done(of=len(watched))
    pressing = [session for session in watched if session.presses(now)]
    try:
        pressing += find_moved_sessions([session for session in watched if not session.presses(now)], now)
    except Exception as error:  # noqa: BLE001  # as above
        done.failed += 1
        logs.error("sessions_at_rest_failed", exception=error)
    turns = Turns(pressing, lambda session: session.looked_at, is_time_up)
    for session in turns:
        try:
            found = recount_session(session, now=datetime.now(UTC), is_time_up=is_time_up)
            done.done += found is not None
        except Exception as error:  # noqa: BLE001  # as above
            done.failed += 1
            logs.error("recount_failed", session_id=session.session_id, exception=error)
    done.not_reached = turns.not_reached
    return done


_KINDS: dict[str, Callable[[Callable[[], bool]], Done]] = {
    # As a rule there is little, and it takes milliseconds.
    "due": _queue_what_is_due,
    # People wait in queues.
    "queues": _correct_queues,
    # Last, because there may be more to recount than there is time, and they have all that is left of it.
    "sessions": _recount_sessions,
}


class TickFailed(Exception):
    """Some queues or sessions were left alone: each is logged; this makes the function's error count."""
