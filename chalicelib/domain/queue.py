"""A queue: everybody who waits for their turn to book in an event with ``admission: queue``.

Who joined before the opening is in the draw: their rank is HMAC(seed, person), and their number follows from
it and from how many joined by then. Those who come later are behind them, by the time in their ticket. A
queue's state is small and published; each reader evaluates for itself what is being served:

    serving(now) = min(up_to, number + rate * (now - at))         and your turn is when your number < serving

**Rounds**: a round serves as many numbers as places were free when it began (``up_to``). When all of its
admissions are over and places remain, the next one begins: so an admission that isn't used goes to the next,
and not everybody is called at once for what is left. The clock does that (domain/queue_rounds.py) and
never moves the queue back. That there are no places left is not known here, but in store/capacity.py.

Numbers are approximate: tickets are counted a little too often (a lost answer, an address that asks twice)
or not at all (a busy moment), and late ones are numbered between two countings as if they had come evenly.
"""

import hashlib
import hmac
import math
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.admission import QueueTicket
from chalicelib.domain.admission_refusals import NoQueue
from chalicelib.domain.event import Event
from chalicelib.domain.refusals import Cancelled, NotFound, NotPublished

SEED_PUBLIC_AFTER = timedelta(minutes=1)
"""How long after the opening the seed is revealed: no process may sign tickets for the draw by then, however
slow its clock, or somebody could look for an address with a good rank."""

ASK_AGAIN_SECONDS_MIN, ASK_AGAIN_SECONDS_MAX = 2, 30


class LatePoint(Struct, frozen=True, array_like=True):
    """How many had come after the opening by this time."""

    at: datetime
    count: int


class Queue(Struct, frozen=True, kw_only=True):
    """A queue as published."""

    number: float = 0.0
    """Up to which number was served at ``at``."""
    rate: int
    """How many are served a second."""
    at: datetime
    up_to: int | None = None
    """Where this round ends; None until somebody has seen how many places are free."""
    early: int | None = None
    """How many were in the draw; None until that is final."""
    late: tuple[LatePoint, ...] = ()
    round_number: int = 0
    """Where this round began,"""
    round_sold: int = 0
    """and how many places were taken then, of those in sessions that could be booked."""
    off_at: datetime | None = None
    """When it was switched off after the opening. It is kept, so that it can go on where it stood."""
    version: int = 1


class Counted(Struct, frozen=True):
    """How many tickets were handed out, before the opening and after it, as of ``at``."""

    early: int
    late: int
    at: datetime


def has_queue(event: Event) -> bool:
    """Return whether people wait in a queue for this event."""
    return event.status == "published" and event.admission == "queue"


def unpublished_queue(event: Event, counted: Counted, capacity: int) -> Queue:
    """Return what stands for an event's queue where none is published: one that leaves no one out.

    Nothing lets it go on from round to round, so all who came are called, at its rate, from the opening on.
    """
    arrivals = counted.early + counted.late
    return Queue(rate=event.admissions_per_second, at=opening_of(event), up_to=arrivals + capacity)


def as_read(queue: Queue, counted: Counted, capacity: int) -> Queue:
    """Return the published queue as a reader evaluates it: what isn't published yet comes from what it saw.

    ``capacity`` is that of all sessions that can be booked: it stands for the places free in the first round
    until the clock has said how many those are.
    """
    early = counted.early if queue.early is None else queue.early
    up_to = capacity if queue.up_to is None else queue.up_to
    return replace(queue, early=early, up_to=up_to, late=with_point(queue.late, counted))


def is_early(event: Event, at: datetime) -> bool:
    """Return whether who joins at this time is in the draw."""
    return event.opens_at is not None and at < event.opens_at


def require_queue(event: Event | None) -> Event:
    """Return the event if it has a queue. Raises NotFound, NotPublished, Cancelled or NoQueue."""
    if event is None:
        raise NotFound("There is no event at this address. Please check the link.")
    if event.status == "draft":
        raise NotPublished
    if event.status == "cancelled":
        raise Cancelled
    if event.admission != "queue":
        raise NoQueue
    return event


def serving(queue: Queue, now: datetime) -> int:
    """Return the number up to which (exclusively) everybody may book now."""
    return math.floor(exactly_served(queue, now))


def number_in(queue: Queue, event: Event, ticket: QueueTicket) -> int:
    """Return this ticket's number in a queue from as_read. Before the opening no one has one."""
    early = queue.early or 0
    if is_early(event, ticket.at):
        return (rank_of(event.line_seed, ticket.person) * early) >> 64
    return early + math.floor(_late(queue, opening_of(event), ticket.at))


def turn_of(event: Event, ticket: QueueTicket) -> int:
    """Return which of its person's turns this ticket is.

    In the draw an address has one turn, 0, however often it joins. Later each ticket is a turn of its own:
    the milliseconds of the time at which it joined.
    """
    return 0 if is_early(event, ticket.at) else round(ticket.at.timestamp() * 1000)


def rank_of(line_seed: str, person: str) -> int:
    """Return a person's rank in the draw, 0 to 2^64 - 1: the first 8 bytes of HMAC-SHA256(seed, person)."""
    digest = hmac.new(bytes.fromhex(line_seed), person.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big")


class Standing(Struct, frozen=True, kw_only=True):
    """Where somebody stands in the queue. ``estimate_seconds`` is None where it can't be known."""

    number: int
    serving: int
    ahead: int
    estimate_seconds: int | None


def standing_of(queue: Queue, number: int, places_free: int, now: datetime) -> Standing:
    """Return where this number stands. With more people ahead than places left, there is no telling when."""
    served = serving(queue, now)
    ahead = max(0, number + 1 - served)
    estimate: int | None = None
    if not ahead:
        estimate = 0
    elif ahead <= places_free and (queue.up_to is None or number < queue.up_to):
        estimate = max(1, math.ceil((number + 1 - exactly_served(queue, now)) / queue.rate))
    return Standing(number=number, serving=served, ahead=max(0, ahead - 1), estimate_seconds=estimate)


def ask_again_seconds(estimate_seconds: int | None) -> int:
    """Return when to look again: sooner, the nearer one's turn. Who waits long costs little that way."""
    if estimate_seconds is None:
        return ASK_AGAIN_SECONDS_MAX
    return min(ASK_AGAIN_SECONDS_MAX, max(ASK_AGAIN_SECONDS_MIN, estimate_seconds // 4))


def exactly_served(queue: Queue, now: datetime) -> float:
    """Return what ``serving`` rounds down."""
    elapsed_seconds = max(0.0, (now - queue.at).total_seconds())
    return min(math.inf if queue.up_to is None else queue.up_to, queue.number + queue.rate * elapsed_seconds)


def _late(queue: Queue, opens_at: datetime, at: datetime) -> float:
    """Return how many had come after the opening by this time: straight between what was counted."""
    before = LatePoint(opens_at, 0)
    for point in queue.late:
        if at < point.at:
            share = max(0.0, (at - before.at) / (point.at - before.at))
            return before.count + share * (point.count - before.count)
        before = point
    return before.count + queue.rate * max(0.0, (at - before.at).total_seconds())


def with_point(late: tuple[LatePoint, ...], counted: Counted) -> tuple[LatePoint, ...]:
    """Add what was counted; a count that was read late never takes anybody away."""
    if late and counted.at <= late[-1].at:
        return late
    point = LatePoint(counted.at, max(counted.late, late[-1].count if late else 0))
    before = late[-2].count if len(late) > 1 else 0
    # While no one comes, the last point moves on: the next to come is next, at any rate.
    return (*(late[:-1] if late and point.count == before else late), point)


def opening_of(event: Event) -> datetime:
    """Return when an event with a queue opens."""
    assert event.opens_at is not None  # noqa: S101  # a queue takes an opening (domain/event_request.py)
    return event.opens_at
