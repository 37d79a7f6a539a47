"""Book places for somebody: an organiser or host does, on the phone or at the door."""

from datetime import datetime

from msgspec.structs import replace

from chalicelib.actions.booking.book import Booked
from chalicelib.domain.booking import Booking, new_booking, reference_of, require_same_request
from chalicelib.domain.booking_request import BookingOnBehalf, check_on_behalf
from chalicelib.domain.correction import AddressHasBooking
from chalicelib.domain.event import Event
from chalicelib.domain.ids import booking_key
from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.refusals import Busy, NotFound
from chalicelib.domain.session import Session
from chalicelib.domain.who_may_book import require_organiser_may_book
from chalicelib.store.bookings import bookings_at, where_it_is_now
from chalicelib.store.capacity import take
from chalicelib.store.secrets import key_secret


def book_on_behalf(
    caller: Caller,
    event: Event | None,
    session: Session | None,
    request: BookingOnBehalf,
    *,
    idempotency_key: str | None,
    now: datetime,
    booking_id: str,
    request_id: str = "",
) -> Booked:
    """Book for somebody, who gets the usual confirmation. domain/who_may_book.py has the rules.

    Takes places as everybody does, and at the same keys: an address books as often as the event allows,
    whoever books for it. The same ``idempotency_key`` for the same address gets the same booking again.

    Raises NotFound, Forbidden, Invalid, IdempotencyKeyReused, AddressHasBooking, what
    require_organiser_may_book raises, SoldOut, or Busy.
    """
    session = require_session(caller, session, "host")
    if event is None:
        raise NotFound("This event was deleted.")
    party = check_on_behalf(request, event.questions)
    ordinals = range(event.bookings_per_address_max)
    keys = [booking_key(key_secret(), session.session_id, party.address, ordinal) for ordinal in ordinals]
    wanted = new_booking(
        session,
        party,
        key_secret=key_secret(),
        key=keys[0],
        booking_id=booking_id,
        idempotency_key=idempotency_key,
        request_id=request_id,
        # They see the session as it is, and tell the caller so.
        shown=session.sequence,
        now=now,
    )
    for _ in range(1 + len(keys)):
        there = bookings_at(session.session_id, keys)
        for existing in there.values():
            if existing.idempotency_key == wanted.idempotency_key:
                return _again(wanted, existing)
        live = {key: existing for key, existing in there.items() if existing.status == "confirmed"}
        free = [ordinal for ordinal in ordinals if keys[ordinal] not in live]
        if not free:
            theirs = live[keys[0]]
            raise AddressHasBooking(reference_of(theirs), theirs.path)
        require_organiser_may_book(event, session, party.places, now)
        attempt = replace(wanted, key=keys[free[0]], ordinal=free[0])
        booked = take(session, attempt, [key for key in keys if key != attempt.key])
        if booked.booking_id == wanted.booking_id:
            return Booked(booked, replayed=False)
        # The address, or this very request, was here in between: look again.
    raise Busy


def _again(wanted: Booking, existing: Booking) -> Booked:
    require_same_request(wanted, existing)
    return Booked(where_it_is_now(existing), replayed=True)
