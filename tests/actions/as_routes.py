"""Look up what an action takes, as the routes do, and call it: the tests name things by their ids."""

from datetime import datetime
from typing import Any

from chalicelib.actions.booking.book import Booked
from chalicelib.actions.booking.book import book as _book
from chalicelib.actions.booking.book_on_behalf import book_on_behalf as _book_on_behalf
from chalicelib.actions.booking.cancel_booking import cancel_booking as _cancel_booking
from chalicelib.actions.booking.cancel_booking_on_behalf import (
    cancel_booking_on_behalf as _cancel_booking_on_behalf,
)
from chalicelib.actions.booking.cancel_bookings import cancel_bookings as _cancel_bookings
from chalicelib.actions.booking.correct_address import correct_address as _correct_address
from chalicelib.actions.door.check_in import CheckedIn
from chalicelib.actions.door.check_in import check_in as _check_in
from chalicelib.actions.door.undo_check_in import undo_check_in as _undo_check_in
from chalicelib.actions.event.cancel_event import cancel_event as _cancel_event
from chalicelib.actions.event.cancel_session import cancel_session as _cancel_session
from chalicelib.actions.event.change_event import change_event as _change_event
from chalicelib.actions.event.change_session import change_session as _change_session
from chalicelib.actions.event.close_session import close_session as _close_session
from chalicelib.actions.event.create_session import create_session as _create_session
from chalicelib.actions.event.delete_event import delete_event as _delete_event
from chalicelib.actions.event.delete_session import delete_session as _delete_session
from chalicelib.actions.event.publish_event import publish_event as _publish_event
from chalicelib.actions.event.reopen_session import reopen_session as _reopen_session
from chalicelib.actions.event.resize_session import resize_session as _resize_session
from chalicelib.actions.mail.send_mail_again import send_mail_again as _send_mail_again
from chalicelib.actions.queue.admit import admit as _admit
from chalicelib.actions.queue.join_queue import join_queue as _join_queue
from chalicelib.domain.admission import AdmissionGiven
from chalicelib.domain.booking import Booking, require_there
from chalicelib.domain.booking_request import BookingOnBehalf, BookingRequest, check_request
from chalicelib.domain.check_in import Scan
from chalicelib.domain.correction import BulkCancellation, BulkCancelled
from chalicelib.domain.event import Event
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.organiser import Caller
from chalicelib.domain.session import Session
from chalicelib.domain.session_request import SessionRequest
from chalicelib.domain.ticket import Ticket
from chalicelib.store.bookings import find_booking_at
from chalicelib.store.events import find_event, find_session
from chalicelib.store.lately import cached_event_by_slug, cached_session
from chalicelib.store.together import (
    find_event_and_session,
    find_event_session_and_booking,
    find_session_and_booking,
)
from chalicelib.web.event.lookup import session_of
from chalicelib.web.http.chance import new_reference


def book(slug: str, session_id: str, request: BookingRequest, **given: Any) -> Booked:
    """Book in the session that a public path names."""
    event = cached_event_by_slug(slug)
    assert event is not None
    party = check_request(request, event.questions)
    return _book(event, session_of(event, session_id), party, **given)


def cancel_booking(at: BookingAddress, *, now: datetime, with_its_session: bool = False) -> Booking:
    """Cancel the booking that a link opens."""
    booking = require_there(find_booking_at(at))
    session = cached_session(booking.event_id, booking.session_id)
    assert session is not None
    return _cancel_booking(session, booking, now=now, with_its_session=with_its_session)


def cancel_booking_on_behalf(caller: Caller, event_id: str, at: BookingAddress, *, now: datetime) -> Booking:
    """Cancel the booking at an organiser's path."""
    session, booking = find_session_and_booking(event_id, at)
    return _cancel_booking_on_behalf(caller, session, booking, now=now)


def cancel_bookings(
    caller: Caller, event_id: str, session_id: str, asked: BulkCancellation, *, now: datetime
) -> BulkCancelled:
    """Cancel these bookings of the session at an organiser's path."""
    return _cancel_bookings(caller, find_session(event_id, session_id), asked, now=now)


def book_on_behalf(
    caller: Caller, event_id: str, session_id: str, request: BookingOnBehalf, **given: Any
) -> Booked:
    """Book for somebody in the session at an organiser's path."""
    event, session = find_event_and_session(event_id, session_id)
    return _book_on_behalf(caller, event, session, request, **given)


def correct_address(
    caller: Caller,
    event_id: str,
    at: BookingAddress,
    address: str,
    *,
    now: datetime,
    keep_links: bool = False,
) -> Booking:
    """Correct the address of the booking at an organiser's path."""
    event, session, booking = find_event_session_and_booking(event_id, at)
    return _correct_address(
        caller,
        event,
        session,
        booking,
        address,
        now=now,
        new_reference=new_reference(),
        keep_links=keep_links,
    )


def send_mail_again(caller: Caller, event_id: str, at: BookingAddress, *, now: datetime) -> Booking:
    """Send the mail of the booking at an organiser's path again."""
    session, booking = find_session_and_booking(event_id, at)
    return _send_mail_again(caller, session, booking, now=now)


def check_in(
    caller: Caller, event_id: str, session_id: str, named: Ticket | BookingAddress | str, scan: Scan
) -> CheckedIn:
    """Check in at the session of a door's path."""
    return _check_in(caller, find_session(event_id, session_id), named, scan)


def undo_check_in(caller: Caller, event_id: str, session_id: str, at: BookingAddress, nonce: str) -> Booking:
    """Undo a check-in at a door's path."""
    assert at.session_id == session_id
    session, booking = find_session_and_booking(event_id, at)
    return _undo_check_in(caller, session, booking, nonce)


def create_session(caller: Caller, event_id: str, request: SessionRequest, *, session_id: str) -> Session:
    """Create a session of the event at an organiser's path."""
    event = find_event(event_id)
    return _create_session(caller, event, request, session_id=session_id).made


def change_session(caller: Caller, event_id: str, session_id: str, patch: object, **given: Any) -> Session:
    """Change the session at an organiser's path."""
    return _change_session(caller, find_session(event_id, session_id), patch, **given)


def resize_session(caller: Caller, event_id: str, session_id: str, capacity: int, **given: Any) -> Session:
    """Resize the session at an organiser's path."""
    return _resize_session(caller, find_session(event_id, session_id), capacity, **given)


def close_session(caller: Caller, event_id: str, session_id: str, **given: Any) -> Session:
    """Close the session at an organiser's path."""
    return _close_session(caller, find_session(event_id, session_id), **given)


def reopen_session(caller: Caller, event_id: str, session_id: str, **given: Any) -> Session:
    """Reopen the session at an organiser's path."""
    return _reopen_session(caller, find_session(event_id, session_id), **given)


def cancel_session(caller: Caller, event_id: str, session_id: str, **given: Any) -> Session:
    """Cancel the session at an organiser's path."""
    return _cancel_session(caller, find_session(event_id, session_id), **given)


def delete_session(caller: Caller, event_id: str, session_id: str, **given: Any) -> None:
    """Delete the session at an organiser's path."""
    event, session = find_event_and_session(event_id, session_id)
    _delete_session(caller, event, session, session_id, **given)


def delete_event(caller: Caller, event_id: str, **given: Any) -> None:
    """Delete the event at an organiser's path."""
    _delete_event(caller, find_event(event_id), event_id, **given)


def publish_event(caller: Caller, event_id: str, **given: Any) -> Event:
    """Publish the event at an organiser's path."""
    return _publish_event(caller, find_event(event_id), **given)


def cancel_event(caller: Caller, event_id: str, **given: Any) -> Event:
    """Cancel the event at an organiser's path."""
    return _cancel_event(caller, find_event(event_id), **given)


def change_event(caller: Caller, event_id: str, patch: object, **given: Any) -> Event:
    """Change the event at an organiser's path."""
    return _change_event(caller, find_event(event_id), patch, **given)


def join_queue(slug: str, address: str, *, held: str | None, now: datetime) -> str:
    """Join the queue of the event that a public path names; return the queue ticket."""
    return _join_queue(cached_event_by_slug(slug), address, held=held, now=now).text


def admit(slug: str, ticket: str, now: datetime) -> AdmissionGiven:
    """Exchange a queue ticket of the event that a public path names."""
    return _admit(cached_event_by_slug(slug), ticket, now)
