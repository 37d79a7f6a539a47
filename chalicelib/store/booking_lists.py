"""A session's bookings for the people who run it: slice by slice, or found by their reference or address.

Bookings that were moved to another key are in no list: they are listed where they are now.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, convert
from pynamodb.expressions.condition import Condition

from chalicelib.domain.booking import Booking, BookingStatus, reference_of
from chalicelib.domain.event import BOOKINGS_PER_ADDRESS_MAX
from chalicelib.domain.ids import booking_key
from chalicelib.domain.questions import Answers
from chalicelib.domain.refusals import FieldError, Invalid
from chalicelib.domain.session import Session
from chalicelib.store.bookings import bookings_at, follow
from chalicelib.store.directory import is_all_listed, places_with_reference
from chalicelib.store.keys import booking_item_key, bookings_partition
from chalicelib.store.mapping import struct_from
from chalicelib.store.partitions import BOOKING_PARTITIONS, partition_of
from chalicelib.store.secrets import key_secret
from chalicelib.store.side_by_side import side_by_side
from chalicelib.store.table import BookingItem

_SIFTED_PER_REQUEST = 1000
"""How many items one request may look at where few of them may be wanted: half a megabyte, and a tenth
of a second. Without this a slice of three would be looked for three items at a time."""

_READ_AHEAD = 200
"""How many bookings are read at once where they are gone through one by one."""

_KEY = re.compile("[a-z2-7]{32}")
"""What a cursor spells. A longer one would be no key that DynamoDB takes."""


class BriefBooking(Struct, frozen=True):
    """What a table needs to know of all bookings, for its order and its columns."""

    key: str
    booking_id: str
    name: str
    answers: Answers = {}


def list_bookings(
    session_id: str, *, limit: int, cursor: str | None = None, status: BookingStatus | None = None
) -> tuple[list[Booking], str | None]:
    """Return a slice of a session's bookings and the cursor to the next, None at the end.

    A slice is full unless it is the last, also where ``status`` leaves most bookings out. Order is by
    partition, then key: steady while people book. Raises Invalid for a cursor we did not make.
    """
    after = _read_cursor(cursor) if cursor else None
    first = BOOKING_PARTITIONS.index(partition_of(after)) if after else 0
    partitions = BOOKING_PARTITIONS[first:]
    wanted = BookingItem.status == status if status else BookingItem.status != "moved"
    sifted = _SIFTED_PER_REQUEST if status else limit + 1

    def part(partition: str) -> list[Booking]:
        start = after if after and partition == partitions[0] else None
        return list(_query(session_id, partition, wanted, sifted, limit=limit + 1, after=start))

    found = side_by_side(partitions, part, enough=limit + 1)
    shown = found[:limit]
    return shown, _cursor(shown[-1].key) if len(found) > limit else None


def bookings_from(session_id: str, cursor: str | None) -> Iterator[Booking]:
    """Yield a session's bookings one by one, in the order of its list, from the cursor on."""
    after = _read_cursor(cursor) if cursor else None
    first = BOOKING_PARTITIONS.index(partition_of(after)) if after else 0
    for partition in BOOKING_PARTITIONS[first:]:
        yield from _query(session_id, partition, BookingItem.status != "moved", _READ_AHEAD, after=after)
        after = None


def cursor_after(booking: Booking) -> str:
    """Return the cursor to what comes after this booking."""
    return _cursor(booking.key)


def bookings_in_brief(session_id: str) -> list[BriefBooking]:
    """Return all of a session's bookings. 20,000 take 2,600 read units, 11 MB and a second of processor."""

    def part(partition: str) -> list[BriefBooking]:
        found = BookingItem.query(
            bookings_partition(session_id, partition),
            BookingItem.SK > "BOOKING#",
            BookingItem.status != "moved",
            consistent_read=True,
            attributes_to_get=list(BriefBooking.__struct_fields__),
        )
        return [convert(item.attribute_values, BriefBooking) for item in found]

    return side_by_side(BOOKING_PARTITIONS, part)


def bookings_with_reference(session: Session, printed: str) -> list[Booking]:
    """Return the bookings of a session that print this reference: one, unless chance made two alike.

    Reads all of the session's where the directory may lack an older one.
    """
    places = places_with_reference(session.event_id, printed, session.session_id)
    at_first = bookings_at(session.session_id, [key for _, key in places]).values()
    # An entry may lead to where its booking was until a moment ago.
    now = [follow(there, there.lives_at) for there in at_first]
    there_now = {booking.key: booking for booking in now if booking is not None}.values()
    found = [booking for booking in there_now if reference_of(booking) == printed]
    if found or is_all_listed(session.session_id):
        return found
    spelt = BookingItem.booking_id.startswith(printed.lower()) & BookingItem.new_reference.does_not_exist()
    return _sift(session.session_id, spelt | (BookingItem.new_reference == printed))


def bookings_with_id(session_id: str, booking_id: str) -> list[Booking]:
    """Return the booking of this id, at whichever key it is now; none if it is gone. Reads all of them."""
    return _sift(session_id, BookingItem.booking_id == booking_id)


def _sift(session_id: str, wanted: Condition) -> list[Booking]:
    there = wanted & (BookingItem.status != "moved")

    def part(partition: str) -> list[Booking]:
        return list(_query(session_id, partition, there, _SIFTED_PER_REQUEST))

    return side_by_side(BOOKING_PARTITIONS, part)


def bookings_of_address(session_id: str, address: str) -> list[Booking]:
    """Return what this (normalised) address has booked, by ordinal: one read and no search."""
    found = _of_address([session_id], address, range(BOOKINGS_PER_ADDRESS_MAX))
    return sorted(_there(found), key=lambda booking: booking.ordinal)


def bookings_of_address_in(session_ids: Iterable[str], address: str) -> list[Booking]:
    """Return what this (normalised) address has booked in any of these sessions.

    If it has several bookings, something is at the first of its keys too. So most sessions take one key, and
    a hundred keys are one request.
    """
    firsts = _of_address(session_ids, address, [0])
    ordinals = range(1, BOOKINGS_PER_ADDRESS_MAX)
    return _there(firsts + _of_address([first.session_id for first in firsts], address, ordinals))


def _of_address(session_ids: Iterable[str], address: str, ordinals: Sequence[int]) -> list[Booking]:
    keys = [
        booking_item_key(each, booking_key(key_secret(), each, address, ordinal))
        for each in session_ids
        for ordinal in ordinals
    ]
    return [struct_from(Booking, item) for item in BookingItem.batch_get(keys, consistent_read=True)]


def _there(bookings: Iterable[Booking]) -> list[Booking]:
    return [booking for booking in bookings if booking.status != "moved"]


def _query(
    session_id: str,
    partition: str,
    wanted: Condition,
    sifted: int,
    *,
    limit: int | None = None,
    after: str | None = None,
) -> Iterator[Booking]:
    found = BookingItem.query(
        bookings_partition(session_id, partition),
        BookingItem.SK > f"BOOKING#{after or ''}",
        wanted,
        consistent_read=True,
        limit=limit,
        page_size=sifted,
    )
    return (struct_from(Booking, item) for item in found)


def _cursor(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> str:
    try:
        key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        key = ""
    if not _KEY.fullmatch(key):
        raise Invalid(
            [FieldError("/cursor", "cursor", "Use the cursor from the slice or file before this one.")]
        )
    return key
