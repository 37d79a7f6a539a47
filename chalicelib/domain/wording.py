"""How times, places and titles are put into words: the same in mails, calendars, refusals and on pages."""

import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from msgspec import Struct

if TYPE_CHECKING:
    from chalicelib.domain.event import Event
    from chalicelib.domain.session import Session

# Marks that turn the reading direction of whatever follows them. A name with one in it could
# make the rest of our sentence, or a link, read backwards. Joiners stay: emoji and scripts need them.
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_HOUR_SECONDS = 3600


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


def one_line(text: str) -> str:
    """Return the text fit for a header or a sentence: one line, no control characters or direction marks.

    What people typed must not be able to end our line and start one of its own.
    """
    kept = (
        " " if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} else character
        for character in text
        if character not in _DIRECTION_MARKS
    )
    return " ".join("".join(kept).split())


def full_title(event: "Event", session: "Session") -> str:
    """Return the event's title with the session's, where that says more: ``Curry Night: Leeds``."""
    title, session_title = one_line(event.title), one_line(session.title)
    if not session_title or session_title == title:
        return title
    return f"{title}: {session_title}"


def place(session: "Session") -> str:
    """Return where the session is, on one line: venue, address."""
    # An address may come in lines; a comma is what stands between them on one.
    address = ", ".join(one_line(line).rstrip(",") for line in session.address.splitlines() if line.strip())
    return ", ".join(part for part in (one_line(session.venue), address) if part)


def map_url(session: "Session") -> str:
    """Return a link to the place on OpenStreetMap: a pin where we know the spot, else a search for it."""
    if session.latitude is None or session.longitude is None:
        return "https://www.openstreetmap.org/search?" + urlencode({"query": place(session)})
    latitude, longitude = f"{session.latitude:.6f}", f"{session.longitude:.6f}"
    pin = urlencode({"mlat": latitude, "mlon": longitude})
    return f"https://www.openstreetmap.org/?{pin}#map=17/{latitude}/{longitude}"


def when(session: "Session") -> When:
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
