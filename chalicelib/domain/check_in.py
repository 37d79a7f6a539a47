"""The rules at the door: who may come in, once for each scan, and never more than have booked."""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from chalicelib.domain.booking import Arrival, Booking
from chalicelib.domain.door_refusals import (
    AlreadyArrived,
    BookingCancelled,
    CheckInNotOpenYet,
    CheckInUndone,
    TooManyArriving,
)
from chalicelib.domain.ids import REFERENCE_PATTERN
from chalicelib.domain.refusals import Cancelled, FieldError, Invalid, NotFound
from chalicelib.domain.session import Session
from chalicelib.domain.validation import decode

CHECK_IN_OPENS_BEFORE = timedelta(hours=12)
"""How long before a session starts its door opens for counting.

Volunteers try their phones the day before, with real tickets: that must not count people as come. It still
tells them that the ticket is good. There is no end: a paper list may be typed in on the day after.
"""

UNDONE_NONCES_MAX = 20
"""How many undone scans a booking remembers. A retry comes within minutes, not twenty undoings later."""

Nonce = Annotated[
    str,
    Meta(
        # A $ of Python's alone would also stand before a last line end.
        pattern=r"^[A-Za-z0-9_-]{1,64}(?!\n)$",
        description="Send 1 to 64 letters, digits, hyphens or underscores, different for every scan.",
    ),
]
Reference = Annotated[
    str,
    Meta(
        pattern=REFERENCE_PATTERN,
        max_length=100,
        description="Enter the 8 characters of the reference: letters, and digits from 2 to 7.",
    ),
]


class CheckInRequest(Struct, frozen=True, kw_only=True):
    """The body of POST .../check-ins. Exactly one of the first three says whose booking it is."""

    ticket: Annotated[str, Meta(max_length=5_000)] | None = None
    """What the QR code says."""
    reference: Reference | None = None
    booking: Annotated[str, Meta(max_length=100)] | None = None
    """As in the paths of bookings: ``<key>.<booking_id>``."""
    places: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    """How many come in now; if it is not given, everyone who is not in yet."""
    nonce: Nonce


class Scan(Struct, frozen=True, kw_only=True):
    """One scan at one door."""

    nonce: str
    places: int | None
    at: datetime
    token_id: str
    where: str


def read_check_in_request(raw: object) -> CheckInRequest:
    """Return the request, or raise Invalid naming every field that is wrong."""
    request = decode(CheckInRequest, raw)
    if sum(named is not None for named in (request.ticket, request.reference, request.booking)) != 1:
        raise Invalid([FieldError("", "one_of", "Send exactly one of ticket, reference and booking.")])
    return request


def arrival_with(booking: Booking, nonce: str) -> Arrival | None:
    """Return what this scan checked in, if it was here before."""
    return next((arrival for arrival in booking.arrivals if arrival.nonce == nonce), None)


def checked_in(session: Session, booking: Booking, scan: Scan) -> Booking:
    """Return the booking with these people in; unchanged if this same scan was here before.

    Raises, in this order, Invalid or CheckInUndone for a nonce that is spent, Cancelled,
    BookingCancelled, CheckInNotOpenYet, AlreadyArrived, or TooManyArriving.
    """
    earlier = arrival_with(booking, scan.nonce)
    if earlier is not None:
        if scan.places not in (None, earlier.places):
            raise Invalid(
                [FieldError("/nonce", "reused", "Send a new nonce for a different number of places.")]
            )
        return booking
    if scan.nonce in booking.undone_nonces:
        raise CheckInUndone
    if session.status == "cancelled":
        raise Cancelled
    if booking.status != "confirmed":
        raise BookingCancelled
    opens_at = session.starts_at - CHECK_IN_OPENS_BEFORE
    if scan.at < opens_at:
        raise CheckInNotOpenYet(opens_at, session.zone)
    places_left = booking.places - booking.arrived
    if places_left == 0:
        first = booking.arrivals[0]
        raise AlreadyArrived(booking.places, first.at, first.where, session.zone)
    places = places_left if scan.places is None else scan.places
    if places > places_left:
        raise TooManyArriving(booking.places, places_left)
    arrival = Arrival(
        nonce=scan.nonce,
        places=places,
        at=scan.at,
        token_id=scan.token_id,
        where=scan.where,
        arrived=booking.arrived + places,
    )
    return msgspec.structs.replace(
        booking, arrivals=(*booking.arrivals, arrival), arrivals_version=booking.arrivals_version + 1
    )


def check_in_undone(booking: Booking, nonce: str) -> Booking:
    """Return the booking without what this scan checked in; unchanged if that was undone before.

    Raises BookingCancelled, or NotFound if this scan checked no one in.
    """
    if nonce in booking.undone_nonces:
        return booking
    if booking.status != "confirmed":
        raise BookingCancelled
    if arrival_with(booking, nonce) is None:
        raise NotFound("No scan with this nonce checked in anyone on this booking.")
    return msgspec.structs.replace(
        booking,
        arrivals=tuple(arrival for arrival in booking.arrivals if arrival.nonce != nonce),
        undone_nonces=(*booking.undone_nonces, nonce)[-UNDONE_NONCES_MAX:],
        arrivals_version=booking.arrivals_version + 1,
    )
