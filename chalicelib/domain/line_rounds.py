"""How a line goes on: what it begins with, what the clock corrects each minute, and when a round is over.

None of it ever moves back what is being served (domain/line.py), whatever was counted and whenever.
"""

import math
from datetime import datetime, timedelta

from msgspec.structs import replace

from chalicelib.domain.admission import ADMISSION_LASTS
from chalicelib.domain.event import Event
from chalicelib.domain.line import (
    Counted,
    LatePoint,
    Line,
    exactly_served,
    opening_of,
    serving,
    with_point,
)

EARLY_FINAL_AFTER = timedelta(seconds=10)
"""How long after the opening those that were in the draw are counted for good: all their counts are in."""

YIELD_MIN = 0.1
"""A round never calls more than ten times as many people as places are left."""

LATE_POINTS_MAX = 60


def new_line(event: Event, places_free: int, counted: Counted) -> Line:
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
        round_free=places_free,
        version=int(counted.at.timestamp() * 1000),
    )


def moved_line(line: Line, event: Event, now: datetime) -> Line:
    """Return the line for an event whose opening or rate was changed: never behind where it is."""
    moved = line if now >= line.at else replace(line, at=opening_of(event))
    return replace(_at_rate(moved, event.admissions_per_second, now), version=line.version + 1)


def corrected_line(line: Line, event: Event, counted: Counted, places_free: int, capacity: int) -> Line:
    """Return the line one version on, by what was counted and seen to be free at ``counted.at``."""
    now, opens_at = counted.at, opening_of(event)
    line = replace(line, version=line.version + 1)
    if now < opens_at:
        up_to = places_free or None
        return replace(
            line, rate=event.admissions_per_second, at=opens_at, up_to=up_to, round_free=places_free
        )
    early = counted.early if line.early is None else line.early
    if line.early is None and now >= opens_at + EARLY_FINAL_AFTER:
        line = replace(line, early=early)
    if line.up_to is None:
        reached = math.ceil(exactly_served(replace(line, up_to=capacity), now))
        line = replace(line, up_to=max(reached, places_free), round_free=places_free)
    line = _at_rate(line, event.admissions_per_second, now)
    late = _without_served(with_point(line.late, counted), early, serving(line, now))
    return _next_round(replace(line, late=late), early + late[-1].count, places_free, now)


def _next_round(line: Line, arrivals: int, places_free: int, now: datetime) -> Line:
    """Let the line go on beyond its round if that is over and places are left."""
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
    booked = max(0, line.round_free - places_free)
    a_place_each = max(YIELD_MIN, booked / served) if served else 1.0
    return replace(
        line,
        number=float(up_to),
        at=now,
        up_to=up_to + math.ceil(places_free / a_place_each),
        round_number=up_to,
        round_free=places_free,
    )


def _at_rate(line: Line, rate: int, now: datetime) -> Line:
    if rate == line.rate:
        return line
    if now < line.at:
        return replace(line, rate=rate)
    return replace(line, rate=rate, number=exactly_served(line, now), at=now)


def _without_served(late: tuple[LatePoint, ...], early: int, served: int) -> tuple[LatePoint, ...]:
    """Leave out points before which everybody was served, and should there be too many, every other one."""
    waiting = next((i for i, point in enumerate(late) if early + point.count >= served), len(late) - 1)
    needed = late[max(0, waiting - 1) :]
    return needed if len(needed) <= LATE_POINTS_MAX else (needed[0], *needed[1:][::-2][::-1])
