"""A queue and its tickets, for the tests of domain/queue.py and queue_rounds.py."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from chalicelib.domain.admission import QueueTicket
from chalicelib.domain.event import Event
from chalicelib.domain.queue import Queue

OPENS = datetime(2027, 6, 1, 9, tzinfo=UTC)
SEED = "5e" * 32
EVENT = Event(
    event_id="e", organiser_id="o", slug="curry", title="Curry", status="published",
    opens_at=OPENS, admission="queue", admissions_per_second=50, line_seed=SEED,
)  # fmt: skip


def after(seconds: float) -> datetime:
    return OPENS + timedelta(seconds=seconds)


def early(person: str) -> QueueTicket:
    return QueueTicket("e", person, after(-60))


def late(seconds: float) -> QueueTicket:
    return QueueTicket("e", "late", after(seconds))


def queue(**changes: object) -> Queue:
    return replace(Queue(rate=50, at=OPENS, up_to=1000, early=100), **changes)
