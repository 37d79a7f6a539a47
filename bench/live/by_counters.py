"""The race for a session's places by how many counters it has: how often a booking has to be tried.

The very race of tests/store/test_capacity_races.py: threads of three processes, all at once, on a wire that
throttles and loses answers, and where transactions on one item conflict while one of them is under way.
DynamoDB Local does one transaction after the other, so each is under way for as long as those in front of
it take: far more meet here than on AWS. That the last place is sold holds all the same.
"""

import tempfile
from collections import Counter
from pathlib import Path

from msgspec import Struct

from tests.engines import DynamoDBLocal
from tests.making import invariants_hold, make_session
from tests.store import racers
from tests.store.history import would_have_fitted
from tests.store.racers import Person, crowd

COUNTERS = (1, 4, 16, 64)
PLACES = 128
FAULTS = {"throttles": 0.02, "lost": 0.02, "never_sent": 0.01}


class Row(Struct, frozen=True, kw_only=True):
    """One race."""

    counters: int
    people: int
    bookings: int
    places_sold: int
    tries: int
    """Transactions sent; each is tried by a booking, or by one that will be refused."""
    conflicts: int
    faults: int
    """Throttles and lost answers."""
    reads: int
    busy: int
    """How often somebody's 2.5 seconds were over, and they asked again."""
    cheated: int
    """Refused although the places left in the end would have held them."""


def by_counters() -> list[Row]:
    """Run one race for each number of counters, on a table of its own."""
    server = DynamoDBLocal()
    try:
        return [_race(server, counters) for counters in COUNTERS]
    finally:
        server.stop()


def _race(server: DynamoDBLocal, counters: int) -> Row:
    people = [*crowd(6, 90), *(Person(f"single{number}", 1) for number in range(30))]
    with server.fresh_table(), tempfile.TemporaryDirectory() as locks:
        session = make_session(capacity=PLACES, counters=counters)
        raced = racers.race(session, people, seed=6, faults=FAULTS, locks=Path(locks))
        sold = invariants_hold(session)
    outcomes = Counter(deed.what for deed in raced.deeds)
    return Row(
        counters=counters,
        people=len(people),
        bookings=outcomes["booked"],
        places_sold=sold,
        tries=raced.sent["TransactWriteItems"],
        conflicts=raced.seen["item held"],
        faults=raced.seen["throttle"] + raced.seen["lost"] + raced.seen["never sent"],
        reads=raced.sent["GetItem"] + raced.sent["BatchGetItem"],
        busy=outcomes["busy"],
        cheated=len(would_have_fitted(raced.deeds, PLACES)),
    )
