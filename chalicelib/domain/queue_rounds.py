"""How a queue goes on: what it begins with, what the clock corrects each minute, and when a round is over.

None of it ever moves back what is being served (domain/queue.py), whatever was counted and whenever.
"""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib.domain.admission import ADMISSION_LASTS
from chalicelib.domain.event import Event
from chalicelib.domain.queue import (
    Counted,
    LatePoint,
    Queue,
    exactly_served,
    opening_of,
    serving,
    with_point,
)
from chalicelib.domain.session import Session

EARLY_FINAL_AFTER = timedelta(seconds=10)
"""How long after the opening those that were in the draw are counted for good: all their counts are in."""

YIELD_MIN = 0.1
"""A round never calls more than ten times as many people as places are left."""

LATE_POINTS_MAX = 60

TOLD_AHEAD = timedelta(seconds=5)
"""How far ahead of our time people may be let in by the queue that we are about to change: a reader's copy is
up to two seconds old (store/queues.py), reading what we change it by takes a moment, and our clock may be
slow. Who was served by then stays served, so a change that slows the queue down serves them at once."""

KEPT_FOR = timedelta(days=7)
"""How long a queue stays after the end of its event's last session."""


def new_queue(event: Event, counted: Counted, places_free: int, capacity: int) -> Queue:
    """Return the queue of an event that is switched to it now; it begins at the opening, or now.

    ``counted`` is what was counted when there was a queue here before. Its version begins at the time, so
    that none of a queue from before can be mistaken for one of this.
    """
    opens_at = opening_of(event)
    begun = counted.at >= opens_at
    return Queue(
        rate=event.admissions_per_second,
        at=counted.at if begun else opens_at,
        up_to=places_free or None,
        late=(LatePoint(counted.at, counted.late),) if begun else (),
        round_sold=capacity - places_free,
        version=int(counted.at.timestamp() * 1000),
    )


def queue_off(queue: Queue, now: datetime, capacity: int) -> Queue:
    """Return the queue as it is kept while it is switched off."""
    up_to = capacity if queue.up_to is None else queue.up_to
    return replace(queue, up_to=up_to, off_at=now, version=queue.version + 1)


def queue_on_again(queue: Queue, event: Event, counted: Counted, places_free: int, capacity: int) -> Queue:
    """Return a queue that was kept, with a round that begins where it stood: nobody served waits again."""
    assert queue.off_at is not None  # noqa: S101  # only those are kept (store/queues.py)
    everybody_knew_at = queue.off_at + TOLD_AHEAD
    number = exactly_served(queue, everybody_knew_at)
    return replace(
        queue,
        number=number,
        rate=event.admissions_per_second,
        at=max(counted.at, everybody_knew_at),
        up_to=math.ceil(number) + places_free,
        late=with_point(queue.late, counted),
        round_number=math.floor(number),
        round_sold=capacity - places_free,
        off_at=None,
        version=queue.version + 1,
    )


def moved_queue(queue: Queue, event: Event, before: Event, now: datetime) -> Queue:
    """Return the queue for an event whose opening or rate was changed: never behind where it is."""
    opens_at = opening_of(event)
    # Not by the time: ours may be a little before the tick's that the queue was last corrected by.
    moved = queue if opens_at == opening_of(before) else replace(queue, at=opens_at)
    return replace(_at_rate(moved, event.admissions_per_second, now), version=queue.version + 1)


def corrected_queue(queue: Queue, event: Event, counted: Counted, places_free: int, capacity: int) -> Queue:
    """Return the queue one version on, by what was counted and seen to be free at ``counted.at``."""
    now, opens_at = counted.at, opening_of(event)
    queue = replace(queue, version=queue.version + 1)
    if now < opens_at:
        told = math.ceil(_told(queue, capacity, now))
        queue = _at_rate(queue, event.admissions_per_second, now)
        return replace(queue, up_to=max(told, places_free) or None, round_sold=capacity - places_free)
    early = counted.early if queue.early is None else queue.early
    if queue.early is None and now >= opens_at + EARLY_FINAL_AFTER:
        queue = replace(queue, early=early)
    if queue.up_to is None:
        told = math.ceil(_told(queue, capacity, now))
        queue = replace(queue, up_to=max(told, places_free), round_sold=capacity - places_free)
    queue = _at_rate(queue, event.admissions_per_second, now)
    late = _without_served(with_point(queue.late, counted), early, serving(queue, now))
    return _next_round(replace(queue, late=late), early + late[-1].count, places_free, capacity, now)


def is_over(event: Event, sessions: Iterable[Session], now: datetime) -> bool:
    """Return whether nobody needs the queue of this event any more, which has these sessions."""
    last_end = max([opening_of(event), *(session.ends_at for session in sessions)])
    return now >= last_end + KEPT_FOR


def _next_round(queue: Queue, arrivals: int, places_free: int, capacity: int, now: datetime) -> Queue:
    """Let the queue go on beyond its round if that is over and places are left.

    It calls the more people, the fewer of the last round's have booked. If none has, that tells nothing of
    them (nobody could, or few were there): then it calls as many as there are places.
    """
    up_to = queue.up_to
    if up_to is None or places_free <= 0 or exactly_served(queue, now) < up_to:
        return queue
    if arrivals <= up_to:
        # Nobody waits. Who comes next is served at once, as long as there are places.
        grown = max(up_to, arrivals + places_free)
        return queue if grown == up_to else replace(queue, up_to=grown, number=float(up_to), at=now)
    reached_at = queue.at + timedelta(seconds=(up_to - queue.number) / queue.rate)
    if now < reached_at + ADMISSION_LASTS:
        return queue
    served = min(up_to, arrivals) - min(queue.round_number, arrivals)
    # Not by how many are free: places may have been added since.
    booked = capacity - places_free - queue.round_sold
    a_place_each = max(YIELD_MIN, booked / served) if served and booked > 0 else 1.0
    return replace(
        queue,
        number=float(up_to),
        at=now,
        up_to=up_to + math.ceil(places_free / a_place_each),
        round_number=up_to,
        round_sold=capacity - places_free,
    )


def _at_rate(queue: Queue, rate: int, now: datetime) -> Queue:
    """Let the queue go on at another rate; at a lower one once nobody goes by the old one any more."""
    if rate == queue.rate:
        return queue
    changes_at = now + TOLD_AHEAD if rate < queue.rate else now
    if changes_at < queue.at:
        return replace(queue, rate=rate)
    return replace(queue, rate=rate, number=exactly_served(queue, changes_at), at=changes_at)


def _told(queue: Queue, capacity: int, now: datetime) -> float:
    """Return up to which number people may have been let in by now (domain/queue.py's as_read)."""
    up_to = capacity if queue.up_to is None else queue.up_to
    return exactly_served(replace(queue, up_to=up_to), now + TOLD_AHEAD)


def _without_served(late: tuple[LatePoint, ...], early: int, served: int) -> tuple[LatePoint, ...]:
    """Leave out points before which everybody was served, and should there be too many, every other one."""
    waiting = next((i for i, point in enumerate(late) if early + point.count >= served), len(late) - 1)
    needed = late[max(0, waiting - 1) :]
    if len(needed) <= LATE_POINTS_MAX:
        return needed
    first, *between, last = needed
    return (first, *between[::2], last)
