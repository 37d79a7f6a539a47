"""Correcting a booking's address: its key says who booked what, so the booking moves to another key.

One transaction, whole or nothing:

    check   the session, that it isn't cancelled: its cancellation walks the bookings key by key, and one
            that moved behind its back would stay
    put     the booking at its new key, if nothing live is there; it takes over which turns were used
    put     at the old key, if the booking is as it was read: that it moved, and where to
    update  that this session is to be recounted, and that a booking moved meanwhile

No counter is part of it: the places stay taken, and what they were taken from goes along. What is left at
the old key holds nothing personal. It answers a late copy of the request that booked, and leads organisers
to where the booking is now, until somebody books there again. It leads the links that were emailed only if
the organiser kept them: the reader of the wrong address could cancel the booking by them. For the same reason
the booking prints another reference then, drawn by chance: the links hold the id that spells the first one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.domain.booking import AskedAgain, Booking, reference_of
from chalicelib.domain.correction import NOTHING_MAILED, AddressHasBooking, BookingNotLive
from chalicelib.domain.refusals import Busy, Cancelled, SessionOver
from chalicelib.store.asked_again import asked_item
from chalicelib.store.bookings import bookings_at, item_from, makes_way_for, require_booking
from chalicelib.store.capacity import free_places
from chalicelib.store.check_ins import arrivals_as_read
from chalicelib.store.connection import connection
from chalicelib.store.keys import booking_item_key, session_key
from chalicelib.store.outcomes import Budget, Kind, Outcome, outcome_of
from chalicelib.store.table import BookingItem, RecountItem, SessionItem

_SESSION = 0
"""Its index in the transaction: PynamoDB sends checks, then puts, then updates."""


def move(
    booking: Booking,
    address: str,
    keys: Sequence[str],
    now: datetime,
    *,
    new_reference: str,
    keep_links: bool = False,
    request_id: str = "",
) -> Booking:
    """Move the booking to this (normalised) address, to the first of its ``keys`` at which nothing is live.

    ``keys`` are those at which the address may book in this session, by ordinal. Links, ticket and reference
    that were emailed before stop working, and it prints ``new_reference``, unless ``keep_links``. Returns the
    booking as it stands then: one version on, and owing its confirmation. One that is at this address already
    is returned as it is, so doing it again is safe.

    Raises NotFound, BookingNotLive, AddressHasBooking, Cancelled, SessionOver, or Busy.
    """
    budget = Budget()
    while not budget.is_spent():
        if booking.address == address:
            return booking
        if booking.status != "confirmed":
            raise BookingNotLive
        there = bookings_at(booking.session_id, keys)
        for live in live_among(there):
            if live.booking_id == booking.booking_id:
                # It came here since it was read, by another correction or by a lost one of our own.
                return live
        moved = at_its_new_key(booking, address, keys, there, now)
        if moved is None:
            theirs = there[keys[0]]
            raise AddressHasBooking(reference_of(theirs), theirs.path)
        kept = booking.new_reference if keep_links else new_reference
        moved = replace(moved, new_reference=kept, request_id=request_id)
        left = replace(left_behind(booking, moved.key, now), links_kept=keep_links)
        if is_written(budget, booking, left, moved):
            return moved
        # The answer was lost, or something came in between: see how both keys stand.
        booking = require_booking(booking.lives_at)
    raise Busy


def is_written(
    budget: Budget,
    booking: Booking,
    left: Booking,
    moved: Booking | None,
    theirs: Sequence[str] = (),
    asked: AskedAgain | None = None,
) -> bool:
    """Send the transaction; False: look at all keys again. Raises Cancelled or SessionOver.

    Without ``moved`` the booking ends for the live ones at the keys ``theirs``, whose mail is ``asked`` for.
    """
    try:
        _write(booking, left, moved, theirs, asked)
    except TransactWriteError as error:
        outcome = outcome_of(error)
        # Behind the checks, and two puts in either case.
        _refuse(outcome, recount=3 + len(theirs))
        if outcome.kind is not Kind.REFUSED:
            budget.pause(5, 50)
        return False
    return True


def at_its_new_key(
    booking: Booking, address: str, keys: Sequence[str], there: Mapping[str, Booking], now: datetime
) -> Booking | None:
    """Return the booking at the first key that is free, given what is at them, or None."""
    free = [n for n, key in enumerate(keys) if key not in there or there[key].status != "confirmed"]
    if not free:
        return None
    key = keys[free[0]]
    return replace(
        booking,
        key=key,
        ordinal=free[0],
        address=address,
        # The turns of this address, and none of the other's.
        turns_used=there[key].turns_used if key in there else (),
        turn=None,
        # Who sent the wrong address does not cause the emails that an organiser sends to this one.
        asked_from="",
        not_kept=0,
        version=booking.version + 1,
        changed_at=now,
        mailed_at=now,
    )


def live_among(there: Mapping[str, Booking]) -> list[Booking]:
    """Return those of these bookings that are live."""
    return [booking for booking in there.values() if booking.status == "confirmed"]


def left_behind(booking: Booking, moved_to: str, now: datetime) -> Booking:
    """Return what stays at the old key."""
    return replace(
        booking,
        status="moved",
        moved_to=moved_to,
        corrected=0,
        not_kept=0,
        version=booking.version + 1,
        changed_at=now,
        name="",
        address="",
        source="",
        asked_from=None,
        guests=(),
        answers={},
        arrivals=(),
        undone_nonces=(),
        arrivals_version=0,
        allocation={},
        request_id="",
    )


def _write(
    booking: Booking, left: Booking, moved: Booking | None, theirs: Sequence[str], asked: AskedAgain | None
) -> None:
    session = session_key(booking.event_id, booking.session_id)
    with TransactWrite(connection=connection()) as transaction:
        transaction.condition_check(
            SessionItem, *session, condition=SessionItem.status.is_in("open", "closed")
        )
        for key in theirs:
            transaction.condition_check(
                BookingItem,
                *booking_item_key(booking.session_id, key),
                condition=BookingItem.status == "confirmed",
            )
        if moved is not None:
            transaction.save(
                item_from(moved),
                BookingItem.PK.does_not_exist() | makes_way_for(moved),
            )
        transaction.save(item_from(left), _as_read(booking))
        if asked is not None:
            transaction.save(asked_item(asked))
        transaction.update(
            RecountItem("RECOUNT", booking.session_id),
            [RecountItem.asks.set(RecountItem.asks + 1), RecountItem.moves.add(1)],
            # Gone: the session was over a week ago.
            RecountItem.PK.exists(),
        )
        if moved is None:
            free_places(transaction, booking)


def _as_read(booking: Booking) -> Condition:
    """Return the condition that nothing of the booking would be lost: check-ins don't raise its version."""
    as_read: Condition = (
        (BookingItem.booking_id == booking.booking_id)
        & (BookingItem.version == booking.version)
        & (BookingItem.status == "confirmed")
        & arrivals_as_read(booking)
    )
    return as_read


def _refuse(outcome: Outcome, recount: int) -> None:
    """Raise the refusal that this answer is for good. What is at the keys is looked at again."""
    if outcome.kind is Kind.REFUSED and outcome.items.keys() <= {_SESSION, recount}:
        raise Cancelled if _SESSION in outcome.items else SessionOver(NOTHING_MAILED)
