"""An event's sessions as a calendar, read by readers that are not ours."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import vobject
from dateutil.tz import tzical
from icalendar import Calendar
from msgspec.structs import replace

from chalicelib.documents.sessions_feed import is_in_feed, sessions_feed
from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from tests.documents.test_calendar import entry, lines, make, strange
from tests.mail.samples import EVENT, NOW, SESSION

FEED = "https://book.example.org/v1/events/curry-night/sessions.ics"
PAGE = "https://book.example.org/v1/book/curry-night/"


def feed(*sessions: Session, event: Event = EVENT, now: datetime = NOW) -> bytes:
    return sessions_feed(
        event,
        [(session, PAGE + session.session_id) for session in sessions],
        feed_url=FEED,
        organiser_address="bookings@example.org",
        now=now,
    )


def entries(file: bytes) -> list[Any]:
    return list(vobject.readOne(file.decode()).vevent_list)


def session(name: str, **changes: Any) -> Session:
    return replace(SESSION, session_id=name * 16, title=f"Town {name}", **changes)


def test_every_session_has_an_entry_whose_zone_rules_give_the_right_instant() -> None:
    winter = datetime(2027, 1, 14, 19)
    sessions = [
        session("a"),
        session("b", starts_local=winter, ends_local=winter + timedelta(hours=3)),
        session("c", zone="America/Vancouver"),
    ]
    file = feed(*sessions)
    assert file.count(b"BEGIN:VTIMEZONE") == 2
    read = entries(strange(strange(file, "Europe/London").encode(), "America/Vancouver").encode())
    assert [(one.dtstart.value.astimezone(UTC), one.dtend.value.astimezone(UTC)) for one in read] == [
        (one.starts_at, one.ends_at) for one in sessions
    ]
    assert [one.url.value for one in read] == [PAGE + one.session_id for one in sessions]
    assert read[0].summary.value == f"{EVENT.title}: Town a"


def test_zone_rules_hold_from_the_first_session_to_the_last_where_clocks_follow_no_yearly_rule() -> None:
    nights = [datetime(2025, month, 20, 19) for month in (1, 3, 7)]
    sessions = [
        session(name, zone="Africa/Casablanca", starts_local=night, ends_local=night + timedelta(hours=3))
        for name, night in zip("abc", nights, strict=True)
    ]
    text = feed(*sessions).decode()
    block = text[text.index("BEGIN:VTIMEZONE") : text.index("BEGIN:VEVENT")]
    reader = tzical(StringIO(block)).get("Africa/Casablanca")
    assert [night.replace(tzinfo=reader).astimezone(UTC).hour for night in nights] == [18, 19, 18]
    assert [one.starts_at.hour for one in sessions] == [18, 19, 18]


def test_the_calendar_says_what_it_is_called_and_when_to_ask_again() -> None:
    said = lines(feed(session("a")))
    assert {
        "METHOD:PUBLISH",
        f"NAME:{EVENT.title}",
        f"X-WR-CALNAME:{EVENT.title}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        f"SOURCE;VALUE=URI:{FEED}",
    } <= set(said)
    assert not Calendar.from_ical(feed(session("a"))).errors


def test_no_entry_has_the_uid_of_a_booking_or_keeps_its_own_over_a_change() -> None:
    before, after = session("a"), session("a", venue="Elsewhere", sequence=3)
    (one,), (other,) = entries(feed(before)), entries(feed(after))
    assert one.uid.value == other.uid.value == f"{'a' * 16}.session@turnout"
    assert one.uid.value != entry(make(before, booking_id="a" * 16)).uid.value
    assert (one.sequence.value, other.sequence.value) == (str(before.sequence), "3")


def test_nobodys_evening_is_blocked() -> None:
    assert [one.transp.value for one in entries(feed(session("a"), session("b")))] == ["TRANSPARENT"] * 2
    assert b"ATTENDEE" not in feed(session("a"))


@pytest.mark.parametrize("by_event", [False, True])
def test_a_cancelled_session_stays_as_cancelled_for_thirty_days(by_event: bool) -> None:
    event = replace(EVENT, status="cancelled") if by_event else EVENT
    off = session("a", sequence=2) if by_event else session("a", sequence=3, status="cancelled")
    (read,) = entries(feed(off, event=event))
    # A cancelled event cancels its sessions a moment later, and their sequence rises then.
    assert (read.status.value, read.sequence.value) == ("CANCELLED", "3")
    assert is_in_feed(event, off, off.ends_at)


def test_what_was_cancelled_is_gone_thirty_days_after_its_end_and_what_took_place_stays() -> None:
    later = SESSION.ends_at + timedelta(days=30)
    off = session("a", status="cancelled")
    assert is_in_feed(EVENT, off, later - timedelta(seconds=1))
    assert not is_in_feed(EVENT, off, later)
    assert is_in_feed(EVENT, session("a"), later)
