"""A queue between the domain's struct and the table's item, and where its queue tickets are counted."""

import msgspec
from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UTCDateTimeAttribute

from chalicelib.domain.kept_names import QUEUE_TICKETS, QUEUES
from chalicelib.domain.queue import LatePoint, Queue
from chalicelib.store.connection import Item
from chalicelib.store.partitions import BOOKING_PARTITIONS, partition_of


class QueueItem(Item):
    """domain.queue.Queue. Which event's it is, is its sort key."""

    number = NumberAttribute()
    rate = NumberAttribute()
    at = UTCDateTimeAttribute()
    up_to = NumberAttribute(null=True)
    early = NumberAttribute(null=True)
    late = UnicodeAttribute()
    round_number = NumberAttribute()
    round_sold = NumberAttribute()
    off_at = UTCDateTimeAttribute(null=True)
    version = NumberAttribute()


class TicketsItem(Item):
    """How many queue tickets were counted here, before the opening and after it."""

    early = NumberAttribute(default=0)
    late = NumberAttribute(default=0)


def queue_from(item: QueueItem) -> Queue:
    """Return the queue that this item holds."""
    return Queue(
        number=float(item.number),
        rate=int(item.rate),
        at=item.at,
        up_to=None if item.up_to is None else int(item.up_to),
        early=None if item.early is None else int(item.early),
        late=msgspec.json.decode(item.late, type=tuple[LatePoint, ...]),
        round_number=int(item.round_number),
        round_sold=int(item.round_sold),
        off_at=item.off_at,
        version=int(item.version),
    )


def queue_item(event_id: str, queue: Queue) -> QueueItem:
    """Return the item that holds this queue."""
    return QueueItem(
        QUEUES,
        event_id,
        number=queue.number,
        rate=queue.rate,
        at=queue.at,
        up_to=queue.up_to,
        early=queue.early,
        late=msgspec.json.encode(queue.late).decode(),
        round_number=queue.round_number,
        round_sold=queue.round_sold,
        off_at=queue.off_at,
        version=queue.version,
    )


def tickets_key(event_id: str, partition: str) -> tuple[str, str]:
    """Return where the tickets of this sixteenth of all people are counted."""
    return f"{QUEUE_TICKETS}#{event_id}#{partition}", "TICKETS"


def tickets_key_of(event_id: str, person: str) -> tuple[str, str]:
    """Return where this person's ticket is counted."""
    return tickets_key(event_id, partition_of(person))


def all_tickets_keys(event_id: str) -> list[tuple[str, str]]:
    """Return everywhere that an event's tickets are counted."""
    return [tickets_key(event_id, partition) for partition in BOOKING_PARTITIONS]
