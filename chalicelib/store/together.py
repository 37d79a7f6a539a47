"""What is looked up together: one request where each by itself would take one of its own.

All reads here are consistent, because the caller is about to change what it finds.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.session import Session
from chalicelib.store.bookings import booking_from_image, find_booking, follow
from chalicelib.store.connection import Item, connection
from chalicelib.store.event_items import event_from_image, session_from_image
from chalicelib.store.keys import booking_item_key, event_key, is_id, session_key

Key = tuple[str, str]


def find_event_and_session(event_id: str, session_id: str) -> tuple[Event | None, Session | None]:
    """Return this event and this session of it, each None if it isn't there."""
    if not (is_id(event_id) and is_id(session_id)):
        return None, None
    event, session = event_key(event_id), session_key(event_id, session_id)
    found = _read([event, session])
    return _event(found.get(event)), _session(found.get(session))


def find_session_and_booking(event_id: str, at: BookingAddress) -> tuple[Session | None, Booking | None]:
    """Return this session of the event, and this very booking in it, followed to where it may have moved."""
    if not (is_id(event_id) and is_id(at.session_id)):
        return None, None
    session, booking = session_key(event_id, at.session_id), booking_item_key(at.session_id, at.key)
    found = _read([session, booking])
    return _session(found.get(session)), _booking(found.get(booking), at)


def find_event_session_and_booking(
    event_id: str, at: BookingAddress
) -> tuple[Event | None, Session | None, Booking | None]:
    """Return this event, this session of it, and this very booking, followed to where it may have moved."""
    if not (is_id(event_id) and is_id(at.session_id)):
        return None, None, None
    event, session = event_key(event_id), session_key(event_id, at.session_id)
    booking = booking_item_key(at.session_id, at.key)
    found = _read([event, session, booking])
    return _event(found.get(event)), _session(found.get(session)), _booking(found.get(booking), at)


def find_with_sessions(event_id: str, places: Sequence[tuple[str, str]]) -> list[tuple[Session, Booking]]:
    """Return what is booked at these places, each a session of the event and a key: fifty at most."""
    found = _read([key for place in places for key in _session_and_booking(event_id, place)])
    return [
        (session_from_image(found[session]), booking_from_image(found[booking]))
        for session, booking in (_session_and_booking(event_id, place) for place in places)
        if session in found and booking in found
    ]


class BookingWithSession(Struct, frozen=True):
    """A booking, and all that is around it."""

    booking: Booking
    session: Session
    event: Event


def find_with_session(event_id: str, session_id: str, key: str) -> BookingWithSession | None:
    """Return whatever booking is at this key, with all that is around it; None if there is none.

    ``event_id`` is "" for who doesn't know it: that takes a request more.
    Raises LookupError if there is a booking without its event or session: what was booked is never deleted.
    """
    if not event_id:
        booked = find_booking(session_id, key)
        if booked is None:
            return None
        event_id = booked.event_id
    at_event, at_session = event_key(event_id), session_key(event_id, session_id)
    at_booking = booking_item_key(session_id, key)
    found = _read([at_event, at_session, at_booking])
    if at_booking not in found:
        return None
    event, session = _event(found.get(at_event)), _session(found.get(at_session))
    if event is None or session is None:
        raise LookupError("a booking whose event or session is gone")
    return BookingWithSession(booking_from_image(found[at_booking]), session, event)


def _session_and_booking(event_id: str, place: tuple[str, str]) -> tuple[Key, Key]:
    session_id, key = place
    return session_key(event_id, session_id), booking_item_key(session_id, key)


def _read(keys: Iterable[Key]) -> dict[Key, dict[str, Any]]:
    """Return the items at these keys, a hundred at most, as DynamoDB has them; without what isn't there."""
    table = Item.Meta.table_name
    found: dict[Key, dict[str, Any]] = {}
    asked: Any = [{"PK": partition_key, "SK": sort_key} for partition_key, sort_key in dict.fromkeys(keys)]
    while asked:
        answer = connection().batch_get_item(table, asked, consistent_read=True)
        for item in answer["Responses"].get(table, ()):
            found[item["PK"]["S"], item["SK"]["S"]] = item
        # Some were throttled: the connection has waited already (store/patient_reads.py).
        left = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", ())
        asked = [{name: value["S"] for name, value in key.items()} for key in left]
    return found


def _event(image: dict[str, Any] | None) -> Event | None:
    return event_from_image(image) if image else None


def _session(image: dict[str, Any] | None) -> Session | None:
    return session_from_image(image) if image else None


def _booking(image: dict[str, Any] | None, at: BookingAddress) -> Booking | None:
    return follow(booking_from_image(image) if image else None, at)
