"""A booking with the session and the event that it is in: what a mail is made of, in one request."""

from typing import Any

from msgspec import Struct

from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.store.bookings import booking_from_image, find_booking
from chalicelib.store.connection import connection
from chalicelib.store.event_items import event_from_image, session_from_image
from chalicelib.store.events import find_event, find_session
from chalicelib.store.table import BookingItem, booking_item_key


class BookingWithSession(Struct, frozen=True):
    """A booking, and all that is around it."""

    booking: Booking
    session: Session
    event: Event


def find_with_session(event_id: str, session_id: str, key: str) -> BookingWithSession | None:
    """Return the booking at this key with all that is around it, as it stands now; None if there is none.

    ``event_id`` is "" for who doesn't know it: that takes three requests instead of one.
    Raises LookupError if there is a booking without its event or session, for neither is ever deleted.
    """
    if not event_id:
        return _one_by_one(session_id, key)
    of_booking = booking_item_key(session_id, key)
    of_event, of_session = (f"EVENT#{event_id}", "EVENT"), (f"EVENT#{event_id}", f"SESSION#{session_id}")
    images = _read([of_booking, of_event, of_session])
    if of_booking not in images:
        return None
    return BookingWithSession(
        booking_from_image(images[of_booking]),
        session_from_image(images[of_session]),
        event_from_image(images[of_event]),
    )


def _read(keys: list[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the items that are at these keys (a consistent read), by key."""
    table = BookingItem.Meta.table_name
    found: dict[tuple[str, str], dict[str, Any]] = {}
    waiting: Any = [{"PK": partition, "SK": sort} for partition, sort in keys]
    while waiting:
        page = connection().batch_get_item(table, waiting, consistent_read=True)
        found |= {(image["PK"]["S"], image["SK"]["S"]): image for image in page["Responses"][table]}
        # A batch that was throttled half-way names what is left of it.
        waiting = page.get("UnprocessedKeys", {}).get(table, {}).get("Keys")
    return found


def _one_by_one(session_id: str, key: str) -> BookingWithSession | None:
    booking = find_booking(session_id, key)
    if booking is None:
        return None
    event = find_event(booking.event_id)
    session = find_session(booking.event_id, session_id)
    if event is None or session is None:
        raise LookupError("a booking whose event or session is gone")
    return BookingWithSession(booking, session, event)
