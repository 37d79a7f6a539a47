"""Queue the work that has come due, hour by hour, from where the last tick of the clock stopped."""

from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib import logs
from chalicelib.store.due import HOUR, Due, due_in, finish_hour, forget_due, hour_of, last_hour_finished
from chalicelib.store.messages import DueWork, send_work

FINISHED_AFTER = timedelta(minutes=5)
"""How long after its end an hour is read again: the process that writes into it may have a slow clock."""

BEGINS_BEFORE = timedelta(days=3)
"""How far back a first tick begins: what was due earlier is about what is over."""

_QUEUED_AT_ONCE = 10


def queue_due_work(*, now: datetime, is_time_up: Callable[[], bool]) -> int:
    """Queue a message for each item that is due, then remove the item; return how many.

    Dying in between queues it twice, which is harmless. What there is no time for comes with the next tick.
    Raises NotQueued.
    """
    finished = last_hour_finished() or hour_of(now - BEGINS_BEFORE)
    hour, queued = finished + HOUR, 0
    lag = timedelta(0)
    while hour <= hour_of(now):
        due = due_in(hour, now)
        for start in range(0, len(due), _QUEUED_AT_ONCE):
            if is_time_up():
                break
            some = due[start : start + _QUEUED_AT_ONCE]
            _queue(some, together=len(due))
            queued += len(some)
            lag = max(lag, now - some[0].at)
        if is_time_up():
            break
        if hour + HOUR + FINISHED_AFTER <= now:
            finish_hour(hour)
        hour += HOUR
    if queued:
        logs.metric("DueLagSeconds", lag.total_seconds(), "Seconds")
    return queued


def _queue(some: list[Due], *, together: int) -> None:
    send_work(
        [
            DueWork(kind=due.kind, event_id=due.event_id, session_id=due.session_id, together=together)
            for due in some
        ]
    )
    forget_due(some)
