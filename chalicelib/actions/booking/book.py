"""Book places in a session."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.admission_refusals import NotAdmitted
from chalicelib.domain.booking import (
    Booking,
    Party,
    new_booking,
    require_same_request,
)
from chalicelib.domain.event import Event, is_rush, require_bookable_event
from chalicelib.domain.ids import booking_key, person_in_queue, source_hash
from chalicelib.domain.notices import notice_owed
from chalicelib.domain.refusals import (
    AlreadyBooked,
    Busy,
    Cancelled,
    Closed,
    SoldOut,
    TooManyPlaces,
)
from chalicelib.domain.session import Session
from chalicelib.domain.who_may_book import Permit, require_public_may_book
from chalicelib.store.bookings import bookings_at, find_booking, where_it_is_now
from chalicelib.store.capacity import take
from chalicelib.store.owed_mail import owe_mail_again
from chalicelib.store.secrets import key_secret, token_secrets
from chalicelib.store.sent_mail import is_on_its_way
from chalicelib.store.takers import took_nothing

_RULES_AFTER_DUPLICATES = (Cancelled, Closed, TooManyPlaces, SoldOut)


class Booked(Struct, frozen=True):
    """A place is theirs. ``replayed``: this very request was answered before."""

    booking: Booking
    replayed: bool


def book(
    event: Event,
    session: Session,
    party: Party,
    *,
    idempotency_key: str | None,
    now: datetime,
    booking_id: str,
    source: str = "",
    admission: str | None = None,
    request_id: str = "",
    shown: int | None = None,
) -> Booked:
    """Book places for this party, or refuse with one of domain/refusals.py in its order of precedence.

    ``event`` and ``session`` may be as old as store/lately.py gives them: the
    conditions of the write decide.

    The same ``idempotency_key`` by the same address gets the same booking again, also when that has been
    cancelled since. The confirmation is not sent from here: the table's stream owes it.

    An address that has booked and asks anew is mailed what it has. It hears so only where it could have
    booked: what a rule refuses is refused to everybody alike, or anybody could ask who has a place.
    ``source`` is the network that the request came from, "" if that is not known; ``admission`` is what an
    event with a queue asks for. ``shown`` is the session's sequence in the form that was filled in.
    """
    booking = new_booking(
        session,
        party,
        key_secret=key_secret(),
        key=booking_key(key_secret(), session.session_id, party.address),
        booking_id=booking_id,
        idempotency_key=idempotency_key,
        source=source_hash(key_secret(), source) if source else "",
        request_id=request_id,
        shown=shown,
        now=now,
    )
    permit = _permit(event, party.address, admission)
    if event.bookings_per_address_max > 1:
        return _book_one_of_several(event, session, booking, now, permit)
    try:
        existing = _take(event, session, booking, now, permit)
    except NotAdmitted:
        # Without a key there is nothing to replay, and whoever is not admitted must not cost a read.
        earlier = find_booking(booking.session_id, booking.key) if idempotency_key else None
        if earlier is None or earlier.idempotency_key != booking.idempotency_key:
            raise
        existing = earlier
    except _RULES_AFTER_DUPLICATES as refusal:
        if isinstance(refusal, SoldOut) and took_nothing(session, [booking.key], booking.places):
            raise
        # Duplicates are answered before these rules: a retry after a lost answer must not hear "sold out"
        # about its own place. Before the opening everybody asks and there is nothing to be a duplicate of,
        # so those don't cost a read (unless an organiser moved the opening: then the mail has to do).
        earlier = find_booking(booking.session_id, booking.key)
        if earlier is None or earlier.idempotency_key != booking.idempotency_key:
            _mail_again([earlier] if earlier else [], booking)
            raise
        existing = earlier
    return _judge(booking, existing)


def _permit(event: Event, address: str, admission: str | None) -> Permit | None:
    """Return what is shown to book in an event with a queue."""
    if event.admission != "queue" or admission is None:
        return None
    return Permit(admission, person_in_queue(key_secret(), event.event_id, address), token_secrets())


def _book_one_of_several(
    event: Event, session: Session, booking: Booking, now: datetime, permit: Permit | None
) -> Booked:
    """Book at the first key of this address that is free, where an event lets an address book several times.

    All of its keys are read first, for any of them may hold this request's booking. Between that and the
    write another request of the same address may come: the transaction sees to it that none of the other
    keys holds this Idempotency-Key by then, and whoever finds the key taken looks again.
    """
    keys = [
        booking_key(key_secret(), session.session_id, booking.address, ordinal)
        for ordinal in range(event.bookings_per_address_max)
    ]
    with suppress(Cancelled):
        # Before the opening there is nothing to be a duplicate of, so nobody costs a read.
        require_bookable_event(event, now)
    # It speaks of parties of that size alone. One that no booking can have is refused before "sold out", and
    # whoever asks for it may only want their mail again.
    if booking.places <= event.places_per_booking_max and took_nothing(session, keys, booking.places):
        require_public_may_book(event, session, booking.places, now, permit)
        raise SoldOut(booking.places)
    if booking.idempotency_key == booking.booking_id:
        # It came without a key: there is nothing to replay, and who is not admitted costs no read either.
        # The rules before that one refuse it below, where whoever has booked is mailed.
        with suppress(*_RULES_AFTER_DUPLICATES):
            require_public_may_book(event, session, booking.places, now, permit)
    for _ in keys:
        there = bookings_at(session.session_id, keys)
        for existing in there.values():
            if existing.idempotency_key == booking.idempotency_key:
                return _judge(booking, existing)
        live = [existing for existing in there.values() if existing.status == "confirmed"]
        free = [key for key in keys if key not in there or there[key].status != "confirmed"]
        try:
            existing = _take_first(free, keys, event, session, booking, now, permit)
        except (*_RULES_AFTER_DUPLICATES, AlreadyBooked):
            _mail_again(live, booking)
            raise
        if existing.idempotency_key == booking.idempotency_key:
            return _judge(booking, existing)
    raise Busy


def _take_first(
    free: Sequence[str],
    keys: Sequence[str],
    event: Event,
    session: Session,
    booking: Booking,
    now: datetime,
    permit: Permit | None,
) -> Booking:
    """Take the places at the first of the free keys; return the booking that is there then."""
    if not free:
        require_public_may_book(event, session, booking.places, now, permit)
        raise AlreadyBooked
    attempt = replace(booking, key=free[0], ordinal=keys.index(free[0]))
    return _take(event, session, attempt, now, permit, [key for key in keys if key != attempt.key])


def _take(
    event: Event,
    session: Session,
    booking: Booking,
    now: datetime,
    permit: Permit | None,
    other_keys: Sequence[str] = (),
) -> Booking:
    """Take the places if the rules allow it; return the booking that is at the key then."""
    require_public_may_book(event, session, booking.places, now, permit)
    return take(session, booking, other_keys, is_rush=is_rush(event, now))


def _judge(wanted: Booking, existing: Booking) -> Booked:
    """Say what the booking that is at the key means for the one that was wanted."""
    if existing.booking_id == wanted.booking_id:
        return Booked(existing, replayed=False)
    if existing.idempotency_key == wanted.idempotency_key:
        require_same_request(wanted, existing)
        return Booked(where_it_is_now(existing), replayed=True)
    if existing.status == "confirmed":
        _mail_again([existing], wanted)
        raise AlreadyBooked
    # It was cancelled between the refused write and our reading it: the next try will fit.
    raise Busy


def _mail_again(bookings: Sequence[Booking], wanted: Booking) -> None:
    """Mail this address what it has booked here, because it wanted this."""
    for booking in bookings:
        # Asking for a mail that is on its way would only send it to the back of the queue. One that waits
        # because its source had enough is another's too: whoever asks from elsewhere doesn't wait with them.
        if booking.status == "confirmed" and not is_on_its_way(
            notice_owed(booking), held_back_too=booking.emails_caused_by == wanted.source
        ):
            owe_mail_again(booking, wanted.created_at, source=wanted.source, request_id=wanted.request_id)
