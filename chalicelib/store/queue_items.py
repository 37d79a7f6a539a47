"""A queue between the domain's struct and the table's item, and where its queue tickets are counted."""

from pynamodb.attributes import NumberAttribute, UTCDateTimeAttribute

from chalicelib.domain.kept_names import QUEUE_TICKETS, QUEUES
from chalicelib.domain.queue import Queue
from chalicelib.store.attributes import Json
from chalicelib.store.connection import Item
from chalicelib.store.mapping import item_of
from chalicelib.store.partitions import BOOKING_PARTITIONS, partition_of


class QueueItem(Item):
    """domain.queue.Queue, and when the clock last looked at it. Which event's it is, is its sort key."""

    number = NumberAttribute()
    rate = NumberAttribute()
    at = UTCDateTimeAttribute()
    up_to = NumberAttribute(null=True)
    early = NumberAttribute(null=True)
    late = Json()
    round_number = NumberAttribute()
    round_sold = NumberAttribute()
    off_at = UTCDateTimeAttribute(null=True)
    version = NumberAttribute()
    looked_at = NumberAttribute(null=True)


class TicketsItem(Item):
    """How many queue tickets were counted here, before the opening and after it."""

    early = NumberAttribute(default=0)
    late = NumberAttribute(default=0)


def queue_item(event_id: str, queue: Queue) -> QueueItem:
    """Return the item that holds this queue."""
    return item_of(QueueItem, (QUEUES, event_id), queue)


def tickets_key(event_id: str, partition: str) -> tuple[str, str]:
    """Return where the tickets of this sixteenth of all people are counted."""
    return f"{QUEUE_TICKETS}#{event_id}#{partition}", "TICKETS"


def tickets_key_of(event_id: str, person: str) -> tuple[str, str]:
    """Return where this person's ticket is counted."""
    return tickets_key(event_id, partition_of(person))


def all_tickets_keys(event_id: str) -> list[tuple[str, str]]:
    """Return everywhere that an event's tickets are counted."""
    return [tickets_key(event_id, partition) for partition in BOOKING_PARTITIONS]
