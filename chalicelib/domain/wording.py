"""How times are put into words: the same in mails, calendars, refusals and on pages."""

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

_HOUR_SECONDS = 3600


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
    """19:00"""
    ends: str
    """22:00, or with its date when that is another one: 01:00 on Sunday 6 September 2026"""
    zone: str
    """London time (BST)"""


def when(session: Timed) -> When:
    """Return the session's time in words."""
    starts = session.starts_local
    ends = session.ends_local
    ends_words = f"{ends:%H:%M}"
    if ends.date() != starts.date():
        ends_words += f" on {_date(ends)}"
    return When(
        date=_date(starts),
        short_date=f"{starts:%a} {starts.day} {starts:%b}",
        starts=f"{starts:%H:%M}",
        ends=ends_words,
        zone=_zone(session.zone, starts),
    )


def moment_in_words(moment: datetime, zone: str) -> str:
    """Return an instant as clocks in the zone show it, such as "12:00 (BST) on Tuesday 4 August 2026"."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{clock_in_words(moment, zone)} on {local:%A} {local.day} {local:%B %Y}"


def clock_in_words(moment: datetime, zone: str) -> str:
    """Return what a clock in the zone shows at this instant, such as "12:00 (BST)"."""
    local = moment.astimezone(ZoneInfo(zone))
    # Zones without a name of their own are called by their offset, like "+03".
    name = local.tzname() or zone
    letters = f"UTC{name}" if name[0] in "+-" else name
    return f"{local:%H:%M} ({letters})"


def clock_and_day(moment: datetime, zone: str) -> str:
    """Return an instant by the clock on the wall of a venue, in short: "19:05 on 5 September"."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%H:%M} on {local.day} {local:%B}"


def utc_in_words(moment: datetime) -> str:
    """Return an instant where nobody knows the reader's clock: "11:00 UTC on 4 August 2026"."""
    utc = moment.astimezone(UTC)
    return f"{utc:%H:%M} UTC on {utc.day} {utc:%B %Y}"


def minutes_in_words(seconds: int) -> str:
    """Return a short wait, in whole minutes: "about 3 min"."""
    return f"about {max(1, round(seconds / 60))} min"


def ahead_in_words(ahead: int) -> str:
    """Return how many are ahead of somebody. pages/queue/queue.js says the same."""
    return f"About {ahead:,} ahead of you" if ahead else "You are next"


def estimate_in_words(seconds: float | None) -> str:
    """Return how long it takes until a turn, as roughly as is known. pages/queue/queue.js says the same."""
    if seconds is None:
        return "Nobody can say whether your turn comes."
    if seconds < 60:
        return "Your turn comes in less than a minute."
    if seconds < _HOUR_SECONDS * 1.5:
        minutes = -(-int(seconds) // 60)
        return f"Your turn comes in about {_counted(minutes, 'minute')}."
    return f"Your turn comes in about {_counted(round(seconds / _HOUR_SECONDS), 'hour')}."


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _date(day: datetime) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def _zone(zone: str, local: datetime) -> str:
    abbreviation = local.replace(tzinfo=ZoneInfo(zone)).tzname() or zone
    area, _, city = zone.rpartition("/")
    if not area or area == "Etc":
        return abbreviation
    # Many zones have no letters of their own; there the offset is what tells two of them apart.
    if abbreviation[0] in "+-":
        abbreviation = f"UTC{abbreviation}"
    return f"{city.replace('_', ' ')} time ({abbreviation})"
