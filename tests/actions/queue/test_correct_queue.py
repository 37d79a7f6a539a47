"""actions/queue/correct_queue.py: what the clock does to a queue each minute."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.actions.queue.correct_queue import correct_queue
from chalicelib.domain.queue import serving
from chalicelib.store import queues
from chalicelib.store.capacity_changes import PAUSE
from chalicelib.store.event_changes import save_session
from chalicelib.store.queues import count_ticket
from tests.actions.as_routes import join_queue
from tests.making import MADE_AT, make_event, make_event_with_queue, make_session
from tests.wire import overtaken_by

OPENS = MADE_AT
MINUTE = timedelta(minutes=1)


def test_before_the_opening_it_sees_how_many_places_are_free(table: Any) -> None:
    event = make_event_with_queue()
    make_session(event, capacity=30)
    make_session(event, capacity=12)
    assert correct_queue(event.event_id, OPENS - MINUTE)
    queue = queues.find_queue(event.event_id)
    assert queue is not None
    assert (queue.up_to, queue.at, queue.early) == (42, OPENS, None)


def test_after_the_opening_it_publishes_who_was_in_the_draw_and_who_came_since(table: Any) -> None:
    event = make_event_with_queue()
    make_session(event, capacity=30)
    for n in range(5):
        join_queue(event.slug, f"person{n}@example.org", held=None, now=OPENS - MINUTE)
    join_queue(event.slug, "late@example.org", held=None, now=OPENS + MINUTE / 2)
    assert correct_queue(event.event_id, OPENS + MINUTE)
    queue = queues.find_queue(event.event_id)
    assert queue is not None
    assert (queue.early, [point.count for point in queue.late]) == (5, [1])
    assert serving(queue, OPENS + MINUTE) == 30


def test_of_two_clocks_at_once_the_second_changes_nothing(table: Any) -> None:
    event = make_event_with_queue()
    make_session(event)
    with overtaken_by(lambda: correct_queue(event.event_id, OPENS + MINUTE)):
        assert not correct_queue(event.event_id, OPENS + 2 * MINUTE)
    queue = queues.find_queue(event.event_id)
    assert queue is not None
    assert queue.late[-1].at == OPENS + MINUTE


@pytest.mark.parametrize("by", ["its time", "hand", "a change of its capacity"])
def test_while_no_session_can_be_booked_no_round_begins(by: str, table: Any) -> None:
    event = make_event_with_queue()
    session = make_session(event, capacity=30)
    now = OPENS + 60 * MINUTE
    changes: dict[str, dict[str, Any]] = {
        "its time": {"closes_at": now},
        "hand": {"status": "closed"},
        "a change of its capacity": {"paused_until": now + PAUSE},
    }
    for n in range(90):
        count_ticket(event.event_id, f"person{n}", early=True)
    assert correct_queue(event.event_id, OPENS + MINUTE)
    as_it_was = queues.find_queue(event.event_id)
    save_session(msgspec.structs.replace(session, version=2, **changes[by]), at_version=1)
    assert not correct_queue(event.event_id, now)
    assert queues.find_queue(event.event_id) == as_it_was
    save_session(msgspec.structs.replace(session, version=3), at_version=2)
    assert correct_queue(event.event_id, now)
    queue = queues.find_queue(event.event_id)
    assert queue is not None
    assert queue.up_to == 60


def test_a_queue_that_was_switched_off_meanwhile_stays_where_it_was_kept(table: Any) -> None:
    event = make_event_with_queue()
    make_session(event)
    off = msgspec.structs.replace(event, admission="open", version=event.version + 1)
    with overtaken_by(lambda: queues.save_event_and_queue(off, event, OPENS)):
        assert not correct_queue(event.event_id, OPENS + MINUTE)
    queue = queues.find_queue(event.event_id)
    assert queue is not None
    assert (queue.off_at, queue.late, queue.at) == (OPENS, (), OPENS)
    assert not correct_queue(event.event_id, OPENS + 2 * MINUTE)
    assert queues.find_queue(event.event_id) == queue


def test_so_it_does_where_the_event_was_read_before_and_the_queue_after(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event_with_queue()
    make_session(event)
    off = msgspec.structs.replace(event, admission="open", version=event.version + 1)
    queues.save_event_and_queue(off, event, OPENS)
    as_it_was = queues.find_queue(event.event_id)
    monkeypatch.setattr("chalicelib.actions.queue.correct_queue.find_event", lambda _: event)
    assert not correct_queue(event.event_id, OPENS + MINUTE)
    assert queues.find_queue(event.event_id) == as_it_was


def test_an_event_without_a_queue_is_left_alone(table: Any) -> None:
    event = make_event()
    assert not correct_queue(event.event_id, OPENS)
    assert not correct_queue("nobodys", OPENS)
    assert list(queues.events_with_queues()) == []
