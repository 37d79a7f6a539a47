"""The clock by its deployed handler: every watched session gets its recount, whatever the others do."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.actions.event.recount_session import Recount
from chalicelib.actions.queue.correct_queue import correct_queue
from chalicelib.domain.figures import mark_of
from chalicelib.domain.session import Session
from chalicelib.jobs import clock as clock_module
from chalicelib.store import capacity, queues
from chalicelib.store.directory import DIRECTORY
from chalicelib.store.due import HOUR, finish_hour, hour_of
from chalicelib.store.event_items import recount_item, session_item
from chalicelib.store.keys import counter_key
from chalicelib.store.recounts import (
    Watched,
    ask_for_recount,
    begin_recount,
)
from chalicelib.store.table import CounterItem, RecountItem, SessionItem
from tests.mail_chain import metrics
from tests.making import booking_for, counters_of, make_event, make_event_with_queue, make_session
from tests.wire import requests_counted

TICK: dict[str, Any] = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2027-06-01T12:00:00Z",
    "region": "us-east-1",
    "resources": ["arn:aws:events:us-east-1:123456789012:rule/turnout-clock"],
    "detail": {},
}


def tick() -> dict[str, Any]:
    answer: dict[str, Any] = clock_module.clock(TICK, None)
    return answer


def test_a_tick_recounts_the_sessions_whose_counters_moved_and_then_skips_them(table: Any) -> None:
    quiet = make_session()
    busy = make_session()
    assert tick() == {"watched": 2, "recounted": 2}
    assert tick() == {"watched": 2, "recounted": 0}
    capacity.take(busy, booking_for(busy, "ada"))
    assert tick() == {"watched": 2, "recounted": 1}
    assert quiet.session_id != busy.session_id


def test_one_session_that_cannot_be_recounted_costs_the_others_nothing_and_is_an_error(
    table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = make_session()
    make_session()
    CounterItem(*counter_key(broken.session_id, 0)).delete()
    with pytest.raises(clock_module.TickFailed, match="1 of 2"):
        tick()
    assert '"recounted": 1' in capsys.readouterr().out


def test_a_tick_corrects_every_queue_and_one_that_cannot_be_costs_the_others_nothing(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = make_event_with_queue(), make_event_with_queue()
    make_session(other)
    before = {event.event_id: queues.find_queue(event.event_id) for event in (one, other)}
    corrected: list[str] = []

    def correct(event_id: str, now: datetime) -> bool:
        if event_id == one.event_id:
            raise RuntimeError("no")
        corrected.append(event_id)
        return correct_queue(event_id, now)

    monkeypatch.setattr(clock_module, "correct_queue", correct)
    with pytest.raises(clock_module.TickFailed, match="1 of 3"):
        tick()
    assert corrected == [other.event_id]
    assert queues.find_queue(one.event_id) == before[one.event_id]
    assert queues.find_queue(other.event_id) != before[other.event_id]


def test_a_tick_clears_away_a_queue_whose_event_is_over(table: Any) -> None:
    over = make_event_with_queue(opens_at=datetime(2026, 6, 1, 9, tzinfo=UTC))
    make_session(over, starts_local=datetime(2026, 6, 5, 19), ends_local=datetime(2026, 6, 5, 22))
    other = make_event_with_queue()
    tick()
    assert list(queues.events_with_queues()) == [other.event_id]


def put_sessions_at_rest(session: Session, more: int) -> list[Session]:
    """Let a session without bookings rest, and put more like it, in a few requests."""
    ids = [session.session_id, *(f"{number:04}{session.session_id}" for number in range(more))]
    sessions = [replace(session, session_id=session_id) for session_id in ids]
    counters = counters_of(session)
    for kind, items in (
        (SessionItem, [session_item(one) for one in sessions]),
        (RecountItem, [at_rest(one) for one in sessions]),
        (
            CounterItem,
            [
                CounterItem(
                    *counter_key(one.session_id, number),
                    free=like.free,
                    held=like.held,
                    capacity=like.capacity,
                    open=like.open,
                    version=like.version,
                )
                for one in sessions
                for number, like in enumerate(counters)
            ],
        ),
    ):
        with kind.batch_write() as batch:
            for item in items:
                batch.save(item)
    return sessions


def at_rest(session: Session) -> RecountItem:
    item = recount_item(session)
    item.seen_asks, item.seen_versions = 0, session.counters
    item.due_version, item.counted_for, item.directory = session.version, mark_of(()), DIRECTORY
    return item


class Time:
    """A clock on the wall of these tests, and work that takes its time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.turns: list[str] = []
        self._patch = monkeypatch
        monkeypatch.setattr(clock_module, "time", SimpleNamespace(monotonic=lambda: self.now))

    def correcting(self, seconds: float) -> None:
        """Let the correction of each queue take so long."""

        def correct(event_id: str, now: datetime) -> bool:
            self.now += seconds
            self.turns.append(event_id)
            return True

        self._patch.setattr(clock_module, "correct_queue", correct)

    def recounting(self, seconds: Callable[[str], float]) -> None:
        """Let the recount of each session take so long, and leave it as pressing as it was."""

        def recount(watched: Watched, *, now: datetime, is_time_up: object) -> Recount:
            begin_recount(watched.session_id, now)
            self.turns.append(watched.session_id)
            self.now += seconds(watched.session_id)
            return Recount(whole=False)

        self._patch.setattr(clock_module, "recount_session", recount)

    def tick(self) -> list[str]:
        """Let the clock tick; return whose turn it was."""
        self.turns.clear()
        with suppress(clock_module.TickFailed):
            tick()
        return list(self.turns)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch)


def test_a_tick_whose_time_is_up_leaves_the_other_queues_for_the_next_one_to_begin_with(
    table: Any, time: Time
) -> None:
    made = {make_event_with_queue().event_id for _ in range(3)}
    time.correcting(clock_module.BUDGET_SECONDS + 1)
    corrected = [time.tick() for _ in range(3)]
    assert [len(turns) for turns in corrected] == [1, 1, 1]
    assert {turns[0] for turns in corrected} == made


@pytest.mark.parametrize("bad", ["fails", "takes all the time"])
def test_each_of_many_sessions_has_its_turn_although_one_always_fails_or_takes_all_the_time(
    table: Any, time: Time, bad: str
) -> None:
    sessions = [session.session_id for session in put_sessions_at_rest(make_session(), 99)]
    for session_id in sessions:
        ask_for_recount(session_id)

    def seconds(session_id: str) -> float:
        if session_id != sessions[50]:
            return clock_module.BUDGET_SECONDS / 10
        if bad == "fails":
            raise RuntimeError("no")
        return clock_module.BUDGET_SECONDS

    time.recounting(seconds)
    ticks = [time.tick() for _ in range(23)]
    for session_id in sessions:
        had = [number for number, turns in enumerate(ticks) if session_id in turns]
        assert had[0] <= 10
        assert max(after - before for before, after in pairwise(had)) <= 11


def test_queues_leave_sessions_half_of_the_time(table: Any, time: Time) -> None:
    queued = {make_event_with_queue().event_id for _ in range(10)}
    sessions = {make_session().session_id for _ in range(10)}
    time.correcting(clock_module.BUDGET_SECONDS / 10)
    time.recounting(lambda _: clock_module.BUDGET_SECONDS / 10)
    ticks = [time.tick(), time.tick()]
    for turns in ticks:
        assert len(queued.intersection(turns)) == len(sessions.intersection(turns)) == 5
    assert {one for turns in ticks for one in turns} == queued | sessions


def test_a_tick_says_how_many_it_did_not_reach_and_counts_them(
    table: Any, time: Time, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        make_event_with_queue()
        make_session()
    time.correcting(15)
    time.recounting(lambda _: 30)
    time.tick()
    printed = capsys.readouterr().out
    (line,) = [line for line in map(json.loads, printed.splitlines()) if line["message"] == "tick"]
    assert line["not_reached"] == {"due": 0, "queues": 1, "sessions": 2}
    assert metrics(printed) == {"ClockNotReached": 3}
    time.correcting(0)
    time.recounting(lambda _: 0)
    time.tick()
    assert metrics(capsys.readouterr().out) == {}


def test_five_hundred_sessions_at_rest_take_at_most_sixty_requests_a_minute(table: Any) -> None:
    events = [*(make_event_with_queue() for _ in range(2)), *(make_event() for _ in range(18))]
    for event in events:
        put_sessions_at_rest(make_session(event, capacity=60), 24)
    finish_hour(hour_of(datetime.now(UTC)) - 2 * HOUR)
    for _ in range(2):
        with requests_counted() as sent:
            assert tick() == {"watched": 500, "recounted": 0}
        assert sent.total() <= 60, sent


def test_a_booking_of_which_the_stream_said_nothing_is_found_when_its_sessions_turn_comes(
    table: Any,
) -> None:
    for session in put_sessions_at_rest(make_session(), 29):
        CounterItem(*counter_key(session.session_id, 0)).update([CounterItem.version.add(1)])
    assert [tick()["recounted"] for _ in range(3)] == [25, 5, 0]


def test_the_failure_of_the_round_over_sessions_at_rest_costs_the_others_nothing(
    table: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_session()

    def no(*_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(clock_module, "find_moved_sessions", no)
    with pytest.raises(clock_module.TickFailed, match="1 of 1"):
        tick()
    assert '"recounted": 1' in capsys.readouterr().out


def test_an_item_from_before_the_clock_kept_turns_is_recounted_once_and_rests(table: Any) -> None:
    session = make_session()
    capacity.take(session, booking_for(session, "ada"))
    image = table.get_item(
        TableName="turnout-test", Key={"PK": {"S": "RECOUNT"}, "SK": {"S": session.session_id}}
    )["Item"]
    older = {name: image[name] for name in ("PK", "SK", "schema", "session_id", "event_id", "expires")}
    older |= {"seen_versions": {"N": "2"}, "asks": {"N": "1"}, "again_at": {"N": "0"}}
    table.put_item(TableName="turnout-test", Item=older)
    assert tick() == {"watched": 1, "recounted": 1}
