"""Book places in a session."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.admission_refusals import NotAdmitted
from chalicelib.domain.booking import Booking, Party, new_booking, require_same_request
from chalicelib.domain.event import Event, is_rush
from chalicelib.domain.ids import booking_key, person_in_queue, source_hash
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
from chalicelib.store.bookings import bookings_at, where_it_is_now
from chalicelib.store.capacity import take
from chalicelib.store.hints import hint_for
from chalicelib.store.secrets import key_secret, token_secrets
from chalicelib.store.takers import took_nothing

_RULES_AFTER_DUPLICATES = (Cancelled, Closed, TooManyPlaces, NotAdmitted, SoldOut)


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

    An address that has booked hears so only where it could have booked. What a rule refuses is refused to
    everybody alike, with the same requests to the table, or anybody could ask who has a place, or take the
    time of it. ``source`` is the network that the request came from, "" if that is not known;
    ``admission`` is what an event with a queue asks for. ``shown`` is the session's sequence in the form
    that was filled in.
    """
    ordinals = range(event.bookings_per_address_max)
    keys = [booking_key(key_secret(), session.session_id, party.address, ordinal) for ordinal in ordinals]
    wanted = new_booking(
        session,
        party,
        key_secret=key_secret(),
        key=keys[0],
        booking_id=booking_id,
        idempotency_key=idempotency_key,
        source=source_hash(key_secret(), source) if source else "",
        request_id=request_id,
        shown=shown,
        now=now,
    )
    try:
        permit = _permit(event, party.address, admission)
        turn = require_public_may_book(event, session, party.places, now, permit)
        wanted = replace(wanted, turn=turn)
        existing = _take(event, session, wanted, keys, now)
    except _RULES_AFTER_DUPLICATES as refusal:
        # Duplicates are answered before these rules: a retry after a lost answer must not hear "sold out"
        # about its own place. Without a key of its own, a request is no retry. Before the opening everybody
        # asks and there is nothing to be a duplicate of, so that rule is not among these.
        if idempotency_key is None or (
            isinstance(refusal, SoldOut) and took_nothing(session, keys, idempotency_key, party.places)
        ):
            raise
        earlier = _of_this_request(wanted, bookings_at(session.session_id, keys))
        if earlier is None:
            raise
        existing = earlier
    return _judge(wanted, existing)


def _permit(event: Event, address: str, admission: str | None) -> Permit | None:
    """Return what is shown to book in an event with a queue."""
    if event.admission != "queue" or admission is None:
        return None
    return Permit(admission, person_in_queue(key_secret(), event.event_id, address), token_secrets())


def _take(event: Event, session: Session, wanted: Booking, keys: Sequence[str], now: datetime) -> Booking:
    """Take the places at the first of this address's keys that is free; return what is there then.

    Where an address may book several times, all of its keys are read first, for any of them may hold this
    request's booking. Between that and the write another request of the same address may come: the
    transaction sees to it that none of the other keys holds this Idempotency-Key by then, and whoever finds
    the key taken looks again.
    """
    rush = is_rush(event, now)
    if len(keys) == 1:
        return take(session, wanted, is_rush=rush)
    hint_for(session).require_may_fit(wanted.places)
    for _ in keys:
        there = bookings_at(session.session_id, keys)
        if earlier := _of_this_request(wanted, there):
            return earlier
        free = [key for key in keys if key not in there or not there[key].keeps_out(wanted)]
        # Whose keys are all taken tries one all the same: only if there is room may they hear why not. Of one
        # that another turn could book, before they hear of a booking.
        key = (free or sorted(keys, key=lambda taken: there[taken].status == "confirmed"))[0]
        attempt = replace(wanted, key=key, ordinal=keys.index(key))
        others = [other for other in keys if other != key]
        existing = take(session, attempt, others, is_rush=rush)
        if not free or existing.idempotency_key == wanted.idempotency_key:
            return existing
    raise Busy


def _of_this_request(wanted: Booking, there: Mapping[str, Booking]) -> Booking | None:
    """Return which of these bookings this very request has made before."""
    same = (existing for existing in there.values() if existing.idempotency_key == wanted.idempotency_key)
    return next(same, None)


def _judge(wanted: Booking, existing: Booking) -> Booked:
    """Say what the booking that is at the key means for the one that was wanted."""
    if existing.booking_id == wanted.booking_id:
        return Booked(existing, replayed=False)
    if existing.idempotency_key == wanted.idempotency_key:
        require_same_request(wanted, existing)
        return Booked(where_it_is_now(existing), replayed=True)
    # An address that has no booking is not told that it has.
    raise AlreadyBooked if existing.status == "confirmed" else NotAdmitted("used")
