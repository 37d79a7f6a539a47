"""How a line goes on: what it begins with, what the clock corrects each minute, and when a round is over.

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
    Line,
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
"""How far ahead of our time people may be let in by the line that we are about to change: a reader's copy is
up to two seconds old (store/queues.py), reading what we change it by takes a moment, and our clock may be
slow. Who was served by then stays served, so a change that slows the line down serves them at once."""

KEPT_FOR = timedelta(days=7)
"""How long a line stays after the end of its event's last session."""


def new_line(event: Event, counted: Counted, places_free: int, capacity: int) -> Line:
    """Return the line of an event that is switched to it now; it begins at the opening, or now.

    ``counted`` is what was counted when there was a line here before. Its version begins at the time, so that
    none of a line that was here before can be mistaken for one of this.
    """
    opens_at = opening_of(event)
    begun = counted.at >= opens_at
    return Line(
        rate=event.admissions_per_second,
        at=counted.at if begun else opens_at,
        up_to=places_free or None,
        late=(LatePoint(counted.at, counted.late),) if begun else (),
        round_sold=capacity - places_free,
        version=int(counted.at.timestamp() * 1000),
    )


def line_off(line: Line, now: datetime, capacity: int) -> Line:
    """Return the line as it is kept while it is switched off."""
    up_to = capacity if line.up_to is None else line.up_to
    return replace(line, up_to=up_to, off_at=now, version=line.version + 1)


def line_on_again(line: Line, event: Event, counted: Counted, places_free: int, capacity: int) -> Line:
    """Return a line that was kept, with a round that begins now where it stood: nobody served waits again."""
    assert line.off_at is not None  # noqa: S101  # only those are kept (store/queues.py)
    everybody_knew_at = line.off_at + TOLD_AHEAD
    number = exactly_served(line, everybody_knew_at)
    return replace(
        line,
        number=number,
        rate=event.admissions_per_second,
        at=max(counted.at, everybody_knew_at),
        up_to=math.ceil(number) + places_free,
        late=with_point(line.late, counted),
        round_number=math.floor(number),
        round_sold=capacity - places_free,
        off_at=None,
        version=line.version + 1,
    )


def moved_line(line: Line, event: Event, before: Event, now: datetime) -> Line:
    """Return the line for an event whose opening or rate was changed: never behind where it is."""
    opens_at = opening_of(event)
    # Not by the time: ours may be a little before the tick's that the line was last corrected by.
    moved = line if opens_at == opening_of(before) else replace(line, at=opens_at)
    return replace(_at_rate(moved, event.admissions_per_second, now), version=line.version + 1)


def corrected_line(line: Line, event: Event, counted: Counted, places_free: int, capacity: int) -> Line:
    """Return the line one version on, by what was counted and seen to be free at ``counted.at``."""
    now, opens_at = counted.at, opening_of(event)
    line = replace(line, version=line.version + 1)
    if now < opens_at:
        told = math.ceil(_told(line, capacity, now))
        line = _at_rate(line, event.admissions_per_second, now)
        return replace(line, up_to=max(told, places_free) or None, round_sold=capacity - places_free)
    early = counted.early if line.early is None else line.early
    if line.early is None and now >= opens_at + EARLY_FINAL_AFTER:
        line = replace(line, early=early)
    if line.up_to is None:
        told = math.ceil(_told(line, capacity, now))
        line = replace(line, up_to=max(told, places_free), round_sold=capacity - places_free)
    line = _at_rate(line, event.admissions_per_second, now)
    late = _without_served(with_point(line.late, counted), early, serving(line, now))
    return _next_round(replace(line, late=late), early + late[-1].count, places_free, capacity, now)


def is_over(event: Event, sessions: Iterable[Session], now: datetime) -> bool:
    """Return whether nobody needs the line of this event any more, which has these sessions."""
    last_end = max([opening_of(event), *(session.ends_at for session in sessions)])
    return now >= last_end + KEPT_FOR


def _next_round(line: Line, arrivals: int, places_free: int, capacity: int, now: datetime) -> Line:
    """Let the line go on beyond its round if that is over and places are left.

    It calls the more people, the fewer of the last round's have booked. If none has, that tells nothing of
    them (nobody could, or few were there): then it calls as many as there are places.
    """
    up_to = line.up_to
    if up_to is None or places_free <= 0 or exactly_served(line, now) < up_to:
        return line
    if arrivals <= up_to:
        # Nobody waits. Who comes next is served at once, as long as there are places.
        grown = max(up_to, arrivals + places_free)
        return line if grown == up_to else replace(line, up_to=grown, number=float(up_to), at=now)
    reached_at = line.at + timedelta(seconds=(up_to - line.number) / line.rate)
    if now < reached_at + ADMISSION_LASTS:
        return line
    served = min(up_to, arrivals) - min(line.round_number, arrivals)
    # Not by how many are free: places may have been added since.
    booked = capacity - places_free - line.round_sold
    a_place_each = max(YIELD_MIN, booked / served) if served and booked > 0 else 1.0
    return replace(
        line,
        number=float(up_to),
        at=now,
        up_to=up_to + math.ceil(places_free / a_place_each),
        round_number=up_to,
        round_sold=capacity - places_free,
    )


def _at_rate(line: Line, rate: int, now: datetime) -> Line:
    """Let the line go on at another rate; at a lower one once nobody goes by the old one any more."""
    if rate == line.rate:
        return line
    changes_at = now + TOLD_AHEAD if rate < line.rate else now
    if changes_at < line.at:
        return replace(line, rate=rate)
    return replace(line, rate=rate, number=exactly_served(line, changes_at), at=changes_at)


def _told(line: Line, capacity: int, now: datetime) -> float:
    """Return up to which number people may have been let in by now (domain/queue.py's as_read)."""
    up_to = capacity if line.up_to is None else line.up_to
    return exactly_served(replace(line, up_to=up_to), now + TOLD_AHEAD)


def _without_served(late: tuple[LatePoint, ...], early: int, served: int) -> tuple[LatePoint, ...]:
    """Leave out points before which everybody was served, and should there be too many, every other one."""
    waiting = next((i for i, point in enumerate(late) if early + point.count >= served), len(late) - 1)
    needed = late[max(0, waiting - 1) :]
    if len(needed) <= LATE_POINTS_MAX:
        return needed
    first, *between, last = needed
    return (first, *between[::2], last)
