"""The clock by its deployed handler: every watched session gets its recount, whatever the others do."""

from typing import Any

import pytest

from chalicelib.jobs import clock as clock_module
from chalicelib.store import capacity
from chalicelib.store.table import CounterItem, counter_key
from tests.making import booking_for, make_session

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
