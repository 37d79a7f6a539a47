"""Every minute: lines go on, and the reconciler recounts the sessions whose counters moved."""

import time
from datetime import UTC, datetime
from typing import Any, TypeVar

from chalice.app import Blueprint, CloudWatchEvent

from chalicelib import logs
from chalicelib.actions.event.recount_session import recount_session
from chalicelib.actions.queue.clear_queue import clear_line
from chalicelib.actions.queue.correct_queue import correct_line
from chalicelib.store.queues import events_with_lines
from chalicelib.store.recounts import cancelled_events, watched_sessions

BUDGET_SECONDS = 40
"""Less than the function's time-out (55 s) by more than one session's recount takes."""

T = TypeVar("T")

blueprint = Blueprint(__name__)


@blueprint.schedule("rate(1 minute)", name="clock")
def clock(tick: CloudWatchEvent) -> dict[str, Any]:
    """Correct each line, for people wait in them; then recount every session that needs it.

    Lines and sessions that don't fit into this minute come first in the next.
    """
    del tick  # it carries nothing but the time, and ours is the one that leases are compared with
    began = time.monotonic()
    failed = 0
    lines = _this_minutes_first(events_with_lines())
    for event_id in lines:
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
    logs.info("tick", lines=len(lines), watched=len(watched), recounted=recounted, failed=failed)
    if failed:
        of = len(lines) + len(watched)
        raise TickFailed(f"{failed} of {of} lines and sessions could not be corrected or recounted")
    return {"watched": len(watched), "recounted": recounted}


def _this_minutes_first(waiting: list[T]) -> list[T]:
    """Rotate by the minute, so that what is late in the list isn't always what is left out."""
    first = int(time.time() // 60) % len(waiting) if waiting else 0
    return waiting[first:] + waiting[:first]


def _corrected(event_id: str) -> bool:
    now = datetime.now(UTC)
    try:
        if not clear_line(event_id, now):
            correct_line(event_id, now)
    except Exception as error:  # noqa: BLE001  # one line's failure must not cost the others theirs
        logs.error("line_failed", event_id=event_id, exception=error)
        return False
    return True


class TickFailed(Exception):
    """Some lines or sessions were left alone: each is logged; this makes the function's error count."""
