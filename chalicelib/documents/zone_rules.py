"""A time zone as a calendar file says it: RFC 5545 VTIMEZONE, from what zoneinfo knows.

icalendar's own generator (7.3) writes daylight onsets in the new offset instead of the old one, and
lists years by RDATE, which Outlook does not read: it takes one STANDARD and one DAYLIGHT
with a yearly rule (MS-OXCICAL 2.1.3.1.1.19). So we write exactly those two, or one for a zone
whose clocks don't change around the session.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from msgspec import Struct

if TYPE_CHECKING:
    from icalendar import Component

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LOOK_BACK = timedelta(days=400)
_LOOK_AHEAD = timedelta(days=3 * 366)
_ALWAYS = datetime(1970, 1, 1)  # noqa: DTZ001  # RFC 5545 3.6.5: an onset is a local time


class Change(Struct, frozen=True):
    """Clocks going from one offset to another. ``local`` is what they showed at that moment, before it."""

    local: datetime
    offset_from: timedelta
    offset_to: timedelta
    name: str


class YearlyRule(Struct, frozen=True):
    """A change that comes back every year.

    ``since`` lies in 1970, whatever was true then: some readers look at years long past to tell
    one zone from another, and take London for UTC where its summers begin this year.
    """

    since: datetime
    day: str


def zone_rules(zone: str, starts_at: datetime, ends_at: datetime) -> bytes:
    """Return the VTIMEZONE that is right for this zone from ``starts_at`` to ``ends_at`` (aware)."""
    return _written(ZoneInfo(zone), starts_at, ends_at)


# All mails of a session ask alike, and looking at 1,500 days takes as long as all the rest of a mail.
@lru_cache(maxsize=256)
def _written(clock: ZoneInfo, starts_at: datetime, ends_at: datetime) -> bytes:
    from icalendar import Timezone  # noqa: PLC0415  # slow to import; only what renders needs it

    changes = tuple(_find_changes(clock, starts_at - _LOOK_BACK, ends_at + _LOOK_AHEAD))
    needed = _needed(clock, changes, starts_at, ends_at)
    component = Timezone()
    component.add("TZID", clock.key)
    rules = {change: _yearly_rule(change, changes) for change in needed}
    # All or none: a rule for one half of the year and a date for the other would contradict each other.
    if not all(rules.values()):
        rules = dict.fromkeys(needed)
    observances = [_observance(change, rules[change], alone=len(needed) == 1) for change in needed]
    # A session that lasts over a change needs the one before and the one after: by rule, they are one.
    for observance in {observance.to_ical(): observance for observance in observances}.values():
        component.add_component(observance)
    return bytes(component.to_ical(sorted=False))


def _needed(
    clock: ZoneInfo, changes: tuple[Change, ...], starts_at: datetime, ends_at: datetime
) -> list[Change]:
    """Return the change that set the clocks of the start, and those until the first after the end."""
    before = [change for change in changes if _instant(change) <= starts_at]
    after = [change for change in changes if _instant(change) > starts_at]
    during = [change for change in after if _instant(change) <= ends_at]
    following = after[len(during) : len(during) + 1]
    if before:
        first = before[-1]
    else:
        local = starts_at.astimezone(clock)
        offset = local.utcoffset() or timedelta()
        first = Change(_ALWAYS, offset, offset, local.tzname() or "")
    return [first, *during, *following]


def _find_changes(clock: ZoneInfo, begin: datetime, end: datetime) -> Iterator[Change]:
    """Yield every change of offset in this time, oldest first, exact to the second."""
    earlier = begin.astimezone(UTC).replace(microsecond=0)
    while earlier < end:
        later = earlier + timedelta(days=1)
        if _offset(clock, earlier) != _offset(clock, later):
            yield _between(clock, earlier, later)
        earlier = later


def _between(clock: ZoneInfo, earlier: datetime, later: datetime) -> Change:
    old = _offset(clock, earlier)
    while later - earlier > timedelta(seconds=1):
        middle = earlier + timedelta(seconds=(later - earlier) // timedelta(seconds=2))
        earlier, later = (middle, later) if _offset(clock, middle) == old else (earlier, middle)
    return Change(
        local=(later + old).replace(tzinfo=None),
        offset_from=old,
        offset_to=_offset(clock, later),
        name=later.astimezone(clock).tzname() or "",
    )


def _offset(clock: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(clock).utcoffset() or timedelta()


def _instant(change: Change) -> datetime:
    return (change.local - change.offset_from).replace(tzinfo=UTC)


def _observance(change: Change, rule: YearlyRule | None, *, alone: bool) -> "Component":
    from icalendar import TimezoneDaylight, TimezoneStandard  # noqa: PLC0415  # as above

    # The two kinds mean nothing by themselves, but Outlook wants a STANDARD always,
    # and takes a DAYLIGHT for the one that is ahead.
    ahead = change.offset_to > change.offset_from
    component: Component = TimezoneDaylight() if ahead and not alone else TimezoneStandard()
    component.add("DTSTART", change.local if rule is None else rule.since)
    component.add("TZOFFSETFROM", change.offset_from)
    component.add("TZOFFSETTO", change.offset_to)
    if change.name:
        component.add("TZNAME", change.name)
    if rule is not None:
        component.add("RRULE", {"FREQ": "YEARLY", "BYMONTH": rule.since.month, "BYDAY": rule.day})
    return component


def _yearly_rule(change: Change, changes: tuple[Change, ...]) -> YearlyRule | None:
    """Return the yearly rule that this change and those of the next two years follow; None if none.

    A rule is a forecast. Where the tz database knows of an end (a zone that gives up
    changing its clocks), the later years are missing and no rule is written.
    """
    onsets = {
        other.local
        for other in changes
        if (other.offset_from, other.offset_to) == (change.offset_from, change.offset_to)
    }
    # "The last" is tried first: for a few years in a row the last Sunday can also be the fourth.
    for nth in (-1, (change.local.day - 1) // 7 + 1):
        expected = {_nth_weekday(change.local, nth, change.local.year + years) for years in (0, 1, 2)}
        since = _nth_weekday(change.local, nth, _ALWAYS.year)
        if since is not None and expected <= onsets:
            return YearlyRule(since=since, day=f"{nth}{_WEEKDAYS[since.weekday()]}")
    return None


def _nth_weekday(onset: datetime, nth: int, year: int) -> datetime | None:
    first_weekday, days = monthrange(year, onset.month)
    matching = range((onset.weekday() - first_weekday) % 7 + 1, days + 1, 7)
    if nth > len(matching):
        return None
    return onset.replace(year=year, day=matching[nth - 1] if nth > 0 else matching[-1])
