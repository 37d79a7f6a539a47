"""A line: everybody who waits for their turn to book in an event with ``admission: queue``.

Who joined before the opening is in the draw: their rank is HMAC(seed, person), and their number follows from
it and from how many joined by then. Whoever comes later is behind all of them, by the time in their ticket. A
line's state is small and published; each reader evaluates for itself what is being served:

    serving(now) = min(up_to, number + rate * (now - at))         and your turn is when your number < serving

**Rounds**: a round serves as many numbers as places were free when it began (``up_to``). When all of its
admissions are over and places remain, the next one begins: so an admission that isn't used goes to the next,
and not everybody is called at once for what is left. The clock does that (domain/queue_rounds.py) and
never moves the line back. That there are no places left is not known here, but in store/capacity.py.

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
from chalicelib.domain.admission_refusals import NoLine
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


class Line(Struct, frozen=True, kw_only=True):
    """A line as published."""

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


def has_line(event: Event) -> bool:
    """Return whether people wait in line for this event."""
    return event.status == "published" and event.admission == "queue"


def unpublished_line(event: Event, counted: Counted, capacity: int) -> Line:
    """Return what is taken for an event's line where none is published: one that leaves nobody out.

    Nothing lets it go on from round to round, so all who came are called, at its rate, from the opening on.
    """
    arrivals = counted.early + counted.late
    return Line(rate=event.admissions_per_second, at=opening_of(event), up_to=arrivals + capacity)


def as_read(line: Line, counted: Counted, capacity: int) -> Line:
    """Return the published line as a reader evaluates it: what isn't published yet comes from what it saw.

    ``capacity`` is that of all sessions that can be booked: it stands for the places free in the first round
    until the clock has said how many those are.
    """
    early = counted.early if line.early is None else line.early
    up_to = capacity if line.up_to is None else line.up_to
    return replace(line, early=early, up_to=up_to, late=with_point(line.late, counted))


def is_early(event: Event, at: datetime) -> bool:
    """Return whether who joins at this time is in the draw."""
    return event.opens_at is not None and at < event.opens_at


def require_line(event: Event | None) -> Event:
    """Return the event if people wait in line for it. Raises NotFound, NotPublished, Cancelled or NoLine."""
    if event is None:
        raise NotFound("There is no event at this address.")
    if event.status == "draft":
        raise NotPublished
    if event.status == "cancelled":
        raise Cancelled
    if event.admission != "queue":
        raise NoLine
    return event


def serving(line: Line, now: datetime) -> int:
    """Return the number up to which (exclusively) everybody may book now."""
    return math.floor(exactly_served(line, now))


def number_in(line: Line, event: Event, ticket: QueueTicket) -> int:
    """Return this ticket's number in a line from as_read. Before the opening nobody has one."""
    early = line.early or 0
    if is_early(event, ticket.at):
        return (rank_of(event.line_seed, ticket.person) * early) >> 64
    return early + math.floor(_late(line, opening_of(event), ticket.at))


def rank_of(line_seed: str, person: str) -> int:
    """Return a person's rank in the draw, 0 to 2^64 - 1: the first 8 bytes of HMAC-SHA256(seed, person)."""
    digest = hmac.new(bytes.fromhex(line_seed), person.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big")


class Turn(Struct, frozen=True, kw_only=True):
    """Where somebody stands in the line. ``estimate_seconds`` is None where nobody can say."""

    number: int
    serving: int
    ahead: int
    estimate_seconds: int | None


def turn_of(line: Line, number: int, places_free: int, now: datetime) -> Turn:
    """Return where this number stands. With more people ahead than places left, there is no telling when."""
    served = serving(line, now)
    ahead = max(0, number + 1 - served)
    estimate: int | None = None
    if not ahead:
        estimate = 0
    elif ahead <= places_free and (line.up_to is None or number < line.up_to):
        estimate = max(1, math.ceil((number + 1 - exactly_served(line, now)) / line.rate))
    return Turn(number=number, serving=served, ahead=max(0, ahead - 1), estimate_seconds=estimate)


def ask_again_seconds(estimate_seconds: int | None) -> int:
    """Return when to look again: sooner, the nearer one's turn. Who waits long costs little that way."""
    if estimate_seconds is None:
        return ASK_AGAIN_SECONDS_MAX
    return min(ASK_AGAIN_SECONDS_MAX, max(ASK_AGAIN_SECONDS_MIN, estimate_seconds // 4))


def exactly_served(line: Line, now: datetime) -> float:
    """Return what ``serving`` rounds down."""
    elapsed_seconds = max(0.0, (now - line.at).total_seconds())
    return min(math.inf if line.up_to is None else line.up_to, line.number + line.rate * elapsed_seconds)


def _late(line: Line, opens_at: datetime, at: datetime) -> float:
    """Return how many had come after the opening by this time: straight between what was counted."""
    before = LatePoint(opens_at, 0)
    for point in line.late:
        if at < point.at:
            share = max(0.0, (at - before.at) / (point.at - before.at))
            return before.count + share * (point.count - before.count)
        before = point
    return before.count + line.rate * max(0.0, (at - before.at).total_seconds())


def with_point(late: tuple[LatePoint, ...], counted: Counted) -> tuple[LatePoint, ...]:
    """Add what was counted; a count that was read late never takes anybody away."""
    if late and counted.at <= late[-1].at:
        return late
    point = LatePoint(counted.at, max(counted.late, late[-1].count if late else 0))
    before = late[-2].count if len(late) > 1 else 0
    # While nobody comes, the last point moves on: who comes next is next, whatever the rate.
    return (*(late[:-1] if late and point.count == before else late), point)


def opening_of(event: Event) -> datetime:
    """Return when an event with a line opens."""
    assert event.opens_at is not None  # noqa: S101  # a line takes an opening (domain/event_request.py)
    return event.opens_at
