"""An event's sessions as one calendar that people subscribe to (RFC 5545; RFC 7986 has what it is called).

It holds nobody's booking: who has booked a session too has an entry of their own, with another UID.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from chalicelib.documents.calendar import person, session_entry
from chalicelib.documents.zone_rules import zone_rules
from chalicelib.domain.event import Event
from chalicelib.domain.session import Session, is_called_off
from chalicelib.domain.titles import one_line

_ASK_AGAIN_AFTER = timedelta(hours=6)
_CANCELLED_KEPT = timedelta(days=30)
"""After their end. A program that asks seldom must still hear of it."""


def is_in_feed(event: Event, session: Session, now: datetime) -> bool:
    """Return whether this session has an entry."""
    return not is_called_off(event, session, now) or now < session.ends_at + _CANCELLED_KEPT


def sessions_feed(
    event: Event,
    sessions: Iterable[tuple[Session, str]],
    *,
    feed_url: str,
    organiser_address: str,
    now: datetime,
) -> bytes:
    """Return the .ics file of these sessions, each with the address of its page: UTF-8, folded, CRLF."""
    from icalendar import Calendar  # noqa: PLC0415  # slow to import; only what renders needs it

    file = Calendar()
    file.add("PRODID", "-//Turnout//Sessions//EN")
    file.add("VERSION", "2.0")
    file.add("CALSCALE", "GREGORIAN")
    file.add("METHOD", "PUBLISH")
    for name in ("NAME", "X-WR-CALNAME"):
        file.add(name, one_line(event.title))
    file.add("SOURCE", feed_url, parameters={"VALUE": "URI"})
    file.add("REFRESH-INTERVAL", _ASK_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    file.add("X-PUBLISHED-TTL", _ASK_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    times: dict[str, list[datetime]] = {}
    for session, page_url in sessions:
        off = is_called_off(event, session, now)
        entry = session_entry(event, session, f"{session.session_id}.session", cancelled=off)
        # A cancelled event's sessions are cancelled a moment later, and their sequence rises then.
        entry.add("SEQUENCE", session.sequence + (off and session.status != "cancelled"))
        entry.add("DTSTAMP", now.astimezone(UTC))
        entry.add("ORGANIZER", person(organiser_address, event.title))
        entry.add("URL", page_url)
        # Nobody has booked all of these: they keep no evening blocked.
        entry["TRANSP"] = "TRANSPARENT"
        file.add_component(entry)
        times.setdefault(session.zone, []).extend((session.starts_at, session.ends_at))
    # As in calendar.py; rules that hold from the first to the last serve all in the zone.
    rules = b"".join(zone_rules(zone, min(moments), max(moments)) for zone, moments in times.items())
    head, begin, rest = bytes(file.to_ical(sorted=False)).partition(b"BEGIN:VEVENT\r\n")
    return head + rules + begin + rest
