"""Every minute: queues go on, and the reconciler recounts the sessions whose counters moved."""

import time
from datetime import UTC, datetime
from typing import Any, TypeVar

from chalice.app import Blueprint, CloudWatchEvent

from chalicelib import logs
from chalicelib.actions.event.recount_session import recount_session
from chalicelib.actions.queue.clear_queue import clear_queue
from chalicelib.actions.queue.correct_queue import correct_queue
from chalicelib.store.queues import events_with_queues
from chalicelib.store.recounts import cancelled_events, watched_sessions

BUDGET_SECONDS = 40
"""Less than the function's time-out (55 s) by more than one session's recount takes."""

T = TypeVar("T")

blueprint = Blueprint(__name__)


@blueprint.schedule("rate(1 minute)", name="clock")
def clock(tick: CloudWatchEvent) -> dict[str, Any]:
    """Correct each queue, for people wait in them; then recount every session that needs it.

    Queues and sessions that don't fit into this minute come first in the next.
    """
    del tick  # it carries nothing but the time, and ours is the one that leases are compared with
    began = time.monotonic()
    failed = 0
    queues = _this_minutes_first(events_with_queues())
    for event_id in queues:
        if time.monotonic() - began > BUDGET_SECONDS:
            break
        failed += not _corrected(event_id)
    watched = watched_sessions()
    called_off = cancelled_events(watched)
    recounted = 0
    for session in _this_minutes_first(watched):
        if time.monotonic() - began > BUDGET_SECONDS:
            break
        try:
            off = session.event_id in called_off
            recounted += recount_session(session, now=datetime.now(UTC), event_cancelled=off) is not None
        except Exception as error:  # noqa: BLE001  # one session's failure must not cost the others theirs
            failed += 1
            logs.error("recount_failed", session_id=session.session_id, exception=error)
    logs.info("tick", queues=len(queues), watched=len(watched), recounted=recounted, failed=failed)
    if failed:
        of = len(queues) + len(watched)
        raise TickFailed(f"{failed} of {of} queues and sessions could not be corrected or recounted")
    return {"watched": len(watched), "recounted": recounted}


def _this_minutes_first(waiting: list[T]) -> list[T]:
    """Rotate by the minute, so that what is late in the list isn't always what is left out."""
    first = int(time.time() // 60) % len(waiting) if waiting else 0
    return waiting[first:] + waiting[:first]


def _corrected(event_id: str) -> bool:
    now = datetime.now(UTC)
    try:
        if not clear_queue(event_id, now):
            correct_queue(event_id, now)
    except Exception as error:  # noqa: BLE001  # one queue's failure must not cost the others theirs
        logs.error("queue_failed", event_id=event_id, exception=error)
        return False
    return True


class TickFailed(Exception):
    """Some queues or sessions were left alone: each is logged; this makes the function's error count."""
