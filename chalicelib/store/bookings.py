"""Bookings as items: reading, listing and decoding them. Places are taken in store/capacity.py."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import msgspec
from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.domain.booking import MAIL_AGAIN_AFTER_SECONDS, Arrival, Booking
from chalicelib.domain.ids import BOOKING_PARTITIONS, partition_of
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.questions import Answers
from chalicelib.domain.refusals import Busy, FieldError, Invalid, NotFound
from chalicelib.store.answers import Budget, Kind, read_answer
from chalicelib.store.connection import connection
from chalicelib.store.table import BookingItem, RecountItem, booking_item_key

MOVES_FOLLOWED_MAX = 10
"""How often an address may be corrected before the first of its links stops leading to the booking."""

_SIDE_BY_SIDE = 4
_CURSOR_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz234567")


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
    key: str | None = address.key
    for _ in range(1 + MOVES_FOLLOWED_MAX):
        booking = find_booking(address.session_id, key) if key else None
        if booking is None or booking.booking_id != address.booking_id:
            return None
        if booking.status != "moved":
            return booking
        key = booking.moved_to
    return None


def require_booking(address: BookingAddress) -> Booking:
    """Return what find_booking_at returns, or raise NotFound."""
    booking = find_booking_at(address)
    if booking is None:
        raise NotFound("There is no such booking in this session.")
    return booking


def bookings_at(session_id: str, keys: Sequence[str]) -> dict[str, Booking]:
    """Return the bookings at these keys as they stand now (one consistent read), by key."""
    items = BookingItem.batch_get([booking_item_key(session_id, key) for key in keys], consistent_read=True)
    return {item.key: booking_from(item) for item in items}


def owe_mail_again(booking: Booking, now: datetime) -> None:
    """Make us owe this booking's confirmation once more, at most every MAIL_AGAIN_AFTER_SECONDS.

    The stream sees ``mailed_at`` move and queues the notice. Asking moves no counter, so the session's
    recount is told in the same transaction: a mail asked for is found like any other if it gets lost.

    Nothing happens if the address was mailed just now, or if the booking was cancelled or asked for
    by somebody else meanwhile. Raises Busy.
    """
    again = timedelta(seconds=MAIL_AGAIN_AFTER_SECONDS)
    if booking.mailed_at > now - again:
        return
    budget = Budget()
    while not budget.is_spent():
        try:
            with TransactWrite(connection=connection()) as transaction:
                transaction.update(
                    BookingItem(*booking_item_key(booking.session_id, booking.key)),
                    [BookingItem.mailed_at.set(now), BookingItem.version.set(BookingItem.version + 1)],
                    (BookingItem.booking_id == booking.booking_id)
                    & (BookingItem.status == "confirmed")
                    & (BookingItem.mailed_at <= now - again),
                )
                transaction.update(
                    RecountItem("RECOUNT", booking.session_id),
                    [RecountItem.asks.set(RecountItem.asks + 1), RecountItem.seen_versions.set(-1)],
                    # Gone: the session was over a week ago.
                    RecountItem.PK.exists(),
                )
        except TransactWriteError as error:
            # Refused: it was mailed just now. Also by ourselves, if an answer was lost.
            if read_answer(error).kind is Kind.REFUSED:
                return
            budget.pause(5, 50)
        else:
            return
    raise Busy


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


def list_bookings(
    session_id: str, *, limit: int, cursor: str | None = None
) -> tuple[list[Booking], str | None]:
    """Return a page of a session's bookings and the cursor to the next, None at the end.

    The partitions are asked side by side, four at a time until the page is full: all at once would read
    sixteen pages for one of a large session. Order is by partition, then key: steady while people book.
    Raises Invalid for a cursor we did not make.
    """
    after = _read_cursor(cursor) if cursor else None
    first = BOOKING_PARTITIONS.index(partition_of(after)) if after else 0
    partitions = BOOKING_PARTITIONS[first:]

    def page(partition: str) -> list[Booking]:
        start = after if after and partition == partitions[0] else None
        return bookings_in_partition(session_id, partition, limit=limit + 1, after=start)

    found: list[Booking] = []
    with ThreadPoolExecutor(max_workers=_SIDE_BY_SIDE) as pool:
        for start in range(0, len(partitions), _SIDE_BY_SIDE):
            pages = pool.map(page, partitions[start : start + _SIDE_BY_SIDE])
            found += [booking for bookings in pages for booking in bookings]
            if len(found) > limit:
                break
    shown = found[:limit]
    return shown, _cursor(shown[-1].key) if len(found) > limit else None


def every_booking(session_id: str) -> Iterator[Booking]:
    """Yield all bookings of a session, each read once."""
    for partition in BOOKING_PARTITIONS:
        found = BookingItem.query(f"BOOKINGS#{session_id}#{partition}", consistent_read=True)
        yield from map(booking_from, found)


def _cursor(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> str:
    try:
        key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        key = ""
    if not key or not set(key) <= _CURSOR_CHARACTERS:
        raise Invalid([FieldError("/cursor", "cursor", "This is not a cursor that we gave out.")])
    return key


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
        allocation=booking.allocation,
        idempotency_key=booking.idempotency_key,
        fingerprint=booking.fingerprint,
        created_at=booking.created_at,
        changed_at=booking.changed_at,
        mailed_at=booking.mailed_at,
    )


def _json(value: object) -> str | None:
    return msgspec.json.encode(value).decode() if value else None
