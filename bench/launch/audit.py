"""What has to be true of the table when everything is over (chalicelib/store/capacity.py promises it)."""

from collections import Counter
from collections.abc import Sequence

from bench.launch.people import GAVE_UP, Person
from bench.launch.queue import UNUSED
from chalicelib.domain.booking import Booking
from chalicelib.domain.session import Session
from chalicelib.store.bookings import every_booking
from chalicelib.store.keys import counter_key
from chalicelib.store.table import CounterItem

_TOLD_WITH_A_PLACE = {"booked", GAVE_UP}
_OUTCOMES = {"booked", "cancelled", "sold_out", GAVE_UP, UNUSED}
"""What may become of somebody: no session is closed, and nobody asks twice under another key."""


def broken_invariants(sessions: Sequence[Session], people: Sequence[Person]) -> list[str]:
    """Return what is not as it has to be, as sentences."""
    broken: list[str] = []
    rows: dict[str, Booking] = {}
    for session in sessions:
        confirmed = [
            booking for booking in every_booking(session.session_id) if booking.status == "confirmed"
        ]
        rows |= {booking.booking_id: booking for booking in confirmed}
        broken += _broken_counters(session, confirmed)
    told = {
        person.booking.booking_id
        for person in people
        if person.booking is not None and person.booking.status == "confirmed"
    }
    if told != rows.keys():
        # Whoever gave up may have a place that they never heard of: its mail tells them.
        unheard = rows.keys() - told
        gave_up = sum(person.outcome == GAVE_UP for person in people)
        if told - rows.keys() or len(unheard) > gave_up:
            broken.append(
                f"{len(told - rows.keys())} were told of a booking that there is not, "
                f"{len(unheard)} bookings are nobody's"
            )
    broken += _broken_answers(people, {booking.address for booking in rows.values()})
    addresses = Counter((booking.session_id, booking.address) for booking in rows.values())
    if twice := sum(count > 1 for count in addresses.values()):
        broken.append(f"{twice} addresses have more than one booking")
    return broken


def _broken_answers(people: Sequence[Person], booked: set[str]) -> list[str]:
    """Return what nobody may be told: that there is no place for them while they have one, or nonsense."""
    broken: list[str] = []
    # A retry hears of its own booking before any rule, so whoever has one ends up knowing it or gives up.
    refused = sum(person.address in booked and person.outcome not in _TOLD_WITH_A_PLACE for person in people)
    if refused:
        broken.append(f"{refused} have a place and were refused one")
    others = Counter(person.outcome for person in people if person.outcome not in _OUTCOMES)
    broken += [f"{count} were told {outcome!r}" for outcome, count in others.items()]
    return broken


def _broken_counters(session: Session, confirmed: Sequence[Booking]) -> list[str]:
    taken: Counter[int] = Counter()
    for booking in confirmed:
        if sum(booking.allocation.values()) != booking.places:
            return [f"booking {booking.booking_id} took other than its places"]
        taken.update({int(counter): places for counter, places in booking.allocation.items()})
    keys = [counter_key(session.session_id, counter) for counter in range(session.counters)]
    counters = {item.PK: item for item in CounterItem.batch_get(keys, consistent_read=True)}
    if sum(counter.capacity for counter in counters.values()) != session.capacity:
        return [f"the counters of {session.session_id} don't hold its capacity"]
    return [
        f"counter {number} of {session.session_id}: {counter.free} free, {taken[number]} taken of "
        f"{counter.capacity}"
        for number, (partition_key, _) in enumerate(keys)
        if (counter := counters[partition_key]).free < 0
        or counter.free + counter.held + taken[number] != counter.capacity
    ]
