"""Bookings as items: reading, listing and decoding them. Places are taken in store/capacity.py."""

from collections.abc import Iterator, Sequence

import msgspec
from pynamodb.expressions.condition import Condition

from chalicelib.domain.booking import Booking, require_there
from chalicelib.domain.links import BookingAddress
from chalicelib.store.keys import booking_item_key, bookings_partition
from chalicelib.store.mapping import Image, item_of, struct_from, struct_from_image
from chalicelib.store.partitions import BOOKING_PARTITIONS
from chalicelib.store.table import BookingItem

MOVES_FOLLOWED_MAX = 10
"""How often an address may be corrected before its first key stops leading to the booking."""


def find_booking(session_id: str, key: str) -> Booking | None:
    """Return the booking at this key as it stands now (a consistent read), or None."""
    try:
        return struct_from(Booking, BookingItem.get(*booking_item_key(session_id, key), consistent_read=True))
    except BookingItem.DoesNotExist:
        return None


def find_booking_of_request(wanted: Booking) -> Booking | None:
    """Return the booking at this one's key if the same request has made it, or None."""
    there = find_booking(wanted.session_id, wanted.key)
    return there if there is not None and there.idempotency_key == wanted.idempotency_key else None


def find_booking_at(address: BookingAddress) -> Booking | None:
    """Return this very booking as it stands now, followed to where corrections of its address moved it.

    None if it isn't there: it was cancelled, and somebody has booked under its key since.
    """
    return follow(find_booking(address.session_id, address.key), address)


def find_booking_by_link(address: BookingAddress) -> Booking | None:
    """Return this very booking for a link or a ticket that was emailed when it was here.

    None as for find_booking_at, and if its email address was corrected since: what an address was sent stops
    working when the booking leaves that address, unless the organiser kept the links.
    """
    return follow(find_booking(address.session_id, address.key), address, by_link=True)


def follow(booking: Booking | None, address: BookingAddress, *, by_link: bool = False) -> Booking | None:
    """Return what find_booking_at (or find_booking_by_link) does, given what is at the address's key."""
    moves = 0
    while booking is not None and booking.booking_id == address.booking_id:
        if booking.status != "moved":
            return booking
        if booking.moved_to is None or moves == MOVES_FOLLOWED_MAX or (by_link and not booking.links_kept):
            return None
        booking = find_booking(address.session_id, booking.moved_to)
        moves += 1
    return None


def where_it_is_now(booking: Booking) -> Booking:
    """Follow a booking whose address was corrected. If it can't be found there, it was cancelled since.

    Where its attendee corrected it, the request that booked is answered as it was then: what became of the
    booking is between us and the right address.
    """
    if booking.status != "moved":
        return booking
    if booking.corrected:
        return msgspec.structs.replace(booking, status="confirmed")
    return find_booking_at(booking.lives_at) or msgspec.structs.replace(booking, status="cancelled")


def require_booking(address: BookingAddress) -> Booking:
    """Return what find_booking_at returns, or raise NotFound."""
    return require_there(find_booking_at(address))


def require_booking_by_link(address: BookingAddress) -> Booking:
    """Return what find_booking_by_link returns, or raise NotFound."""
    return require_there(find_booking_by_link(address))


def bookings_at(session_id: str, keys: Sequence[str]) -> dict[str, Booking]:
    """Return the bookings at these keys as they stand now (one consistent read), by key."""
    items = BookingItem.batch_get([booking_item_key(session_id, key) for key in keys], consistent_read=True)
    return {item.key: struct_from(Booking, item) for item in items}


def bookings_in_partition(
    session_id: str, partition: str, *, limit: int, after: str | None = None
) -> list[Booking]:
    """Return up to ``limit`` bookings of one partition, in order of their keys, after the key ``after``."""
    found = BookingItem.query(
        bookings_partition(session_id, partition),
        BookingItem.SK > f"BOOKING#{after or ''}",
        consistent_read=True,
        limit=limit,
    )
    return [struct_from(Booking, item) for item in found]


def every_booking(session_id: str) -> Iterator[Booking]:
    """Yield all bookings of a session, each read once."""
    for partition in BOOKING_PARTITIONS:
        yield from every_booking_in(session_id, partition)


def every_booking_in(session_id: str, partition: str) -> Iterator[Booking]:
    """Yield all bookings of one partition, each read once."""
    found = BookingItem.query(bookings_partition(session_id, partition), consistent_read=True)
    return (struct_from(Booking, item) for item in found)


def booking_from_image(image: Image) -> Booking:
    """Return an item in DynamoDB's own JSON (a stream's image, a cancellation reason) as a booking."""
    return struct_from_image(Booking, BookingItem, image)


def item_from(booking: Booking) -> BookingItem:
    """Return a booking as the item to put."""
    return item_of(BookingItem, booking_item_key(booking.session_id, booking.key), booking)


def makes_way_for(booking: Booking) -> Condition:
    """Return the condition that what is at this one's key is over, and does not keep it out.

    It is Booking.keeps_out as a condition. A put over what says which turns were used takes those over, just
    as they are there: so whoever puts has read them, and judged by them.
    """
    used = BookingItem.turns_used
    over: Condition = BookingItem.status.is_in("cancelled", "moved")
    over &= used == booking.turns_used if booking.turns_used else used.does_not_exist()
    return over
