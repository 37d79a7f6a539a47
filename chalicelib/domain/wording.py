"""How times are put into words: the same in emails, calendars, refusals and on pages.

Times are written as GOV.UK writes them: 7pm, 7.30pm, midday, midnight. Python's own names of days and months
depend on the machine's locale, so ours stand here.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

from chalicelib.domain.zone_names import zone_in_words

_HOUR_SECONDS = 3600
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class Timed(Protocol):
    """What has a start and an end by the clocks of its zone: a session."""

    @property
    def zone(self) -> str:
        """An IANA zone."""

    @property
    def starts_local(self) -> datetime:
        """The start, naive."""

    @property
    def ends_local(self) -> datetime:
        """The end, naive."""


class When(Struct, frozen=True):
    """A session's time in words, in the venue's own time."""

    date: str
    """Saturday 5 September 2026"""
    short_date: str
    """Sat 5 Sep"""
    starts: str
    """7pm"""
    ends: str
    """10pm, or with its date if it is not that night: 1am on Sunday 6 September 2026"""
    zone: str | None
    """UK time; None where all of the event is in the same zone"""
    clock_change: str | None
    """What the clocks do meanwhile, which is seldom: the clocks go back 1 hour at 2am"""

    @property
    def hours(self) -> str:
        """7pm to 10pm, UK time (the clocks go back 1 hour at 2am)."""
        zone = f", {self.zone}" if self.zone else ""
        clock_change = f" ({self.clock_change})" if self.clock_change else ""
        return f"{self.starts} to {self.ends}{zone}{clock_change}"


def when(session: Timed, *, says_zone: bool) -> When:
    """Return the session's time in words."""
    starts = session.starts_local.replace(tzinfo=ZoneInfo(session.zone), fold=0)
    ends = session.ends_local.replace(tzinfo=ZoneInfo(session.zone), fold=0)
    return When(
        date=_date(starts),
        short_date=f"{_DAYS[starts.weekday()][:3]} {starts.day} {_MONTHS[starts.month - 1][:3]}",
        # Midnight alone could be either end of the day.
        starts=_on("midnight", "the day") if _is_midnight(starts) else _clock(starts),
        ends=_clock(ends) if _is_same_night(starts, ends) else _on(_clock(ends), _date(ends)),
        zone=zone_in_words(session.zone, _offset(starts)) if says_zone else None,
        clock_change=_clock_change(starts, ends),
    )


def day_in_words(session: Timed, now: datetime) -> str:
    """Return what the day on which the session starts is called there now: Today, Tomorrow or Sat 5 Sep."""
    days = (session.starts_local.date() - now.astimezone(ZoneInfo(session.zone)).date()).days
    return {0: "Today", 1: "Tomorrow"}.get(days) or when(session, says_zone=False).short_date


def moment_in_words(moment: datetime, zone: str, *, says_zone: bool) -> str:
    """Return an instant as clocks in the zone show it: "7pm on Tuesday 4 August 2026 (UK time)"."""
    local = moment.astimezone(ZoneInfo(zone))
    return _on(_clock(local), _date(local)) + _which_clocks(local, zone, says_zone=says_zone)


def clock_in_words(moment: datetime, zone: str, *, says_zone: bool) -> str:
    """Return what a clock in the zone shows at this instant, such as "7.05pm (UK time)"."""
    local = moment.astimezone(ZoneInfo(zone))
    return _clock(local) + _which_clocks(local, zone, says_zone=says_zone)


def clock_and_day(moment: datetime, zone: str) -> str:
    """Return an instant by the clock on the wall of a venue, in short: "7.05pm on 5 September"."""
    local = moment.astimezone(ZoneInfo(zone))
    return _on(_clock(local), _day(local))


def utc_in_words(moment: datetime) -> str:
    """Return an instant for readers whose zone is not known: "11am UTC on 4 August 2026"."""
    utc = moment.astimezone(UTC)
    return _on(f"{_clock(utc)} UTC", f"{_day(utc)} {utc.year}")


def minutes_in_words(seconds: int) -> str:
    """Return a short wait, in whole minutes: "about 3 minutes"."""
    return f"about {_counted(max(1, round(seconds / 60)), 'minute')}"


def ahead_in_words(ahead: int) -> str:
    """Return how many are ahead of somebody. pages/queue/queue.js says the same."""
    if not ahead:
        return "You are next"
    return f"About {ahead:,} {'person' if ahead == 1 else 'people'} ahead of you"


def estimate_in_words(seconds: float | None) -> str:
    """Return how long it takes until a turn, as roughly as is known. pages/queue/queue.js says the same."""
    if seconds is None:
        return "You may not get a place."
    if seconds < 60:
        return "Your turn should come in less than a minute."
    if seconds < _HOUR_SECONDS * 1.5:
        minutes = -(-int(seconds) // 60)
        return f"Your turn should come in about {_counted(minutes, 'minute')}."
    return f"Your turn should come in about {_counted(round(seconds / _HOUR_SECONDS), 'hour')}."


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _day(day: datetime) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"


def _date(day: datetime) -> str:
    return f"{_DAYS[day.weekday()]} {_day(day)} {day.year}"


def _clock(time: datetime) -> str:
    if not time.minute and time.hour in (0, 12):
        return "midday" if time.hour else "midnight"
    minutes = f".{time.minute:02}" if time.minute else ""
    return f"{time.hour % 12 or 12}{minutes}{'am' if time.hour < 12 else 'pm'}"


def _on(clock: str, day: str) -> str:
    # To many people midnight on Friday is the end of Friday.
    return f"{clock} at the start of {day}" if clock.startswith("midnight") else f"{clock} on {day}"


def _is_midnight(time: datetime) -> bool:
    return not time.hour and not time.minute


def _is_same_night(starts: datetime, ends: datetime) -> bool:
    nights = (ends.date() - starts.date()).days
    return nights == 0 or (nights == 1 and _is_midnight(ends))


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta()


def _repeats(local: datetime) -> timedelta:
    """Return by how much the clocks go back over this time, so that they show it twice; 0 if they don't."""
    return max(_offset(local.replace(fold=0)) - _offset(local.replace(fold=1)), timedelta())


def _which_clocks(local: datetime, zone: str, *, says_zone: bool) -> str:
    words = [zone_in_words(zone, _offset(local))] if says_zone else []
    if _repeats(local):
        words.append("after the clocks go back" if local.fold else "before the clocks go back")
    return f" ({', '.join(words)})" if words else ""


def _clock_change(starts: datetime, ends: datetime) -> str | None:
    """Return what has to be said where the clocks change between the start and the end, or just after."""
    if _offset(starts) != _offset(ends):
        return _change_between(starts, ends, starts)
    if repeats := _repeats(ends):
        # The first of the two times: sessions begin and end before the clocks go back.
        return f"before {_change_between(ends, ends.astimezone(UTC) + repeats, starts)}"
    return None


def _change_between(before: datetime, after: datetime, told_of: datetime) -> str:
    """Return when between these instants, whose offsets differ, the clocks change and by how much."""
    zone = told_of.tzinfo
    low, high = before.astimezone(UTC), after.astimezone(UTC)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        changed = middle.astimezone(zone).utcoffset() != before.utcoffset()
        low, high = (low, middle) if changed else (middle, high)
    change = _offset(high.astimezone(zone)) - _offset(before)
    # What the clocks show at that moment, by the old offset.
    shown = (high + _offset(before)).replace(microsecond=0)
    minutes = abs(change) // timedelta(minutes=1)
    by = _counted(minutes // 60, "hour") if minutes % 60 == 0 else _counted(minutes, "minute")
    clock = _clock(shown) if shown.date() == told_of.date() else _on(_clock(shown), _day(shown))
    return f"the clocks go {'back' if change < timedelta() else 'forward'} {by} at {clock}"
