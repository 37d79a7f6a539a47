"""What anybody is shown of a queue, and somebody in it of their own place, by programs and pages alike."""

import zlib
from datetime import datetime
from typing import Literal

from msgspec import Struct

from chalicelib.domain.admission import read_queue_ticket, seed_hash
from chalicelib.domain.event import Event
from chalicelib.domain.queue import (
    SEED_PUBLIC_AFTER,
    ask_again_seconds,
    is_early,
    number_in,
    opening_of,
    standing_of,
)
from chalicelib.domain.refusals import Cancelled
from chalicelib.store.queues import cached_queue, open_queue
from chalicelib.store.secrets import token_secrets

OPENING_SPREAD_SECONDS = 20
"""Over how long after the opening the pages of the draw look again. Nobody loses by it: what they are drawn
is the same whenever they see it, and all of them at once would be a crowd of our own making."""

_DRAW_LOOKS_EVERY_SECONDS = 600

State = Literal["draw", "waiting", "served", "sold_out", "open"]


class QueueView(Struct, frozen=True, kw_only=True):
    """A queue as published: the number being served is min(up_to, number + rate * seconds since ``at``)."""

    slug: str
    opens_at: datetime
    now: datetime
    number: float
    rate: int
    at: datetime
    up_to: int
    early: int
    sold_out: bool
    seed_hash: str
    seed: str | None
    approximate: bool = True


class PositionView(Struct, frozen=True, kw_only=True):
    """A person's place in a queue, which is approximate."""

    state: State
    early: bool
    number: int | None
    serving: int | None
    ahead: int | None
    estimate_seconds: int | None
    ask_again_seconds: int
    opens_at: datetime | None
    approximate: bool = True


def queue_view(event: Event, now: datetime) -> QueueView:
    """Return the event's queue, also when booking is over: the seed stays in it once it is public.

    By then it is too late to join the draw.
    """
    seen = cached_queue(event, now)
    opens_at = opening_of(event)
    return QueueView(
        slug=event.slug,
        opens_at=opens_at,
        now=now,
        number=seen.queue.number,
        rate=seen.queue.rate,
        at=seen.queue.at,
        up_to=seen.queue.up_to or 0,
        early=seen.queue.early or 0,
        sold_out=now >= opens_at and seen.places_free <= 0,
        seed_hash=seed_hash(event.line_seed),
        seed=event.line_seed if now >= opens_at + SEED_PUBLIC_AFTER else None,
    )


def position_view(event: Event, ticket: str, now: datetime) -> PositionView:
    """Return where the holder of this ticket stands: not at all ("open") where the queue was switched off.

    Raises NotFound for a ticket that is not ours, Cancelled or Closed.
    """
    if event.status == "cancelled":
        raise Cancelled
    held = read_queue_ticket(token_secrets(), event.event_id, ticket)
    early = is_early(event, held.at)
    if event.admission != "queue":
        return _position(event, "open", early=early)
    if is_early(event, now):
        wait_seconds = ask_again_seconds(int((opening_of(event) - now).total_seconds()))
        return _position(event, "draw", early=early, ask_again=wait_seconds)
    seen = open_queue(event, now)
    standing = standing_of(seen.queue, number_in(seen.queue, event, held), seen.places_free, now)
    state: State = "waiting"
    if seen.places_free <= 0:
        state = "sold_out"
    elif standing.estimate_seconds == 0:
        state = "served"
    return PositionView(
        state=state,
        early=early,
        number=standing.number,
        serving=standing.serving,
        ahead=standing.ahead,
        estimate_seconds=None if state == "sold_out" else standing.estimate_seconds,
        ask_again_seconds=ask_again_seconds(standing.estimate_seconds),
        opens_at=event.opens_at,
    )


def _position(event: Event, state: State, *, early: bool, ask_again: int = 30) -> PositionView:
    return PositionView(
        state=state,
        early=early,
        number=None,
        serving=None,
        ahead=None,
        estimate_seconds=None,
        ask_again_seconds=ask_again,
        opens_at=event.opens_at,
    )


def looks_again_in_seconds(place: PositionView, ticket: str, now: datetime) -> int | None:
    """Return how long somebody's page waits before it looks again, None if there is nothing to wait for."""
    if place.state == "waiting":
        return place.ask_again_seconds
    if place.state != "draw" or place.opens_at is None:
        return None
    until_opening = max(int((place.opens_at - now).total_seconds()), 0)
    share = zlib.crc32(ticket.encode()) % OPENING_SPREAD_SECONDS + 1
    # It looks in between too, for the opening may be moved.
    return min(until_opening + share, _DRAW_LOOKS_EVERY_SECONDS)
