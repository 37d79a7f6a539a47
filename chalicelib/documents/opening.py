"""The opening of an event's booking as a calendar entry (RFC 5545)."""

from datetime import UTC, datetime, timedelta

from chalicelib.domain.titles import one_line

_IN_TURN = (
    "There is a draw for the first places in the queue. Join it before this time. "
    "If you have joined, open the page that you bookmarked. Event page"
)
_REMINDED_BEFORE = timedelta(minutes=10)


def opening_entry(
    event_id: str, title: str, opens_at: datetime, page_url: str, now: datetime, *, in_turn: bool
) -> bytes:
    """Return the .ics file: UTF-8, folded, CRLF. It reminds people ten minutes before.

    ``in_turn``: the event has a queue, so people who come then are behind those who joined before.
    """
    from icalendar import Alarm, Calendar, Event  # noqa: PLC0415  # slow to import; only what renders needs it

    words = f"Booking opens: {one_line(title)}"
    file = Calendar()
    file.add("PRODID", "-//Turnout//Opening//EN")
    file.add("VERSION", "2.0")
    file.add("METHOD", "PUBLISH")
    entry = Event()
    entry.add("UID", f"{event_id}.opening@turnout")
    entry.add("DTSTAMP", now.astimezone(UTC))
    # An instant, unlike a session's: it is the same for people in all zones.
    entry.add("DTSTART", opens_at.astimezone(UTC))
    entry.add("SUMMARY", words)
    entry.add("DESCRIPTION", f"{_IN_TURN if in_turn else 'Book here'}: {page_url}")
    entry.add("URL", page_url)
    entry.add("TRANSP", "TRANSPARENT")
    reminder = Alarm()
    reminder.add("ACTION", "DISPLAY")
    reminder.add("DESCRIPTION", words)
    reminder.add("TRIGGER", -_REMINDED_BEFORE)
    entry.add_component(reminder)
    file.add_component(entry)
    return bytes(file.to_ical(sorted=False))
