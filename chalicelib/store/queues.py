"""The queues of events: the published state of each, and the counts of the queue tickets handed out.

A queue is one item, all in one partition so that the clock finds them; every process reads an event's at most
once in READ_SECONDS. Tickets are counted over 16 partitions, one write unit each: the count is approximate
anyway (a lost answer may be counted, and isn't asked for), so no ticket waits for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from msgspec import Struct
from pynamodb.exceptions import DeleteError, PynamoDBException, UpdateError
from pynamodb.transactions import TransactWrite

from chalicelib.domain.event import Event
from chalicelib.domain.kept_names import QUEUES
from chalicelib.domain.queue import Counted, Queue, as_read, has_queue, opening_of, unpublished_queue
from chalicelib.domain.queue_rounds import moved_queue, new_queue, queue_off, queue_on_again
from chalicelib.domain.refusals import Busy, Closed
from chalicelib.domain.session import Session, paused_until, sessions_open
from chalicelib.store.availability import places_free, places_free_lately
from chalicelib.store.connection import connection
from chalicelib.store.event_changes import event_as_read, save_event
from chalicelib.store.event_items import event_item
from chalicelib.store.events import find_event, sessions_of
from chalicelib.store.lately import cached_sessions, forget_caches
from chalicelib.store.mapping import changes, struct_from
from chalicelib.store.outcomes import kind_of
from chalicelib.store.places_left import places_left
from chalicelib.store.queue_items import (
    QueueItem,
    TicketsItem,
    all_tickets_keys,
    queue_item,
    tickets_key_of,
)
from chalicelib.store.recent import Recent
from chalicelib.store.writing import condition_refused, update_if, writing

READ_SECONDS = 2.0
"""How old a queue is that is shown to somebody or lets them in. Correcting it never moves it back."""

_queues: Recent[Queue | None] = Recent(READ_SECONDS, entries_max=256)
_counts: Recent[Counted] = Recent(READ_SECONDS, entries_max=256)


class QueueSeen(Struct, frozen=True):
    """A queue as a reader evaluates it, and how many places are left for those in it."""

    queue: Queue
    places_free: int
    is_closed: bool
    """Whether no session can be booked any more."""


class QueueNow(Struct, frozen=True):
    """What a queue is corrected by. ``queue`` is as stored, None if it is not."""

    queue: Queue | None
    counted: Counted
    places_free: int
    capacity: int
    can_book: bool
    """Whether any session can be booked at this moment."""


def open_queue(event: Event, now: datetime) -> QueueSeen:
    """Return an event's queue as cached_queue does, or raise Closed if no session can be booked any more."""
    seen = cached_queue(event, now)
    if seen.is_closed:
        raise Closed
    return seen


def cached_queue(event: Event, now: datetime) -> QueueSeen:
    """Return an event's queue as it was at most READ_SECONDS ago.

    One that is not published (its item is gone) is evaluated all the same: it begins at the opening.
    """
    event_id = event.event_id
    published = _queues.get(event_id, lambda: find_queue(event_id))
    counted = _counts.get(event_id, lambda: count_tickets(event_id, now, consistent=False))
    sessions = cached_sessions(event_id)
    still_open = sessions_open(event, sessions, now)
    free = _free_lately(event_id, sessions, still_open, now)
    capacity = sum(session.capacity for session in still_open)
    queue = as_read(published or unpublished_queue(event, counted, capacity), counted, capacity)
    is_closed = not still_open and now >= opening_of(event)
    return QueueSeen(queue, sum(free[session.session_id] for session in still_open), is_closed)


def _free_lately(
    event_id: str, sessions: list[Session], still_open: list[Session], now: datetime
) -> dict[str, int]:
    """Return how many places are free in each of these sessions, as the event's page shows it.

    Where that leaves nothing, or not all is known, all are asked: nobody is sent away for what was counted
    minutes ago.
    """
    # All sessions, so that the pages' own answer is found again.
    left = places_left(event_id, sessions, now)
    free = {session_id: places.free for session_id, places in left.items() if places.free is not None}
    is_known = all(session.session_id in free for session in still_open)
    if is_known and any(free[session.session_id] > 0 for session in still_open):
        return free
    return places_free_lately(sessions) if sessions else {}


def queue_now(event: Event, now: datetime) -> QueueNow:
    """Return an event's queue and all that it hangs on as they are now."""
    still_open = sessions_open(event, sessions_of(event.event_id), now)
    free = places_free(still_open) if still_open else {}
    return QueueNow(
        queue=find_queue(event.event_id),
        counted=count_tickets(event.event_id, now),
        places_free=sum(free.values()),
        capacity=sum(session.capacity for session in still_open),
        can_book=any(paused_until(session, now) is None for session in still_open),
    )


def find_queue(event_id: str) -> Queue | None:
    """Return an event's queue as it is stored now, or None. One with ``off_at`` was switched off."""
    try:
        return struct_from(Queue, QueueItem.get(QUEUES, event_id, consistent_read=True))
    except QueueItem.DoesNotExist:
        return None


def events_with_queues() -> dict[str, int]:
    """Return the ids of all events whose queues are stored, also of those that are switched off.

    With each: when the clock last began to look at its queue (epoch milliseconds; 0: never).
    """
    return {item.SK: int(item.looked_at or 0) for item in QueueItem.query(QUEUES, consistent_read=True)}


def note_look(event_id: str, now: datetime) -> None:
    """Write down that the clock looks at this event's queue now."""
    at = QueueItem.looked_at.set(int(now.timestamp() * 1000))
    update_if((QUEUES, event_id), [at], QueueItem.PK.exists())


def count_tickets(event_id: str, now: datetime, *, consistent: bool = True) -> Counted:
    """Return how many tickets were handed out, as of ``now``, which comes from before the reading."""
    items = list(TicketsItem.batch_get(all_tickets_keys(event_id), consistent_read=consistent))
    return Counted(sum(int(item.early) for item in items), sum(int(item.late) for item in items), now)


def count_ticket(event_id: str, person: str, *, early: bool) -> bool:
    """Count a ticket that is handed out. False: it is not known whether it was counted."""
    counted = TicketsItem.early if early else TicketsItem.late
    try:
        TicketsItem(*tickets_key_of(event_id, person)).update([counted.add(1), TicketsItem.schema.set(1)])
    except PynamoDBException as error:
        kind_of(error)
        return False
    return True


def save_corrected_queue(event_id: str, queue: Queue, at_version: int) -> bool:
    """Publish a corrected queue, unless the published one has moved on or is gone: then return False."""
    try:
        QueueItem(QUEUES, event_id).update(
            changes(QueueItem, queue, Queue.__struct_fields__), condition=QueueItem.version == at_version
        )
    except UpdateError as error:
        condition_refused(error)
        return False
    return True


def remove_queue(event_id: str, at_version: int) -> bool:
    """Remove a queue for good, unless it has moved on since: then return False. Its tickets stay counted."""
    try:
        QueueItem(QUEUES, event_id).delete(condition=QueueItem.version == at_version)
    except DeleteError as error:
        condition_refused(error)
        return False
    return True


def save_event_and_queue(event: Event, before: Event, now: datetime) -> None:
    """Store a changed event and, in the same transaction, the queue that it has from now on, or has no more.

    Raises Busy, and nothing is changed, if the event or its queue is no longer as it was read.
    """
    if not has_queue(event) and not before.line_seed:
        save_event(event, before.version)
        return
    seen = queue_now(event, now)
    queue = _queue_after(seen, event, before, now)
    as_read = None if seen.queue is None else QueueItem.version == seen.queue.version
    with _changing(event, before.version) as transaction:
        if queue is not None:
            transaction.save(queue_item(event.event_id, queue), condition=as_read)
        elif seen.queue is not None:
            transaction.delete(QueueItem(QUEUES, event.event_id), condition=as_read)


def _queue_after(seen: QueueNow, event: Event, before: Event, now: datetime) -> Queue | None:
    """Return the queue to be stored with a changed event. While off it is kept if its draw is over."""
    queue, same_draw = seen.queue, event.line_seed == before.line_seed
    if has_queue(event):
        if queue is not None and queue.off_at is None and has_queue(before):
            return moved_queue(queue, event, before, now)
        if queue is not None and queue.off_at is not None and same_draw:
            return queue_on_again(queue, event, seen.counted, seen.places_free, seen.capacity)
        return new_queue(event, seen.counted, seen.places_free, seen.capacity)
    if queue is None or event.status == "cancelled" or not same_draw:
        return None
    if queue.off_at is not None:
        return queue
    return queue_off(queue, now, seen.capacity) if now >= opening_of(before) else None


def forget() -> None:
    """Forget what was read lately, like a new process."""
    _queues.forget()
    _counts.forget()


@contextmanager
def _changing(event: Event, at_version: int) -> Iterator[TransactWrite]:
    """Yield a transaction that stores the event. Not done is Busy; of a lost answer, the table knows."""
    try:
        with writing(lambda _: Busy()), TransactWrite(connection=connection()) as transaction:
            transaction.save(event_item(event), condition=event_as_read(event, at_version))
            yield transaction
    except Busy:
        if find_event(event.event_id) != event:
            raise
    finally:
        forget_caches()
        forget()
