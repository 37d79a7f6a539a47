"""Bookings as items: reading, listing and decoding them. Places are taken in store/capacity.py."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from chalicelib.domain.booking import Arrival, Booking, require_there
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.questions import Answers
from chalicelib.store.keys import booking_item_key
from chalicelib.store.partitions import BOOKING_PARTITIONS
from chalicelib.store.table import BookingItem

MOVES_FOLLOWED_MAX = 10
"""How often an address may be corrected before the first of its links stops leading to the booking."""


def find_booking(session_id: str, key: str) -> Booking | None:
    """Return the booking at this key as it stands now (a consistent read), or None."""
    try:
        return booking_from(BookingItem.get(*booking_item_key(session_id, key), consistent_read=True))
    except BookingItem.DoesNotExist:
        return None


def find_booking_at(address: BookingAddress) -> Booking | None:
    """Return this very booking as it stands now, followed to where corrections of its address moved it.

    None if it isn't there: it was cancelled, and somebody has booked under its key since.
    """
    return follow(find_booking(address.session_id, address.key), address)


def follow(booking: Booking | None, address: BookingAddress) -> Booking | None:
    """Return what find_booking_at does, given what is at the address's key."""
    moves = 0
    while booking is not None and booking.booking_id == address.booking_id:
        if booking.status != "moved":
            return booking
        if booking.moved_to is None or moves == MOVES_FOLLOWED_MAX:
            return None
        booking = find_booking(address.session_id, booking.moved_to)
        moves += 1
    return None


def where_it_is_now(booking: Booking) -> Booking:
    """Follow a booking whose address was corrected. If it can't be found there, it was cancelled since."""
    if booking.status != "moved":
        return booking
    return find_booking_at(booking.lives_at) or msgspec.structs.replace(booking, status="cancelled")


def require_booking(address: BookingAddress) -> Booking:
    """Return what find_booking_at returns, or raise NotFound."""
    return require_there(find_booking_at(address))


def bookings_at(session_id: str, keys: Sequence[str]) -> dict[str, Booking]:
    """Return the bookings at these keys as they stand now (one consistent read), by key."""
    items = BookingItem.batch_get([booking_item_key(session_id, key) for key in keys], consistent_read=True)
    return {item.key: booking_from(item) for item in items}


def bookings_in_partition(
    session_id: str, partition: str, *, limit: int, after: str | None = None
) -> list[Booking]:
    """Return up to ``limit`` bookings of one partition, in order of their keys, after the key ``after``."""
    found = BookingItem.query(
        f"BOOKINGS#{session_id}#{partition}",
        BookingItem.SK > f"BOOKING#{after or ''}",
        consistent_read=True,
        limit=limit,
    )
    return [booking_from(item) for item in found]


def every_booking(session_id: str) -> Iterator[Booking]:
    """Yield all bookings of a session, each read once."""
    for partition in BOOKING_PARTITIONS:
        found = BookingItem.query(f"BOOKINGS#{session_id}#{partition}", consistent_read=True)
        yield from map(booking_from, found)


def booking_from(item: BookingItem) -> Booking:
    """Return an item as a booking."""
    return Booking(
        session_id=item.session_id,
        key=item.key,
        booking_id=item.booking_id,
        event_id=item.event_id,
        organiser_id=item.organiser_id,
        status=item.status,  # type: ignore[arg-type]  # written from a Booking, so one of its literals
        version=int(item.version),
        name=item.name,
        address=item.address,
        places=int(item.places),
        guests=tuple(item.guests),
        answers=msgspec.json.decode(item.answers, type=Answers) if item.answers else {},
        ordinal=int(item.ordinal),
        source=item.source or "",
        moved_to=item.moved_to,
        arrivals=msgspec.json.decode(item.arrivals, type=tuple[Arrival, ...]) if item.arrivals else (),
        undone_nonces=msgspec.json.decode(item.undone_nonces, type=tuple[str, ...])
        if item.undone_nonces
        else (),
        arrivals_version=int(item.arrivals_version or 0),
        allocation={counter: int(item.allocation[counter]) for counter in item.allocation},
        idempotency_key=item.idempotency_key,
        fingerprint=item.fingerprint,
        created_at=item.created_at,
        changed_at=item.changed_at,
        mailed_at=item.mailed_at,
    )


def booking_from_image(image: dict[str, Any]) -> Booking:
    """Return an item in DynamoDB's own JSON (a stream's image, a cancellation reason) as a booking."""
    item = BookingItem()
    # from_raw_data edits what it is given, and a stream record may be decoded twice.
    item.deserialize({name: dict(value) for name, value in image.items()})
    return booking_from(item)


def item_from(booking: Booking) -> BookingItem:
    """Return a booking as the item to put."""
    return BookingItem(
        *booking_item_key(booking.session_id, booking.key),
        session_id=booking.session_id,
        key=booking.key,
        booking_id=booking.booking_id,
        event_id=booking.event_id,
        organiser_id=booking.organiser_id,
        status=booking.status,
        version=booking.version,
        name=booking.name,
        address=booking.address,
        places=booking.places,
        guests=list(booking.guests),
        answers=_json(booking.answers),
        ordinal=booking.ordinal,
        source=booking.source or None,
        moved_to=booking.moved_to,
        arrivals=_json(booking.arrivals),
        undone_nonces=_json(booking.undone_nonces),
        arrivals_version=booking.arrivals_version or None,
        allocation=booking.allocation,
        idempotency_key=booking.idempotency_key,
        fingerprint=booking.fingerprint,
        created_at=booking.created_at,
        changed_at=booking.changed_at,
        mailed_at=booking.mailed_at,
    )


def _json(value: object) -> str | None:
    return msgspec.json.encode(value).decode() if value else None
