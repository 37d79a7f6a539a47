"""actions/queue/correct_queue.py: what the clock does to a line each minute."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.actions.queue.correct_queue import correct_line
from chalicelib.actions.queue.join_queue import join_line
from chalicelib.domain.queue import serving
from chalicelib.store import queues as lines
from chalicelib.store.capacity_changes import PAUSE
from chalicelib.store.events import save_session
from chalicelib.store.queues import count_ticket
from tests.making import MADE_AT, make_event, make_event_with_line, make_session
from tests.wire import overtaken_by

OPENS = MADE_AT
MINUTE = timedelta(minutes=1)


def test_before_the_opening_it_sees_how_many_places_are_free(table: Any) -> None:
    event = make_event_with_line()
    make_session(event, capacity=30)
    make_session(event, capacity=12)
    assert correct_line(event.event_id, OPENS - MINUTE)
    line = lines.find_line(event.event_id)
    assert line is not None
    assert (line.up_to, line.at, line.early) == (42, OPENS, None)


def test_after_the_opening_it_publishes_who_was_in_the_draw_and_who_came_since(table: Any) -> None:
    event = make_event_with_line()
    make_session(event, capacity=30)
    for n in range(5):
        join_line(event.slug, f"person{n}@example.org", held=None, now=OPENS - MINUTE)
    join_line(event.slug, "late@example.org", held=None, now=OPENS + MINUTE / 2)
    assert correct_line(event.event_id, OPENS + MINUTE)
    line = lines.find_line(event.event_id)
    assert line is not None
    assert (line.early, [point.count for point in line.late]) == (5, [1])
    assert serving(line, OPENS + MINUTE) == 30


def test_of_two_clocks_at_once_the_second_changes_nothing(table: Any) -> None:
    event = make_event_with_line()
    make_session(event)
    with overtaken_by(lambda: correct_line(event.event_id, OPENS + MINUTE)):
        assert not correct_line(event.event_id, OPENS + 2 * MINUTE)
    line = lines.find_line(event.event_id)
    assert line is not None
    assert line.late[-1].at == OPENS + MINUTE


@pytest.mark.parametrize("by", ["its time", "hand", "a change of its capacity"])
def test_while_no_session_can_be_booked_no_round_begins(by: str, table: Any) -> None:
    event = make_event_with_line()
    session = make_session(event, capacity=30)
    now = OPENS + 60 * MINUTE
    changes: dict[str, dict[str, Any]] = {
        "its time": {"closes_at": now},
        "hand": {"status": "closed"},
        "a change of its capacity": {"paused_until": now + PAUSE},
    }
    for n in range(90):
        count_ticket(event.event_id, f"person{n}", early=True)
    assert correct_line(event.event_id, OPENS + MINUTE)
    as_it_was = lines.find_line(event.event_id)
    save_session(msgspec.structs.replace(session, version=2, **changes[by]), at_version=1)
    assert not correct_line(event.event_id, now)
    assert lines.find_line(event.event_id) == as_it_was
    save_session(msgspec.structs.replace(session, version=3), at_version=2)
    assert correct_line(event.event_id, now)
    line = lines.find_line(event.event_id)
    assert line is not None
    assert line.up_to == 60


def test_a_line_that_was_switched_off_meanwhile_stays_where_it_was_kept(table: Any) -> None:
    event = make_event_with_line()
    make_session(event)
    off = msgspec.structs.replace(event, admission="open", version=event.version + 1)
    with overtaken_by(lambda: lines.save_event_and_line(off, event, OPENS)):
        assert not correct_line(event.event_id, OPENS + MINUTE)
    line = lines.find_line(event.event_id)
    assert line is not None
    assert (line.off_at, line.late, line.at) == (OPENS, (), OPENS)
    assert not correct_line(event.event_id, OPENS + 2 * MINUTE)
    assert lines.find_line(event.event_id) == line


def test_so_it_does_where_the_event_was_read_before_and_the_line_after(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event_with_line()
    make_session(event)
    off = msgspec.structs.replace(event, admission="open", version=event.version + 1)
    lines.save_event_and_line(off, event, OPENS)
    as_it_was = lines.find_line(event.event_id)
    monkeypatch.setattr("chalicelib.actions.queue.correct_queue.find_event", lambda _: event)
    assert not correct_line(event.event_id, OPENS + MINUTE)
    assert lines.find_line(event.event_id) == as_it_was


def test_an_event_without_a_line_is_left_alone(table: Any) -> None:
    event = make_event()
    assert not correct_line(event.event_id, OPENS)
    assert not correct_line("nobodys", OPENS)
    assert lines.events_with_lines() == []
