"""actions/event/change_event.py."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.actions.queue.correct_queue import correct_queue
from chalicelib.domain.event import Event
from chalicelib.domain.queue import serving
from chalicelib.domain.refusals import Busy, Cancelled, ChangedMeanwhile, Forbidden, Invalid, NotFound
from chalicelib.store import event_changes, events, queues
from tests.actions.as_routes import cancel_event, change_event, publish_event
from tests.actions.callers import owner_of
from tests.making import make_event, make_session
from tests.wire import overtaken_by

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
SEED = "5e" * 32
BESIDE: Any = {"now": NOW, "line_seed": SEED}


def test_a_change_is_stored_one_version_on(table: Any) -> None:
    event = make_event()
    changed = change_event(owner_of(event), event.event_id, {"title": "New"}, expected_version=1, **BESIDE)
    assert (changed.title, changed.version) == ("New", 2)
    assert events.find_event(event.event_id) == changed


def test_a_change_that_was_overtaken_is_not_stored_over_the_other(table: Any) -> None:
    event = make_event()
    other = msgspec.structs.replace(event, title="Theirs", version=2)
    with overtaken_by(lambda: event_changes.save_event(other, 1)), pytest.raises(Busy):
        change_event(owner_of(event), event.event_id, {"title": "Ours"}, expected_version=None, **BESIDE)
    assert events.find_event(event.event_id) == other


def test_who_may_not_is_told_before_what_is_wrong_with_the_change(table: Any) -> None:
    event = make_event(status="cancelled")
    wrong: dict[str, object] = {"title": 7}
    with pytest.raises(NotFound):
        change_event(owner_of(make_event()), event.event_id, wrong, expected_version=9, **BESIDE)
    with pytest.raises(Forbidden):
        change_event(owner_of(event, role="host"), event.event_id, wrong, expected_version=9, **BESIDE)
    with pytest.raises(Cancelled):
        change_event(owner_of(event), event.event_id, wrong, expected_version=9, **BESIDE)
    live = make_event()
    with pytest.raises(ChangedMeanwhile):
        change_event(owner_of(live), live.event_id, wrong, expected_version=9, **BESIDE)


QUEUE: dict[str, object] = {"admission": "queue", "opens_at": "2027-06-01T13:00:00Z"}


def change(event: Event, patch: dict[str, object], now: datetime = NOW, seed: str = SEED) -> Event:
    return change_event(
        owner_of(event), event.event_id, patch, expected_version=None, now=now, line_seed=seed
    )


def test_a_queue_is_switched_on_and_off_and_on_while_the_event_is_live(table: Any) -> None:
    event = make_event()
    make_session(event, capacity=30)
    on = change(event, QUEUE)
    queue = queues.find_queue(event.event_id)
    assert queue is not None
    assert (on.line_seed, queue.at, queue.up_to) == (SEED, NOW + HOUR, 30)
    change(event, {"admission": "open"})
    assert queues.find_queue(event.event_id) is None
    again = change(event, QUEUE, seed="77" * 32)
    assert again.line_seed == "77" * 32
    newer = queues.find_queue(event.event_id)
    assert newer is not None


def test_once_the_draw_is_over_switching_off_and_on_keeps_everybodys_number(table: Any) -> None:
    event = make_event()
    change(event, QUEUE)
    after = NOW + 2 * HOUR
    change(event, {"admission": "open"}, after)
    again = change(event, {"admission": "queue"}, after, seed="77" * 32)
    assert again.line_seed == SEED
    queue = queues.find_queue(event.event_id)
    assert queue is not None
    # What was served before everybody had heard stays so; then it goes on.
    assert queue.at == after + 5 * SECOND


def test_switched_off_and_on_after_the_draw_a_queue_goes_on_where_it_stood(table: Any) -> None:
    event = make_event()
    make_session(event, capacity=300)
    change(event, QUEUE)
    opens = NOW + HOUR
    assert correct_queue(event.event_id, opens + 2 * SECOND)
    change(event, {"admission": "open"}, opens + 4 * SECOND)
    assert not correct_queue(event.event_id, opens + 5 * SECOND)
    change(event, {"title": "Meanwhile"}, opens + 5 * SECOND)
    change(event, {"admission": "queue"}, opens + HOUR, seed="77" * 32)
    assert list(queues.events_with_queues()) == [event.event_id]
    queue = queues.find_queue(event.event_id)
    assert queue is not None
    # It was served for four seconds, and five more for whoever hadn't heard.
    assert [serving(queue, opens + HOUR + wait * SECOND) for wait in (0, 1, 60)] == [300, 350, 600]
    assert correct_queue(event.event_id, opens + HOUR + SECOND)


def test_a_new_draw_begins_anew(table: Any) -> None:
    event = make_event()
    make_session(event, capacity=300)
    change(event, QUEUE)
    after = NOW + 2 * HOUR
    change(event, {"admission": "open"}, after)
    moved = change(event, {"opens_at": "2027-06-01T15:00:00Z"}, after)
    assert moved.line_seed == ""
    assert queues.find_queue(event.event_id) is None
    # Also where the other opening has passed by then: nobody has a number by it.
    again = change(event, {"admission": "queue"}, NOW + 4 * HOUR, seed="77" * 32)
    assert again.line_seed == "77" * 32
    queue = queues.find_queue(event.event_id)
    assert queue is not None
    assert (queue.at, serving(queue, NOW + 4 * HOUR)) == (NOW + 4 * HOUR, 0)


def test_so_it_does_where_one_change_moves_the_opening_and_switches_the_queue_on_again(table: Any) -> None:
    event = make_event()
    make_session(event, capacity=300)
    change(event, QUEUE)
    change(event, {"admission": "open"}, NOW + 2 * HOUR)
    patch: dict[str, object] = {"admission": "queue", "opens_at": "2027-06-01T15:00:00Z"}
    again = change(event, patch, NOW + 2 * HOUR, seed="77" * 32)
    assert again.line_seed == "77" * 32
    queue = queues.find_queue(event.event_id)
    assert queue is not None
    assert (queue.at, serving(queue, NOW + 3 * HOUR), queue.late) == (NOW + 3 * HOUR, 0, ())


def test_an_opening_that_moves_ahead_while_people_wait_keeps_their_draw(table: Any) -> None:
    event = make_event()
    change(event, QUEUE)
    moved = change(event, {"opens_at": "2027-06-01T14:00:00Z"}, seed="77" * 32)
    assert moved.line_seed == SEED


def test_a_queue_that_is_switched_off_is_gone_with_its_event(table: Any) -> None:
    event = make_event()
    change(event, QUEUE)
    change(event, {"admission": "open"}, NOW + 2 * HOUR)
    assert queues.find_queue(event.event_id) is not None
    cancel_event(owner_of(event), event.event_id, now=NOW + 2 * HOUR)
    assert queues.find_queue(event.event_id) is None


def test_a_queue_is_not_switched_off_over_a_correction_that_came_between(table: Any) -> None:
    event = make_event()
    make_session(event)
    change(event, QUEUE)
    with overtaken_by(lambda: correct_queue(event.event_id, NOW + 2 * HOUR)), pytest.raises(Busy):
        change(event, {"admission": "open"}, NOW + 2 * HOUR)
    assert list(queues.events_with_queues()) == [event.event_id]


def test_while_people_wait_the_opening_moves_ahead_only_and_the_queue_with_it(table: Any) -> None:
    event = make_event()
    change(event, QUEUE)
    for opens_at, now, code in (
        ("2027-06-01T12:00:59Z", NOW, "too_soon"),
        ("2027-06-01T15:00:00Z", NOW + HOUR, "opened"),
    ):
        with pytest.raises(Invalid) as refused:
            change(event, {"opens_at": opens_at}, now)
        assert [(error.pointer, error.code) for error in refused.value.errors] == [("/opens_at", code)]
    change(event, {"opens_at": "2027-06-01T12:30:00Z", "admissions_per_second": 7})
    queue = queues.find_queue(event.event_id)
    assert queue is not None
    assert (queue.at, queue.rate) == (NOW + HOUR / 2, 7)
    change(event, {"admission": "open", "opens_at": "2027-06-02T12:00:00Z"}, NOW + HOUR)


def test_a_change_that_a_correction_of_the_queue_overtakes_is_not_made_by_halves(table: Any) -> None:
    event = make_event()
    make_session(event)
    change(event, QUEUE)
    with overtaken_by(lambda: correct_queue(event.event_id, NOW)), pytest.raises(Busy):
        change(event, {"admissions_per_second": 7})
    queue = queues.find_queue(event.event_id)
    stored = events.find_event(event.event_id)
    assert queue is not None
    assert stored is not None
    assert (stored.admissions_per_second, queue.rate) == (50, 50)


def test_a_draft_has_no_queue_until_it_is_published_and_a_cancelled_event_has_none(table: Any) -> None:
    event = make_event(status="draft")
    change(event, QUEUE)
    assert list(queues.events_with_queues()) == []
    publish_event(owner_of(event), event.event_id, now=NOW)
    assert list(queues.events_with_queues()) == [event.event_id]
    cancel_event(owner_of(event), event.event_id, now=NOW)
    assert list(queues.events_with_queues()) == []
