"""Deleting a session that nobody ever booked, with the places that it had."""

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.domain.deletion_refusals import SessionBooked
from chalicelib.domain.refusals import Busy
from chalicelib.domain.session import Session
from chalicelib.store.connection import connection
from chalicelib.store.event_changes import forget_recount
from chalicelib.store.events import find_session
from chalicelib.store.figures_items import FiguresItem
from chalicelib.store.keys import counter_key, figures_partition, mark_key, session_key
from chalicelib.store.lately import forget_caches
from chalicelib.store.outcomes import Budget, Kind, outcome_of
from chalicelib.store.pools import COUNTERS_MAX
from chalicelib.store.table import CounterItem, MarkItem, RecountItem, SessionItem
from chalicelib.store.takers import REMEMBERED_SINCE_SCHEMA


def delete_session(session: Session) -> None:
    """Delete the session, its counters and its mark, and recount it no more, unless it was ever booked.

    A booking either comes before, and the session stays, or after, and finds no counter. So nothing has to be
    closed first, and there is no moment at which the session can be seen but not be booked.
    Raises SessionBooked, or Busy (also if it isn't as it was read any more).
    """
    budget = Budget()
    try:
        while not _is_deleted(session):
            if budget.is_spent():
                raise Busy
            budget.pause(20, 200)
    finally:
        forget_caches()
    if session.counters == COUNTERS_MAX:
        # For this, the transaction had no room.
        forget_recount(session.event_id, session.session_id)


def _is_deleted(session: Session) -> bool:
    """Send that transaction. False: another one was in its way, or nobody knows."""
    transaction = TransactWrite(connection=connection())
    for counter in range(session.counters):
        transaction.delete(
            CounterItem(*counter_key(session.session_id, counter)),
            CounterItem.PK.does_not_exist()
            | (
                (CounterItem.schema >= REMEMBERED_SINCE_SCHEMA)
                & CounterItem.takers.does_not_exist()
                & (CounterItem.free == CounterItem.capacity)
            ),
        )
    transaction.delete(MarkItem(*mark_key(session.session_id)))
    transaction.delete(
        SessionItem(*session_key(session.event_id, session.session_id)),
        SessionItem.version == session.version,
    )
    if session.counters < COUNTERS_MAX:
        transaction.delete(RecountItem("RECOUNT", session.session_id))
    if session.counters < COUNTERS_MAX - 1:
        # Those that stay are found by nobody: who reads figures looks for those of its event's sessions.
        transaction.delete(FiguresItem(figures_partition(session.event_id), session.session_id))
    try:
        with transaction:
            pass
    except TransactWriteError as error:
        outcome = outcome_of(error)
        if outcome.kind is Kind.REFUSED and min(outcome.items) < session.counters:
            raise SessionBooked from error
        now_stored = find_session(session.event_id, session.session_id)
        if now_stored is not None and now_stored.version != session.version:
            raise Busy from error
        return now_stored is None
    return True
