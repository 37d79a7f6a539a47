"""What an organiser changes of a session's places: how many there are, and whether they can be booked.

Each change is one transaction over the session, all of its counters and the mark (98 + 2 actions at
most), so that counters and session never disagree. On a busy session such a transaction would lose
to bookings for ever. So if the first try loses: pause the session (``paused_until``, which bookings
respect), wait until every process has seen that, then try again with pauses in between. If that
still loses, the answer is Busy and nothing has changed; if we die, the pause runs out by itself.

The rule that bookings obey is in store/capacity.py; every write here keeps its invariants.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.domain.refusals import BelowBooked, Busy, NotFound
from chalicelib.domain.session import Session
from chalicelib.store.connection import connection
from chalicelib.store.event_items import session_item
from chalicelib.store.events import find_session
from chalicelib.store.keys import counter_key, mark_key
from chalicelib.store.lately import CACHE_SECONDS, forget_caches
from chalicelib.store.outcomes import Budget, outcome_of
from chalicelib.store.pools import counters_for, new_counter, share_out
from chalicelib.store.table import CounterItem, MarkItem, SessionItem

PAUSE = timedelta(seconds=10)
"""How long a session is paused at most while its capacity is being changed."""

_BOOKING_UNDER_WAY_SECONDS = 0.5
"""After the caches have run out, a booking that read its session just before may still be writing."""

_KEEP_TRYING_SECONDS = 6.0
"""What is left of the pause after waiting out the caches, with a margin for the last try."""

_DELETED = "This session was deleted."

Build = Callable[[TransactWrite, Session], Session]
"""Adds the counters' and the mark's writes to the transaction; returns the session to store in it."""


def resize(session: Session, capacity: int) -> Session:
    """Change how many places the session has. Returns the session as stored.

    The number of counters grows with the capacity and never falls. Raises BelowBooked, naming the least
    possible, if more places than that are taken, and Busy if nothing could be changed.
    """
    return _change(session, partial(_build_resize, capacity=capacity))


def close(session: Session) -> Session:
    """Stop the session from being booked, now. Returns the session as stored, or raises Busy."""
    return _change(session, partial(_build_closed, status="closed", sequence=0))


def cancel_session(session: Session, *, reason: str | None = None, request_id: str = "") -> Session:
    """Close the counters for good and mark the session cancelled. Its bookings are cancelled after that.

    In this order, because a booking made while they are listed would be missed.
    """
    built = partial(_build_closed, status="cancelled", sequence=1, reason=reason, request_id=request_id)
    return _change(session, built)


def reopen(session: Session) -> Session:
    """Let a closed session be booked again. Returns the session as stored, or raises Busy."""
    return _change(session, _build_open)


def _build_closed(
    transaction: TransactWrite,
    session: Session,
    *,
    status: str,
    sequence: int,
    reason: str | None = None,
    request_id: str = "",
) -> Session:
    for counter in range(session.counters):
        transaction.update(
            CounterItem(*counter_key(session.session_id, counter)),
            [CounterItem.open.set(False), CounterItem.version.set(CounterItem.version + 1)],
            CounterItem.PK.exists(),
        )
    return msgspec.structs.replace(
        session,
        status=status,
        sequence=session.sequence + sequence,
        cancellation_reason=reason,
        request_id=request_id,
    )


def _build_open(transaction: TransactWrite, session: Session) -> Session:
    for counter in range(session.counters):
        transaction.update(
            CounterItem(*counter_key(session.session_id, counter)),
            [CounterItem.open.set(True), CounterItem.version.set(CounterItem.version + 1)],
            CounterItem.PK.exists(),
        )
    transaction.update(
        MarkItem(*mark_key(session.session_id)),
        [MarkItem.generation.set(MarkItem.generation + 1)],
        MarkItem.PK.exists(),
    )
    return msgspec.structs.replace(session, status="open")


def _build_resize(transaction: TransactWrite, session: Session, *, capacity: int) -> Session:
    counters = max(session.counters, counters_for(capacity))
    keys = [counter_key(session.session_id, counter) for counter in range(session.counters)]
    there = {item.PK: item for item in CounterItem.batch_get(keys, consistent_read=True)}
    if len(there) < len(keys) and find_session(session.event_id, session.session_id) is None:
        raise NotFound(_DELETED)
    seen = [there[partition_key] for partition_key, _ in keys]
    taken = [int(item.capacity - item.free) for item in seen] + [0] * (counters - session.counters)
    if capacity < sum(taken):
        raise BelowBooked(sum(taken))
    free = share_out(capacity - sum(taken), counters)
    for counter, item in enumerate(seen):
        transaction.update(
            CounterItem(*keys[counter]),
            [
                CounterItem.capacity.set(taken[counter] + free[counter]),
                CounterItem.free.set(free[counter]),
                CounterItem.version.set(CounterItem.version + 1),
            ],
            # The numbers above are worth something only if the counter is still as it was read.
            CounterItem.version == item.version,
        )
    for counter in range(session.counters, counters):
        grown = new_counter(session.session_id, counter, free[counter])
        grown.open = seen[0].open
        transaction.save(grown, CounterItem.PK.does_not_exist())
    transaction.update(
        MarkItem(*mark_key(session.session_id)),
        [
            MarkItem.counters.set(counters),
            # Never lowered here: only a scan lowers it, which knows who took the places (store/takers.py).
            MarkItem.at_most_free.set(MarkItem.at_most_free + max(0, capacity - session.capacity)),
            MarkItem.generation.set(MarkItem.generation + 1),
        ],
        MarkItem.PK.exists(),
    )
    return msgspec.structs.replace(session, capacity=capacity, counters=counters)


def _change(session: Session, build: Build) -> Session:
    try:
        changed = _try(session, build)
        if changed is None:
            session = _set_pause(session, datetime.now(UTC) + PAUSE)
            time.sleep(CACHE_SECONDS + _BOOKING_UNDER_WAY_SECONDS)
            changed = _keep_trying(session, build)
        return changed
    finally:
        forget_caches()


def _keep_trying(session: Session, build: Build) -> Session:
    budget = Budget(_KEEP_TRYING_SECONDS)
    try:
        while not budget.is_spent():
            if changed := _try(session, build):
                return changed
            budget.pause(20, 200)
    except BelowBooked:
        _set_pause(session, None)
        raise
    _set_pause(session, None)
    raise Busy


def _try(session: Session, build: Build) -> Session | None:
    """Return the session as stored, or None if another transaction was in the way."""
    transaction = TransactWrite(connection=connection())
    built = build(transaction, session)
    changed = msgspec.structs.replace(built, version=session.version + 1, paused_until=None)
    if _stored(transaction, changed, session.version):
        return changed
    now_stored = find_session(session.event_id, session.session_id)
    if now_stored == changed:
        return changed  # ours after all: the answer had been lost
    if now_stored is None:
        raise NotFound(_DELETED)
    if now_stored.version != session.version:
        raise Busy  # somebody else changes this session at the same time
    return None


def _set_pause(session: Session, until: datetime | None) -> Session:
    paused = msgspec.structs.replace(session, paused_until=until, version=session.version + 1)
    transaction = TransactWrite(connection=connection())
    stored = _stored(transaction, paused, session.version)
    if not stored and find_session(session.event_id, session.session_id) != paused:
        raise Busy
    return paused


def _stored(transaction: TransactWrite, session: Session, at_version: int) -> bool:
    """Send the transaction with the session in it. False: it wasn't done, or nobody knows."""
    transaction.save(session_item(session), SessionItem.version == at_version)
    try:
        with transaction:
            pass
    except TransactWriteError as error:
        outcome_of(error)
        return False
    return True
