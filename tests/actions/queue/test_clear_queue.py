"""clear_queue.py: a queue goes a week after its event's last session, and its draw stays known."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.actions.queue.clear_queue import clear_queue
from chalicelib.domain.event import Event
from chalicelib.domain.refusals import Closed
from chalicelib.domain.session import Session
from chalicelib.store import queues
from chalicelib.store.event_changes import save_session
from chalicelib.store.lately import forget_caches
from chalicelib.web.queue.views import queue_view
from tests.actions.as_routes import admit, join_queue
from tests.making import MADE_AT, make_event, make_event_with_queue, make_session
from tests.wire import overtaken_by

OPENS = MADE_AT
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def two_evenings(event: Event) -> tuple[Session, datetime]:
    """Give the event a session, and a later one; return that, and until when its queue is kept."""
    make_session(event)
    later = make_session(event, starts_local=datetime(2027, 9, 12, 19), ends_local=datetime(2027, 9, 12, 22))
    return later, later.ends_at + 7 * DAY


def a_new_process() -> None:
    forget_caches()
    queues.forget()


@pytest.mark.parametrize("is_on", [True, False])
def test_a_queue_goes_a_week_after_the_end_of_the_last_session_also_one_that_was_switched_off(
    is_on: bool, table: Any
) -> None:
    event = make_event_with_queue()
    _, goes_at = two_evenings(event)
    if not is_on:
        off = msgspec.structs.replace(event, admission="open", version=event.version + 1)
        queues.save_event_and_queue(off, event, OPENS + DAY)
    assert not clear_queue(event.event_id, goes_at - SECOND)
    assert list(queues.events_with_queues()) == [event.event_id]
    assert clear_queue(event.event_id, goes_at)
    assert list(queues.events_with_queues()) == []
    assert not clear_queue(event.event_id, goes_at)


def test_without_sessions_it_goes_a_week_after_the_opening(table: Any) -> None:
    event = make_event_with_queue()
    assert not clear_queue(event.event_id, OPENS + 7 * DAY - SECOND)
    assert clear_queue(event.event_id, OPENS + 7 * DAY)


def test_a_session_that_moves_keeps_it_for_longer(table: Any) -> None:
    event = make_event_with_queue()
    later, goes_at = two_evenings(event)
    moved = msgspec.structs.replace(later, ends_local=datetime(2027, 9, 13, 22), version=2)
    save_session(moved, at_version=1)
    assert not clear_queue(event.event_id, goes_at)
    assert clear_queue(event.event_id, goes_at + DAY)


def test_a_queue_that_is_switched_on_again_at_that_moment_stays(table: Any) -> None:
    event = make_event_with_queue()
    _, goes_at = two_evenings(event)
    off = msgspec.structs.replace(event, admission="open", version=event.version + 1)
    queues.save_event_and_queue(off, event, OPENS + DAY)
    on = msgspec.structs.replace(event, version=off.version + 1)
    with overtaken_by(lambda: queues.save_event_and_queue(on, off, goes_at)):
        assert not clear_queue(event.event_id, goes_at)
    assert list(queues.events_with_queues()) == [event.event_id]


def test_afterwards_the_draw_can_still_be_checked_and_nobody_is_admitted(table: Any) -> None:
    event = make_event_with_queue()
    _, goes_at = two_evenings(event)
    tickets = [join_queue(event.slug, f"p{n}@example.org", held=None, now=OPENS - SECOND) for n in range(3)]
    before = queue_view(event, goes_at)
    assert (before.early, before.seed, before.sold_out) == (3, event.line_seed, True)
    assert clear_queue(event.event_id, goes_at)
    a_new_process()
    seen = queue_view(event, goes_at)
    assert (seen.early, seen.seed, seen.seed_hash) == (before.early, before.seed, before.seed_hash)
    assert seen.sold_out
    with pytest.raises(Closed):
        admit(event.slug, tickets[0], goes_at)


def test_a_session_that_is_added_afterwards_is_open_to_everybody_who_joined(table: Any) -> None:
    event = make_event_with_queue()
    _, goes_at = two_evenings(event)
    tickets = [join_queue(event.slug, f"p{n}@example.org", held=None, now=OPENS - SECOND) for n in range(3)]
    assert clear_queue(event.event_id, goes_at)
    make_session(
        event, capacity=1, starts_local=datetime(2027, 12, 5, 19), ends_local=datetime(2027, 12, 5, 22)
    )
    a_new_process()
    tickets.append(join_queue(event.slug, "late@example.org", held=None, now=goes_at))
    assert all(admit(event.slug, ticket, goes_at + SECOND) for ticket in tickets)


def test_an_event_without_a_queue_is_left_alone(table: Any) -> None:
    assert not clear_queue(make_event().event_id, OPENS)
    assert not clear_queue("nobodys", OPENS)
