"""What is due at a time, from its session to the emails, whatever is late, lost or doubled.

The jobs are called as AWS calls them, at the times that a test sets.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.actions.due.queue_due_work import queue_due_work
from chalicelib.actions.mail import notify_when_due, send_notice
from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.jobs import booking_stream, clock, fan_out, mailer
from chalicelib.settings import settings
from chalicelib.store import capacity, capacity_changes, event_changes
from chalicelib.store.due import finish_hour, hour_of, last_hour_finished, write_due
from chalicelib.store.events import find_event, find_session
from chalicelib.store.recounts import watched_sessions
from chalicelib.store.table import RecountItem
from tests.actions.as_routes import cancel_booking, change_session
from tests.actions.callers import owner_of
from tests.jobs.test_clock import TICK
from tests.mail_chain import Chain, mails, metrics
from tests.making import booking_for, make_event, make_session

pytestmark = pytest.mark.usefixtures("neighbours")

BOOKED_AT = datetime(2027, 9, 1, 9, tzinfo=UTC)
DUE = datetime(2027, 9, 4, 10, tzinfo=UTC)
"""The day before a session at seven on 5 September, at eleven in London."""
STARTS = datetime(2027, 9, 5, 18, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class World:
    """The table and the queues at a time that the test sets."""

    def __init__(self, table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.chain = Chain(table)
        self._table = table
        self._monkeypatch = monkeypatch
        self.now = BOOKED_AT

        class Clock(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return self.now.astimezone(tz)

        for job in (booking_stream, clock, fan_out, mailer):
            monkeypatch.setattr(job, "datetime", Clock)

    def tick(self, at: datetime) -> None:
        """Let the clock run at this time, once."""
        self.now = at
        clock.clock(TICK, None)

    def ticks(self, *times: datetime) -> None:
        """Let the clock run at these times, and all work that it queues be done each time."""
        for at in times:
            self.tick(at)
            self.chain.settle()

    def only_partition(self, partition: str) -> None:
        """Let sessions be worked through by one partition of their bookings from now on."""
        self._monkeypatch.setattr(notify_when_due, "BOOKING_PARTITIONS", (partition,))

    def items(self) -> list[tuple[str, str]]:
        """Return where what is due is stored."""
        scanned = self._table.scan(TableName="turnout-test")["Items"]
        keys = [(item["PK"]["S"], item["SK"]["S"]) for item in scanned]
        return sorted(key for key in keys if key[0].startswith("DUE#"))


@pytest.fixture
def world(table: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(table, monkeypatch)


@pytest.fixture
def event(table: Any) -> Event:
    return make_event()


@pytest.fixture
def session(event: Event, world: World) -> Session:
    return make_session(event, capacity=60)


def book(session: Session, person: str, at: datetime = BOOKED_AT, source: str = "") -> Booking:
    made = replace(booking_for(session, person), created_at=at, changed_at=at, mailed_at=at, source=source)
    return capacity.take(session, made)


def change(session: Session, patch: dict[str, Any], now: datetime) -> Session:
    return change_session(
        owner_of(session), session.event_id, session.session_id, patch, now=now, expected_version=None
    )


def set_reminders(event: Event, *reminders: Any) -> None:
    stored = find_event(event.event_id)
    assert stored is not None
    event_changes.save_event(replace(stored, reminders=reminders, version=stored.version + 1), stored.version)


def reminded() -> list[tuple[str, str]]:
    """Return (to whom, the subject's first word) of each reminder."""
    subjects = [
        (str(mail["To"]).partition("@")[0], str(mail["Subject"]).partition(":")[0]) for mail in mails()
    ]
    return sorted((to, first) for to, first in subjects if first in ("Tomorrow", "Today"))


def test_the_day_before_everybody_who_booked_is_reminded_once(world: World, session: Session) -> None:
    for person in ("ann", "bob", "cat"):
        book(session, person)
    cancel_booking(book(session, "dan").lives_at, now=BOOKED_AT)
    book(session, "eve", at=DUE - HOUR)
    world.chain.settle()
    world.ticks(DUE - MINUTE)
    assert reminded() == []
    world.ticks(*(DUE + number * MINUTE for number in range(4)))
    world.ticks(*(DUE + number * HOUR for number in range(1, 31)))
    assert reminded() == [("ann", "Tomorrow"), ("bob", "Tomorrow"), ("cat", "Tomorrow")]
    (mail,) = [mail for mail in mails() if mail["To"] == "ann@example.org" and "Tomorrow" in mail["Subject"]]
    assert str(mail["Subject"]) == "Tomorrow: Social Care Curry: Leicester, Sun 5 Sep at 7pm"
    types = [part.get_content_type() for part in mail.walk()]
    assert "image/png" in types
    assert "text/calendar" not in types
    assert world.items() == []


def test_an_event_that_wants_both_reminders_or_none_when_they_are_due_gets_them_or_none(
    world: World, event: Event, session: Session
) -> None:
    book(session, "ann")
    world.chain.settle()
    set_reminders(event)
    world.ticks(DUE, DUE + HOUR)
    assert reminded() == []
    set_reminders(event, "day_before", "two_hours_before")
    world.ticks(STARTS - 2 * HOUR)
    assert reminded() == [("ann", "Today")]


@pytest.mark.parametrize("down", [2 * HOUR, 6 * HOUR])
def test_a_clock_that_was_down_for_hours_reminds_people_late_and_says_by_how_much(
    world: World, session: Session, capsys: pytest.CaptureFixture[str], down: timedelta
) -> None:
    book(session, "ann")
    world.chain.settle()
    world.ticks(DUE - MINUTE)
    capsys.readouterr()
    world.tick(DUE + down)
    assert metrics(capsys.readouterr().out)["DueLagSeconds"] == down.total_seconds()
    world.chain.settle()
    world.ticks(DUE + down + MINUTE)
    assert reminded() == [("ann", "Tomorrow")]
    assert "DueLagSeconds" not in metrics(capsys.readouterr().out)


def test_a_clock_that_was_down_for_three_days_works_through_all_of_them_and_sends_nothing_too_late(
    world: World, event: Event, session: Session
) -> None:
    evening = datetime(2027, 9, 7, 21)
    later = make_session(event, starts_local=evening, ends_local=evening + HOUR)
    book(session, "ann")
    book(later, "bob")
    world.chain.settle()
    world.ticks(DUE - HOUR)
    now = DUE + 3 * DAY + 10 * MINUTE
    world.ticks(now)
    assert reminded() == [("bob", "Today")], "the other session is over"
    assert last_hour_finished() == hour_of(now) - HOUR
    assert [key[0] for key in world.items()] == ["DUE#2027-09-07T18"], "two hours before the later one"


def test_a_clock_that_never_ran_begins_three_days_ago(world: World, session: Session) -> None:
    book(session, "ann")
    world.chain.settle()
    assert last_hour_finished() is None
    world.ticks(DUE + 7 * HOUR)
    assert reminded() == [("ann", "Tomorrow")]


def test_an_hour_is_read_on_until_five_minutes_after_its_end(world: World, session: Session) -> None:
    def queued(now: datetime) -> int:
        return queue_due_work(now=now, is_time_up=lambda: False)

    assert queued(DUE + 64 * MINUTE) == 0
    assert last_hour_finished() == DUE - HOUR
    # By the clock of the process that writes it, the hour isn't over.
    write_due(session, "reminder", DUE, DUE + 58 * MINUTE)
    assert world.items() == [("DUE#2027-09-04T10", f"2027-09-04T10:58:00Z#reminder#{session.session_id}")]
    assert queued(DUE + 64 * MINUTE) == 1
    assert queued(DUE + 65 * MINUTE) == 0
    assert last_hour_finished() == DUE


def test_a_tick_whose_time_is_up_leaves_the_rest_to_the_next(
    world: World, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        book(make_session(event), f"p{number}")
    world.chain.settle()
    finish_hour(DUE - HOUR)
    looked = iter([False, True, True, *[False] * 99])

    def hurried(*, now: datetime, **_: Any) -> int:
        return queue_due_work(now=now, is_time_up=lambda: next(looked))

    monkeypatch.setattr(clock, "queue_due_work", hurried)
    world.tick(DUE)
    world.chain.settle()
    assert len(reminded()) == 10
    world.ticks(DUE + MINUTE)
    assert len(reminded()) == 12


def test_a_session_that_moves_is_reminded_of_at_its_new_time_alone(world: World, session: Session) -> None:
    book(session, "ann")
    world.chain.settle()
    moved = change(session, {"starts_local": "2027-09-08T19:00", "ends_local": "2027-09-08T22:00"}, BOOKED_AT)
    world.chain.settle()
    world.ticks(DUE, STARTS - HOUR)
    assert reminded() == []
    world.ticks(DUE + 3 * DAY)
    assert reminded() == [("ann", "Tomorrow")]
    assert moved.starts_at == STARTS + 3 * DAY


def test_a_session_that_moves_to_another_day_after_its_reminder_is_reminded_of_again(
    world: World, session: Session
) -> None:
    book(session, "ann")
    world.chain.settle()
    world.ticks(DUE)
    change(session, {"starts_local": "2027-09-05T18:00"}, DUE + HOUR)
    world.ticks(DUE + HOUR, DUE + 2 * HOUR)
    assert reminded() == [("ann", "Tomorrow")], "its change was told, and it is the same evening"
    change(session, {"starts_local": "2027-09-07T18:00", "ends_local": "2027-09-07T22:00"}, DUE + 3 * HOUR)
    world.ticks(DUE + 3 * HOUR, DUE + 2 * DAY)
    assert reminded() == [("ann", "Tomorrow")] * 2


@pytest.mark.parametrize("tell", [True, False])
def test_a_session_that_moves_so_near_that_its_reminder_is_late_owes_it_if_the_change_was_not_told(
    world: World, session: Session, tell: bool
) -> None:
    session = change(
        session, {"starts_local": "2027-09-20T19:00", "ends_local": "2027-09-20T22:00"}, BOOKED_AT
    )
    book(session, "ann")
    world.chain.settle()
    world.now = now = DUE + 4 * HOUR
    world.ticks(now)
    change(session, {"starts_local": "2027-09-05T19:00", "ends_local": "2027-09-05T22:00", "tell": tell}, now)
    world.ticks(now, now + MINUTE)
    assert reminded() == ([] if tell else [("ann", "Tomorrow")])


def test_a_session_that_is_cancelled_is_reminded_of_no_more(world: World, session: Session) -> None:
    book(session, "ann")
    world.chain.settle()
    capacity_changes.cancel_session(session, reason=None, request_id="")
    world.ticks(DUE)
    assert reminded() == []


def test_what_was_queued_while_the_session_was_on_is_not_sent_once_it_has_moved_or_begun(
    world: World, session: Session
) -> None:
    book(session, "ann")
    world.chain.settle()
    world.tick(DUE)
    world.chain.deliver("fan-out")
    world.chain.deliver("fan-out")
    assert [message["kind"] for message in world.chain.waiting()] == ["reminder"]
    world.now = STARTS
    world.chain.settle()
    assert reminded() == []


def test_items_that_are_doubled_make_no_second_email(world: World, session: Session) -> None:
    book(session, "ann")
    world.chain.settle()
    items = world._table.scan(TableName="turnout-test")["Items"]
    doubled = [item for item in items if item["PK"]["S"].startswith("DUE#")]
    world.ticks(DUE)
    for item in doubled:
        world._table.put_item(TableName="turnout-test", Item=item)
    world.ticks(DUE + MINUTE)
    assert reminded() == [("ann", "Tomorrow")]


def test_deadlines_whose_record_never_came_are_written_by_the_recount(world: World, session: Session) -> None:
    book(session, "ann")
    world.chain.changes()
    assert world.items() == []
    world.tick(BOOKED_AT + HOUR)
    assert [key[0] for key in world.items()] == ["DUE#2027-09-04T10", "DUE#2027-09-05T16"]
    [watched] = watched_sessions()
    assert watched.due_version == session.version
    world.ticks(DUE)
    assert reminded() == [("ann", "Tomorrow")]


def test_a_session_from_before_deadlines_were_stored_is_reminded_of(world: World, session: Session) -> None:
    book(session, "ann")
    world.chain.changes()
    RecountItem("RECOUNT", session.session_id).update([RecountItem.due_version.remove()])
    world.ticks(DUE + MINUTE, DUE + 2 * MINUTE)
    assert reminded() == [("ann", "Tomorrow")]


def test_reminders_whose_work_was_lost_are_found_owed_although_nothing_moves(
    world: World, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    book(session, "ann")
    world.chain.settle()
    # The recount has seen that all is well, and looks no more.
    world.ticks(BOOKED_AT + HOUR, BOOKED_AT + 2 * HOUR)
    world.tick(DUE)
    world.chain._queue("fan-out")._messages.clear()
    world.ticks(DUE + 10 * MINUTE)
    assert reminded() == []
    capsys.readouterr()
    world.ticks(DUE + 30 * MINUTE)
    assert reminded() == [("ann", "Tomorrow")]
    assert metrics(capsys.readouterr().out)["NoticesFoundOwed"] == 1


def test_reminders_that_only_wait_for_their_turn_are_not_counted_as_lost(
    world: World, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    book(session, "ann")
    world.chain.settle()
    world.ticks(DUE - HOUR)
    world.tick(DUE)
    # Their work waits behind much other, and meanwhile the session is recounted because somebody books.
    book(session, "late", at=DUE)
    world.chain.run_stream()
    world.chain.deliver("mail")
    capsys.readouterr()
    world.tick(DUE + 2 * MINUTE)
    assert "NoticesFoundOwed" not in metrics(capsys.readouterr().out)
    world.chain.settle()
    assert reminded() == [("ann", "Tomorrow")]


def test_reminders_that_are_switched_off_and_on_while_they_wait_go_all_the_same_and_once(
    world: World, event: Event, session: Session
) -> None:
    book(session, "ann")
    world.chain.settle()
    world.tick(DUE)
    for _ in range(2):
        world.chain.deliver("fan-out")
    set_reminders(event)
    world.now = DUE + MINUTE
    world.chain.settle()
    set_reminders(event, "day_before")
    world.ticks(*(DUE + number * MINUTE for number in (2, 30, 31, 60)))
    assert reminded() == [("ann", "Tomorrow")]


def test_a_session_that_is_moved_by_mistake_and_back_while_its_reminders_wait_is_reminded_of(
    world: World, session: Session
) -> None:
    book(session, "ann")
    world.chain.settle()
    world.tick(DUE)
    for _ in range(2):
        world.chain.deliver("fan-out")
    change(session, {"starts_local": "2027-09-05T18:00"}, DUE + timedelta(seconds=30))
    world.now = DUE + timedelta(seconds=40)
    world.chain.time_passes()
    world.chain.deliver("mail")
    assert reminded() == []
    change(session, {"starts_local": "2027-09-05T19:00"}, DUE + timedelta(seconds=50))
    world.ticks(*(DUE + number * MINUTE for number in (2, 30, 31, 60)))
    assert reminded() == [("ann", "Tomorrow")]


def test_deadlines_of_a_deleted_session_find_nothing_to_do(world: World, session: Session) -> None:
    world.chain.settle()
    world._table.delete_item(
        TableName="turnout-test",
        Key={"PK": {"S": f"EVENT#{session.event_id}"}, "SK": {"S": f"SESSION#{session.session_id}"}},
    )
    assert find_session(session.event_id, session.session_id) is None
    world.ticks(DUE)
    assert world.chain.waiting() == []


def test_who_booked_five_dinners_of_one_day_gets_both_reminders_of_each(world: World, event: Event) -> None:
    set_reminders(event, "day_before", "two_hours_before")
    for day in (5, 6):
        for _ in range(5):
            evening = datetime(2027, 9, day, 19)
            book(make_session(event, starts_local=evening, ends_local=evening + HOUR), "ann", source="home")
    world.chain.settle()
    world.ticks(DUE, STARTS - 7 * HOUR, STARTS - 2 * HOUR)
    assert reminded() == [("ann", "Today")] * 5 + [("ann", "Tomorrow")] * 10


def mails_at(world: World, now: datetime) -> int:
    """Deliver at this time every email that waits, once; return how many reminders there are by then."""
    world.now = now
    world.chain.time_passes()
    world.chain.deliver("mail")
    return len(reminded())


def booked_in(world: World, event: Event, sources: list[str]) -> None:
    """Let each source book the same address in a session of its own, days apart, and reminders be queued."""
    for source in sources:
        book(make_session(event, capacity=5), "ann", source=source)
    world.chain.run_stream()
    world.chain.forget_messages()
    world.tick(DUE)
    world.chain.forget_messages()
    for _ in range(2):
        world.chain.deliver("fan-out")


@pytest.mark.parametrize(("sessions", "sources", "at_once"), [(13, 1, 10), (33, 33, 30)])
def test_whose_address_was_booked_in_many_sessions_gets_few_reminders_at_once(
    world: World, event: Event, sessions: int, sources: int, at_once: int
) -> None:
    booked_in(world, event, [f"stranger{number % sources}" for number in range(sessions)])
    assert len(world.chain.waiting()) == sessions
    assert mails_at(world, DUE + MINUTE) == at_once


def test_reminders_above_the_limit_go_hour_by_hour_while_they_are_of_use(world: World, event: Event) -> None:
    booked_in(world, event, ["stranger"] * 24)
    counts = [mails_at(world, DUE + hours * HOUR + 2 * MINUTE) for hours in range(13)]
    assert counts == [*range(10, 20), 19, 19, 19], "until nine in the evening"
    assert world.chain.waiting() == [], "what is no longer of use is dropped"


def test_a_reminder_counts_to_its_recipient_and_not_to_its_source(
    world: World, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in ("ann", "bob", "cat"):
        book(session, person, source="office")
    world.chain.settle()
    few = replace(settings(), mails_per_source_hour=1)
    monkeypatch.setattr(send_notice, "settings", lambda: few)
    world.ticks(DUE)
    assert len(reminded()) == 3
