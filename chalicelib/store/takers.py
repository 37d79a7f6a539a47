"""Which requests have taken places of a session: known well enough to say of most that they have not.

A retry must hear of its own booking before "sold out", and 95,000 people hear "sold out". So that not each
of them costs a read, every counter remembers a trace of each request that ever took from it, added by the
write that takes. The scan that finds too few places for somebody has read all counters; before it tells the
mark so, it writes down all of their traces, and the mark says which writing goes with it. A process reads
that once. A request that leaves no trace there has booked no party of a size that the mark rules out: such
a booking took before its counters were scanned, and left its trace in those scanned later than it took; or
after, and then all of its places were free in the scan, so the party would fit. A trace alone proves nothing
(others have the same, and cancelled bookings leave theirs): then the booking is read.

A trace is three bytes of the booking's key and its Idempotency-Key together. Of the key alone it would be
found for everybody who asks with an address that has booked: the refusal would take a read longer than a
stranger's, and its time would tell who comes. So traces of the key alone, as older counters have them, are
not looked at.

What remains: for a second after places came back, a process may still believe in "sold out", and say so to
the retry of a request that was booked in that second. Counters that are older than all this, or have more
bookings than one item holds, are never known: then each refusal of a request with an Idempotency-Key reads,
as if nothing of this were here.
"""

import hashlib
from collections.abc import Iterable, Sequence

from msgspec import Struct
from pynamodb.exceptions import DoesNotExist

from chalicelib.domain.refusals import Busy
from chalicelib.domain.session import Session
from chalicelib.store.hints import hint_for
from chalicelib.store.table import CounterItem, TakersItem

REMEMBERED_SINCE_SCHEMA = 3
"""The first schema of counters that have remembered every request since they were made."""

_TRACE_BYTES = 3
"""One stranger in 3,000 shares one with somebody in a session of 5,000 bookings, and costs a read."""

_BYTES_MAX = 120_000
"""40,000 bookings. DynamoDB's items end at 400 KB, and writing this one is 120 write units."""

_SESSIONS_MAX = 100


class Takers(Struct, frozen=True):
    """All traces in a session's counters, as the scan saw them that the mark calls ``seen_at``."""

    seen_at: int
    traces: frozenset[bytes]


_held: dict[str, Takers] = {}


def trace_of(key: str, idempotency_key: str) -> bytes:
    """Return what a counter remembers of the request that booked at this key."""
    return hashlib.sha256(f"{key}|{idempotency_key}".encode()).digest()[:_TRACE_BYTES]


def publish(session_id: str, counters: Iterable[CounterItem], seen_at: int) -> int | None:
    """Let everybody know who has taken from these counters. Returns what the mark has to say of it.

    That is ``seen_at``, or None if it can't be known. Raises PutError if it was not done (a scan with a
    later ``seen_at`` was faster), or nobody knows: then the mark must not say anything.
    """
    traces: set[bytes] = set()
    for counter in counters:
        if counter.schema < REMEMBERED_SINCE_SCHEMA:
            return None
        traces |= counter.takers or set()
    together = b"".join(sorted(traces))
    if len(together) > _BYTES_MAX:
        return None
    # One writing for each ``seen_at``, whatever clocks say: what the mark names is of the scan it tells of.
    TakersItem(*_key(session_id), seen_at=seen_at, takers=together).save(
        condition=TakersItem.PK.does_not_exist() | (TakersItem.seen_at < seen_at)
    )
    _hold(session_id, Takers(seen_at, frozenset(traces)))
    return seen_at


def took_nothing(session: Session, keys: Sequence[str], idempotency_key: str, places: int) -> bool:
    """Return whether it is known that so many places can't be had and this request has none at these keys.

    False: it may have, or nobody knows. The only request it may take is to read the traces, once.
    """
    limit = hint_for(session).limit
    if limit.traces_at is None or not limit.rules_out(places):
        return False
    takers = _takers(session.session_id, limit.traces_at)
    return takers is not None and takers.traces.isdisjoint(trace_of(key, idempotency_key) for key in keys)


def forget() -> None:
    """Know nothing, like a new process."""
    _held.clear()


def _takers(session_id: str, seen_at: int) -> Takers | None:
    held = _held.get(session_id)
    if held is None or held.seen_at < seen_at:
        held = _read(session_id)
    # Later than the mark's: another scan wrote, and died before it told the mark, or tells it in a moment.
    # What the mark names is gone for good then: not every refusal has to read that again.
    return held if held is not None and held.seen_at == seen_at else None


def _read(session_id: str) -> Takers | None:
    try:
        # Half the price of a consistent read; if what it finds is older than the mark, it is of no use yet.
        item = TakersItem.get(*_key(session_id))
    except (DoesNotExist, Busy):
        # Busy: the booking itself is asked for then, and lives elsewhere in the table.
        return None
    together = bytes(item.takers)
    traces = (together[start : start + _TRACE_BYTES] for start in range(0, len(together), _TRACE_BYTES))
    return _hold(session_id, Takers(int(item.seen_at), frozenset(traces)))


def _hold(session_id: str, takers: Takers) -> Takers:
    """Keep these, unless a reading that ended before this one found later ones; return what is kept."""
    held = _held.get(session_id)
    if held is not None and held.seen_at > takers.seen_at:
        return held
    while len(_held) >= _SESSIONS_MAX:
        del _held[next(iter(_held))]
    _held[session_id] = takers
    return takers


def _key(session_id: str) -> tuple[str, str]:
    return f"TAKERS#{session_id}", "TAKERS"
