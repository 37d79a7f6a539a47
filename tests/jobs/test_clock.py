"""The clock by its deployed handler: every watched session gets its recount, whatever the others do."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.actions.queue.correct_queue import correct_queue
from chalicelib.jobs import clock as clock_module
from chalicelib.store import capacity, queues
from chalicelib.store.keys import counter_key
from chalicelib.store.table import CounterItem
from tests.making import booking_for, make_event_with_queue, make_session

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
    assert queues.events_with_queues() == [other.event_id]


def test_a_tick_whose_time_is_up_leaves_the_other_queues_for_the_next_one_to_begin_with(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {make_event_with_queue().event_id for _ in range(3)}
    corrected: list[str] = []
    seconds = 0.0

    def correct(event_id: str, now: datetime) -> bool:
        nonlocal seconds
        seconds += clock_module.BUDGET_SECONDS + 1
        corrected.append(event_id)
        return True

    monkeypatch.setattr(clock_module, "correct_queue", correct)
    for minute in range(3):
        clock = SimpleNamespace(monotonic=lambda: seconds, time=lambda at=minute * 60.0: at)
        monkeypatch.setattr(clock_module, "time", clock)
        tick()
        assert len(corrected) == minute + 1
    assert set(corrected) == made
