"""Check in a party, or some of it, at the door."""

from msgspec import Struct

from chalicelib.domain.booking import Arrival, Booking
from chalicelib.domain.check_in import Scan, arrival_with, checked_in
from chalicelib.domain.door_refusals import BookingCancelled, TicketReplaced, WrongSession
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.organiser import Caller, require_session
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.session import Session
from chalicelib.domain.ticket import Ticket
from chalicelib.store.booking_lists import bookings_with_id, bookings_with_reference
from chalicelib.store.bookings import find_booking, find_booking_at, find_booking_by_link
from chalicelib.store.check_ins import change_arrivals
from chalicelib.store.events import find_session


class CheckedIn(Struct, frozen=True):
    """They are in. ``replayed``: this very scan was answered before."""

    booking: Booking
    arrival: Arrival
    replayed: bool


def check_in(
    caller: Caller, session: Session | None, named: Ticket | BookingAddress | str, scan: Scan
) -> CheckedIn:
    """Let these people in, and return their booking with what this scan checked in.

    ``named`` is which booking it is: its ticket, its address, or its printed reference. The same scan again
    gets its first answer, also when that was lost, or when the session was called off since.

    Raises NotFound, WrongSession, TicketReplaced, what domain/check_in.py says no with, or Busy.
    """
    session = require_session(caller, session, "door")
    if isinstance(named, Ticket):
        booking = _booking_of_ticket(caller, session, named.booking, scan)
    elif isinstance(named, str):
        booking = _booking_with_reference(session, named)
    else:
        booking = _booking_at(caller, session, named)
    stored = change_arrivals(booking, lambda standing: checked_in(session, standing, scan))
    arrival = arrival_with(stored, scan.nonce)
    if arrival is None:
        raise LookupError("a check-in that was stored is not there")
    # Of the same scan sent twice at once, only one is the first, and its moment tells which.
    was_here = arrival_with(booking, scan.nonce) is not None or arrival.at != scan.at
    return CheckedIn(stored, arrival, replayed=was_here)


def _booking_with_reference(session: Session, reference: str) -> Booking:
    found = bookings_with_reference(session, reference)
    if not found:
        raise NotFound("No booking in this session has this reference. Check each character.")
    if len(found) > 1:
        raise NotFound("More than one booking has this reference. Scan the ticket instead.")
    return found[0]


def _booking_of_ticket(caller: Caller, session: Session, address: BookingAddress, scan: Scan) -> Booking:
    booking = _booking_at(caller, session, address)
    answered_before = arrival_with(booking, scan.nonce) is not None
    if booking.key == address.key or answered_before or booking.status == "cancelled":
        return booking
    if find_booking_by_link(address) is None:
        # The reader of the wrong address has this ticket.
        raise TicketReplaced
    return booking


def _booking_at(caller: Caller, session: Session, address: BookingAddress) -> Booking:
    if address.session_id != session.session_id:
        raise _wrong_session(caller, session, address.session_id)
    booking = find_booking_at(address)
    if booking is not None:
        return booking
    # Its key is somebody's new booking by now: then it was cancelled, or moved to another key before.
    if find_booking(address.session_id, address.key) is None:
        raise NotFound("There is no such booking in this session.")
    for moved in bookings_with_id(address.session_id, address.booking_id):
        return moved
    raise BookingCancelled


def _wrong_session(caller: Caller, session: Session, ticket_session_id: str) -> WrongSession:
    """Say which session it is for, if that is one of this event that the caller may see as well."""
    other = find_session(session.event_id, ticket_session_id)
    if other is None or not caller.reaches(session.event_id, ticket_session_id):
        return WrongSession()
    return WrongSession(other.title)
