"""Emails that are due at a time: when that is, by the venue's clocks, and who owes one."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event, Reminder
from chalicelib.domain.kinds import deadlines, is_due
from chalicelib.domain.notices import (
    is_asked_again,
    is_overtaken,
    notice_owed,
    notices_following,
    notices_for_change,
    notices_of_session,
    notices_owed,
    notices_possible,
    owed_since,
)
from chalicelib.domain.session import Earlier, Session, WhenAndWhere
from chalicelib.domain.wording import day_in_words
from tests.domain.test_notices import BOOKED, CANCELLED
from tests.mail.samples import EVENT, SESSION

BOTH: Event = replace(EVENT, reminders=("day_before", "two_hours_before"))
EVENING = replace(SESSION, starts_local=datetime(2027, 9, 5, 19), ends_local=datetime(2027, 9, 5, 22))
DAY_BEFORE = datetime(2027, 9, 4, 10, tzinfo=UTC)
TWO_HOURS_BEFORE = datetime(2027, 9, 5, 16, tzinfo=UTC)


def at(zone: str, *starts: int) -> Session:
    begins = datetime(*starts)  # type: ignore[arg-type]  # year, month, day, hour, minute
    return replace(EVENING, zone=zone, starts_local=begins, ends_local=begins + timedelta(hours=1))


@pytest.mark.parametrize(
    ("session", "day_before", "two_hours_before"),
    [
        (at("Europe/London", 2027, 9, 5, 19), "2027-09-04T10:00Z", "2027-09-05T16:00Z"),
        # The clocks go forward at 1am on 28 March.
        (at("Europe/London", 2027, 3, 28, 19), "2027-03-27T11:00Z", "2027-03-28T16:00Z"),
        (at("Europe/London", 2027, 3, 28, 2, 30), "2027-03-27T11:00Z", "2027-03-27T23:30Z"),
        (at("Europe/London", 2027, 3, 29, 19), "2027-03-28T10:00Z", "2027-03-29T16:00Z"),
        # They go back at 2am on 31 October, so half past one is there twice: people come to the first.
        (at("Europe/London", 2027, 10, 31, 19), "2027-10-30T10:00Z", "2027-10-31T17:00Z"),
        (at("Europe/London", 2027, 10, 31, 1, 30), "2027-10-30T10:00Z", "2027-10-30T22:30Z"),
        (at("Europe/London", 2027, 10, 31, 3), "2027-10-30T10:00Z", "2027-10-31T01:00Z"),
        (at("Europe/London", 2027, 11, 1, 19), "2027-10-31T11:00Z", "2027-11-01T17:00Z"),
        # Still the day before in Vancouver, where it is Saturday evening in London.
        (at("America/Vancouver", 2027, 9, 5, 18), "2027-09-04T18:00Z", "2027-09-05T23:00Z"),
        (at("America/Toronto", 2027, 11, 7, 18), "2027-11-06T15:00Z", "2027-11-07T21:00Z"),
        (at("Asia/Kolkata", 2027, 9, 5, 19, 30), "2027-09-04T05:30Z", "2027-09-05T12:00Z"),
    ],
)
def test_reminders_are_due_at_eleven_on_the_day_before_and_two_hours_before_by_the_clocks_at_the_venue(
    session: Session, day_before: str, two_hours_before: str
) -> None:
    due = deadlines(session, datetime(2027, 1, 1, tzinfo=UTC))
    assert {kind: f"{moment:%Y-%m-%dT%H:%MZ}" for kind, moment in due.items()} == {
        "reminder": day_before,
        "reminder_today": two_hours_before,
    }
    assert {moment.utcoffset() for moment in due.values()} == {timedelta(0)}


@pytest.mark.parametrize(
    ("event", "session", "now", "expected"),
    [
        (BOTH, EVENING, DAY_BEFORE, True),
        (BOTH, EVENING, DAY_BEFORE - timedelta(seconds=1), False),
        # A late one wakes nobody, and does not come beside the one on the day.
        (BOTH, EVENING, DAY_BEFORE + timedelta(hours=10, seconds=-1), True),
        (BOTH, EVENING, DAY_BEFORE + timedelta(hours=10), False),
        (BOTH, EVENING, DAY_BEFORE + timedelta(hours=22, seconds=-1), False),
        (BOTH, EVENING, DAY_BEFORE + timedelta(hours=22), True),
        (BOTH, EVENING, EVENING.starts_at - timedelta(hours=2, seconds=1), True),
        (BOTH, EVENING, EVENING.starts_at - timedelta(hours=2), False),
        (BOTH, replace(EVENING, status="closed"), DAY_BEFORE, True),
        (BOTH, replace(EVENING, status="cancelled"), DAY_BEFORE, False),
        (replace(BOTH, status="draft"), EVENING, DAY_BEFORE, False),
        (replace(BOTH, status="cancelled"), EVENING, DAY_BEFORE, False),
        (replace(BOTH, reminders=("two_hours_before",)), EVENING, DAY_BEFORE, False),
        (replace(BOTH, reminders=()), EVENING, DAY_BEFORE, False),
        (None, EVENING, DAY_BEFORE, False),
        # It moved: later, so that it isn't due yet, and earlier.
        (BOTH, at("Europe/London", 2027, 9, 6, 19), DAY_BEFORE, False),
        (BOTH, at("Europe/London", 2027, 9, 5, 13), DAY_BEFORE, True),
    ],
)
def test_a_reminder_is_due_from_its_time_on_while_it_is_of_use_if_its_event_wants_it(
    event: Event | None, session: Session, now: datetime, expected: bool
) -> None:
    assert is_due("reminder", event, session, now) is expected


def kinds_owed(booking: Booking, session: Session, now: datetime, event: Event = BOTH) -> list[str]:
    return [notice.kind for notice in notices_owed(booking, session, event, now)]


EARLY = replace(BOOKED, created_at=DAY_BEFORE - timedelta(days=1))


@pytest.mark.parametrize(
    ("booking", "changed_at", "owed"),
    [
        (EARLY, None, True),
        (replace(BOOKED, created_at=EARLY.created_at + timedelta(seconds=1)), None, False),
        (replace(CANCELLED, created_at=EARLY.created_at), None, False),
        (replace(EARLY, status="moved"), None, False),
        (EARLY, DAY_BEFORE - timedelta(minutes=1), True),
        (EARLY, DAY_BEFORE + timedelta(minutes=1), False),
    ],
    ids=["a day before it", "later", "cancelled", "moved", "changed before", "changed since"],
)
def test_a_reminder_is_owed_to_who_booked_well_before_it_and_was_not_told_of_a_change_since(
    booking: Booking, changed_at: datetime | None, owed: bool
) -> None:
    session = replace(EVENING, sequence=1, sequence_at=changed_at)
    booking = replace(booking, shown=1)
    now = DAY_BEFORE + timedelta(minutes=2)
    assert ("reminder" in kinds_owed(booking, session, now)) is owed
    assert "reminder" not in kinds_owed(booking, session, DAY_BEFORE - timedelta(minutes=2))


def test_what_was_changed_by_mistake_and_put_right_costs_nobody_their_reminder() -> None:
    slip, right = DAY_BEFORE + timedelta(seconds=30), DAY_BEFORE + timedelta(seconds=50)
    as_it_was = {name: getattr(EVENING, name) for name in WhenAndWhere.__struct_fields__}
    mistaken = {**as_it_was, "sequence": 1, "starts_local": EVENING.starts_local - timedelta(hours=1)}
    earlier = (Earlier(**as_it_was, until=slip), Earlier(**mistaken, until=right))
    session = replace(EVENING, sequence=2, sequence_at=right, earlier=earlier)
    now = DAY_BEFORE + timedelta(minutes=2)
    assert "reminder" in kinds_owed(replace(EARLY, shown=2), session, now)
    moved = replace(session, starts_local=EVENING.starts_local + timedelta(hours=1))
    assert "reminder" not in kinds_owed(replace(EARLY, shown=2), moved, now)


def test_an_event_has_the_reminder_on_the_day_before_unless_it_says_otherwise() -> None:
    last = EVENING.starts_at - timedelta(seconds=1)
    wanted: dict[tuple[Reminder, ...], list[str]] = {
        EVENT.reminders: ["reminder"],
        ("two_hours_before",): ["reminder_today"],
        ("day_before", "two_hours_before"): ["reminder", "reminder_today"],
        (): [],
    }
    for reminders, kinds in wanted.items():
        event = replace(EVENT, reminders=reminders)
        owed = kinds_owed(EARLY, EVENING, DAY_BEFORE, event) + kinds_owed(EARLY, EVENING, last, event)
        assert [kind for kind in owed if kind != "confirmation"] == kinds


def test_who_sees_a_booking_alone_or_a_change_of_its_session_queues_no_reminder() -> None:
    changed = replace(EVENING, sequence=1, sequence_at=DAY_BEFORE - timedelta(days=2))
    own = notice_owed(EARLY)
    queued = [
        *notices_for_change(None, EARLY),
        *notices_of_session(EARLY, changed),
        *notices_following(own, EARLY, changed),
    ]
    assert {notice.kind for notice in queued} <= {"confirmation", "change"}


def test_a_reminder_counts_as_owed_since_it_was_due_and_as_asked_for_by_nobody() -> None:
    [_, reminder] = notices_possible(EARLY, EVENING, DAY_BEFORE)
    assert owed_since(reminder, EARLY, EVENING) == DAY_BEFORE
    assert not is_asked_again(reminder, replace(EARLY, corrected=1))
    assert reminder.request_id == ""


@pytest.mark.parametrize(
    ("moved_to", "same"),
    [
        (datetime(2027, 9, 5, 12), True),
        (datetime(2027, 9, 5, 23, 30), True),
        (datetime(2027, 9, 6, 0, 30), False),
        (datetime(2027, 9, 12, 19), False),
    ],
)
def test_moving_a_session_within_its_day_makes_no_second_reminder_and_to_another_day_one(
    moved_to: datetime, same: bool
) -> None:
    quietly = replace(EVENING, starts_local=moved_to, ends_local=moved_to + timedelta(hours=2))
    [_, before] = notices_possible(EARLY, EVENING, DAY_BEFORE)
    after = notices_possible(EARLY, quietly, datetime(2027, 9, 11, 10, tzinfo=UTC))[1]
    assert (before.identity == after.identity) is same
    assert is_overtaken(before, EARLY, quietly, BOTH, DAY_BEFORE) is not same


@pytest.mark.parametrize(
    ("zone", "now", "words"),
    [
        ("Europe/London", "2027-09-04T10:00Z", "Tomorrow"),
        ("Europe/London", "2027-09-04T22:59Z", "Tomorrow"),
        ("Europe/London", "2027-09-04T23:00Z", "Today"),
        ("Europe/London", "2027-09-05T16:00Z", "Today"),
        ("Europe/London", "2027-09-03T12:00Z", "Sun 5 Sep"),
        ("America/Vancouver", "2027-09-05T06:59Z", "Tomorrow"),
        ("Asia/Kolkata", "2027-09-04T18:30Z", "Today"),
    ],
)
def test_a_day_is_called_tomorrow_or_today_as_it_is_at_the_venue_at_that_moment(
    zone: str, now: str, words: str
) -> None:
    assert day_in_words(replace(EVENING, zone=zone), datetime.fromisoformat(now)) == words
