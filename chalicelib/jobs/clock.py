"""Every minute: the reconciler recounts the sessions whose counters moved."""

import time
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, CloudWatchEvent

from chalicelib import logs
from chalicelib.actions.recount_session import recount_session
from chalicelib.store.recounts import cancelled_events, watched_sessions

BUDGET_SECONDS = 40
"""Less than the function's time-out (55 s) by more than one session's recount takes."""

blueprint = Blueprint(__name__)


@blueprint.schedule("rate(1 minute)", name="clock")
def clock(tick: CloudWatchEvent) -> dict[str, Any]:
    """Recount every session that needs it; those that don't fit into this minute come first in the next."""
    del tick  # it carries nothing but the time, and ours is the one that leases are compared with
    began = time.monotonic()
    watched = watched_sessions()
    called_off = cancelled_events(watched)
    # Rotated by the minute, so that a session late in the list isn't always the one left out.
    first = int(time.time() // 60) % len(watched) if watched else 0
    recounted = failed = 0
    for session in watched[first:] + watched[:first]:
        if time.monotonic() - began > BUDGET_SECONDS:
            break
        try:
            off = session.event_id in called_off
            recounted += recount_session(session, now=datetime.now(UTC), event_cancelled=off) is not None
        except Exception as error:  # noqa: BLE001  # one session's failure must not cost the others theirs
            failed += 1
            logs.error("recount_failed", session_id=session.session_id, exception=error)
    logs.info("tick", watched=len(watched), recounted=recounted, failed=failed)
    if failed:
        raise RecountsFailed(f"{failed} of {len(watched)} sessions could not be recounted")
    return {"watched": len(watched), "recounted": recounted}


class RecountsFailed(Exception):
    """Some sessions could not be recounted: each is logged; this makes the function's error count."""
