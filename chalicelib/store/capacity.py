"""Capacity is enforced here and nowhere else.

A session's places are spread over N counters. A booking is one transaction of two items:

    put     the booking, unless what is at its key keeps it out (Booking.keeps_out)
    update  one counter: free - n, if free >= n and it is open; and it remembers who took (store/takers.py)

so it is either whole or not at all, costs 4 write units, and N counters let N bookings run at
once. A party that fits no counter alone takes from several in the same transaction.

Invariants (jobs/clock.py recounts them):
- every counter: free >= 0, and free + held + what confirmed bookings took = capacity;
- the counters' capacities sum to the session's;
- at most one live booking per key; every answer "booked" has a durable item.
Every write to a counter raises its version. Every write that raises ``free`` raises the mark's
``generation`` and ``at_most_free`` in the same transaction, so the mark never promises too little.

Which counter to try is store/hints.py and store/availability.py: they save work, these conditions decide.
"""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace
from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.domain.booking import Booking
from chalicelib.domain.door_refusals import PartyArrived
from chalicelib.domain.refusals import Busy, ChangedMeanwhile, Closed, SoldOut
from chalicelib.domain.session import Session
from chalicelib.store.availability import glance, look_again
from chalicelib.store.bookings import (
    booking_from_image,
    find_booking,
    find_booking_of_request,
    item_from,
    makes_way_for,
    require_booking,
    require_booking_by_link,
)
from chalicelib.store.connection import connection
from chalicelib.store.hints import hint_for
from chalicelib.store.keys import booking_item_key, counter_key, mark_key
from chalicelib.store.mapping import changes
from chalicelib.store.outcomes import Budget, Kind, Outcome, outcome_of
from chalicelib.store.table import BookingItem, CounterItem, MarkItem
from chalicelib.store.takers import trace_of

_CANCELLING = ("status", "version", "changed_at", "cancelled_by", "quiet", "request_id")


def take(
    session: Session,
    booking: Booking,
    other_keys: Sequence[str] = (),
    *,
    is_rush: bool = False,
) -> Booking:
    """Take ``booking.places`` places and store the booking. Return the booking that is at its key now.

    ``other_keys`` are where else this address may book in this session: nothing is taken if one of those
    holds the same Idempotency-Key, and the booking there is returned. In a rush we are as careful from the
    beginning as otherwise after a setback: we wait a moment, and look at some counters before we try one.

    If that has another ``booking_id`` than the one passed in, this address or this request was here
    before: nothing was taken, and the caller judges which of the two it was. Of another request this is told
    only where the places could have been had: without them, who has booked hears what all hear.
    Raises SoldOut (for this party), Closed, or Busy when 2.5 seconds were not enough.
    """
    lost: list[Booking] = []
    try:
        return _take(session, booking, other_keys, lost, is_rush=is_rush)
    except (SoldOut, Closed):
        # A try whose answer was lost may have been done after we looked for it: then these are its places.
        if lost and (ours := find_booking_of_request(booking)):
            return ours
        raise


def _take(
    session: Session,
    booking: Booking,
    other_keys: Sequence[str],
    lost: list[Booking],
    *,
    is_rush: bool,
) -> Booking:
    """Do what ``take`` says, and add to ``lost`` each try of which no answer came."""
    hint = hint_for(session)
    budget = Budget()
    setbacks = waits = 0
    if is_rush and not hint.rules_out(booking.places):
        setbacks = 1
        budget.back_off(setbacks, len(hint.free))
    avoid: frozenset[int] = frozenset()
    while not budget.is_spent():
        hint.require_may_fit(booking.places)
        if setbacks:
            # To be in vain again would cost four write units, to look first two read units.
            allocation = glance(session, hint, booking.places, waits, avoid)
        else:
            allocation = hint.draw(booking.places, avoid)
        if allocation is None:
            look_again(session, hint, booking.places, budget)
            continue
        if not allocation:
            waits += 1  # it may fit, but not all who want it shall try at once
            budget.back_off(1, len(hint.free))
            continue
        attempt = replace(booking, allocation={str(each): places for each, places in allocation.items()})
        try:
            _write(attempt, other_keys)
        except TransactWriteError as error:
            outcome = outcome_of(error)
            if outcome.kind is Kind.LOST:
                lost.append(attempt)
            if existing := _existing_booking(outcome, attempt, other_keys):
                if existing.keeps_out(booking):
                    return existing
                # What is there is over: this one takes over which turns were used.
                booking = replace(booking, turns_used=existing.turns_used)
            avoid = hint.learn(outcome, allocation, booking_index=len(other_keys))
            setbacks += 1
            budget.back_off(setbacks, len(hint.free))
        else:
            for counter, places in allocation.items():
                hint.free[counter] -= places
            return attempt
    raise Busy


def _write(booking: Booking, other_keys: Sequence[str]) -> None:
    """Send the one transaction that takes places.

    PynamoDB sends checks, then puts, then updates: so the booking's index is the number of other keys.
    """
    with TransactWrite(connection=connection()) as transaction:
        for other in other_keys:
            transaction.condition_check(
                BookingItem,
                *booking_item_key(booking.session_id, other),
                condition=BookingItem.PK.does_not_exist()
                | (BookingItem.idempotency_key != booking.idempotency_key),
            )
        transaction.save(
            item_from(booking),
            BookingItem.PK.does_not_exist()
            | (makes_way_for(booking) & (BookingItem.idempotency_key != booking.idempotency_key)),
            return_values="ALL_OLD",
        )
        for counter, places in booking.allocation.items():
            transaction.update(
                CounterItem(*counter_key(booking.session_id, int(counter))),
                [
                    CounterItem.free.set(CounterItem.free - places),
                    CounterItem.version.set(CounterItem.version + 1),
                    CounterItem.takers.add({trace_of(booking.key, booking.idempotency_key)}),
                ],
                (CounterItem.free >= places) & (CounterItem.open == True),  # noqa: E712  # a condition
                return_values="ALL_OLD",
            )


def _existing_booking(outcome: Outcome, attempt: Booking, other_keys: Sequence[str]) -> Booking | None:
    """Return the booking that is there already, or None if there is none that ends this attempt."""
    if outcome.kind is Kind.REFUSED:
        # Duplicates come first, whatever else was refused.
        for index, other in enumerate(other_keys):
            if index in outcome.items and (same_request := find_booking(attempt.session_id, other)):
                return same_request
        if len(other_keys) in outcome.items:
            there = outcome.items[len(other_keys)]
            existing = booking_from_image(there) if there else find_booking(attempt.session_id, attempt.key)
            # It may be our own, from a lost answer. Another's counts only if no counter refused as well.
            ours = existing and existing.idempotency_key == attempt.idempotency_key
            return existing if ours or max(outcome.items) == len(other_keys) else None
    # Not there yet: should the lost one land after all, the next try's put is refused and shows it.
    return find_booking_of_request(attempt) if outcome.kind is Kind.LOST else None


def give_back(
    booking: Booking,
    now: datetime,
    *,
    by_link: bool = False,
    even_if_arrived: bool = False,
    at_version: int | None = None,
    quiet: bool = False,
    request_id: str = "",
) -> Booking:
    """Cancel the booking and give its places back to the counters they came from, all or nothing.

    Returns the booking as it stands afterwards, also when it was cancelled already. ``quiet``: no email is
    owed for it. Raises NotFound if it is gone because its address has booked again since, or (``by_link``)
    was corrected, PartyArrived if somebody is in (unless ``even_if_arrived``), ChangedMeanwhile if it is no
    longer ``at_version``, and Busy when 2.5 seconds were not enough.
    """
    budget = Budget()
    while booking.status != "cancelled":
        if booking.arrivals and not even_if_arrived:
            raise PartyArrived(booking.arrived)
        if at_version not in (None, booking.version):
            raise ChangedMeanwhile
        if budget.is_spent():
            raise Busy
        try:
            cancelled = replace(
                booking,
                status="cancelled",
                version=booking.version + 1,
                changed_at=now,
                cancelled_by="attendee" if by_link else "organiser",
                quiet=quiet,
                request_id=request_id,
            )
            _write_back(booking, cancelled, even_if_arrived)
        except TransactWriteError as error:
            if outcome_of(error).kind is not Kind.REFUSED:
                budget.pause(5, 50)
        else:
            return cancelled
        # The answer may have been lost, or the booking have changed: look again.
        booking = (require_booking_by_link if by_link else require_booking)(booking.lives_at)
    return booking


def _write_back(booking: Booking, cancelled: Booking, even_if_arrived: bool) -> None:
    as_read = (BookingItem.booking_id == booking.booking_id) & (BookingItem.version == booking.version)
    nobody_is_in = BookingItem.arrivals.does_not_exist()
    with TransactWrite(connection=connection()) as transaction:
        transaction.update(
            BookingItem(*booking_item_key(booking.session_id, booking.key)),
            changes(BookingItem, cancelled, _CANCELLING),
            as_read if even_if_arrived else as_read & nobody_is_in,
        )
        free_places(transaction, booking)


def free_places(transaction: TransactWrite, booking: Booking) -> None:
    """Add to this transaction, which ends the booking, that its places go back to where they came from."""
    for counter, places in booking.allocation.items():
        transaction.update(
            CounterItem(*counter_key(booking.session_id, int(counter))),
            [
                CounterItem.free.set(CounterItem.free + places),
                CounterItem.version.set(CounterItem.version + 1),
            ],
            CounterItem.PK.exists(),
        )
    transaction.update(
        MarkItem(*mark_key(booking.session_id)),
        [
            MarkItem.at_most_free.set(MarkItem.at_most_free + booking.places),
            MarkItem.generation.set(MarkItem.generation + 1),
        ],
        MarkItem.PK.exists(),
    )
