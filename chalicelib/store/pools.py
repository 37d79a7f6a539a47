"""Making a session's pool: the counters that its places are spread over, and its mark.

What happens to them then is store/capacity.py and store/capacity_changes.py.
"""

from pynamodb.transactions import TransactWrite

from chalicelib.store import takers
from chalicelib.store.connection import connection
from chalicelib.store.keys import counter_key, mark_key
from chalicelib.store.table import CounterItem, MarkItem
from chalicelib.store.writing import writing_if_needed

PLACES_PER_COUNTER = 25
COUNTERS_MAX = 98
"""98 counters, the mark and the session or a booking are the 100 actions one transaction may hold."""


def counters_for(capacity: int) -> int:
    """Return over how many counters this many places are spread."""
    return max(1, min(COUNTERS_MAX, -(-capacity // PLACES_PER_COUNTER)))


def open_pool(session_id: str, capacity: int) -> None:
    """Create the counters and the mark of a session that is about to be created, or raise Busy.

    It comes before the session's own item: a pool without a session is never seen,
    a session without its pool would be. One that is there is left alone: an earlier try of the same request
    made it, and creating the session asks whether it is as large.
    """
    counters = counters_for(capacity)
    with writing_if_needed(), TransactWrite(connection=connection()) as transaction:
        for counter, share in enumerate(share_out(capacity, counters)):
            transaction.save(new_counter(session_id, counter, share), CounterItem.PK.does_not_exist())
        transaction.save(
            MarkItem(
                *mark_key(session_id),
                counters=counters,
                free=[],
                at_most_free=capacity,
                generation=0,
                seen_at=0,
                scan_until=0,
            ),
            MarkItem.PK.does_not_exist(),
        )


def share_out(capacity: int, counters: int) -> list[int]:
    """Return each counter's share of this many places, level to within one."""
    share, rest = divmod(capacity, counters)
    return [share + (counter < rest) for counter in range(counters)]


def new_counter(session_id: str, counter: int, capacity: int) -> CounterItem:
    """Return a counter with all of its places free."""
    return CounterItem(
        *counter_key(session_id, counter),
        free=capacity,
        held=0,
        capacity=capacity,
        open=True,
        version=1,
        schema=takers.REMEMBERED_SINCE_SCHEMA,
    )
