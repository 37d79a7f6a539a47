"""What organisers and hosts call about a session's bookings (web/organiser/bookings.py)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from chalicelib.domain.booking import BookingOnBehalf
from chalicelib.domain.correction import AddressHasBooking
from chalicelib.domain.door_refusals import PartyArrived
from chalicelib.domain.refusals import (
    Cancelled,
    Closed,
    IdempotencyKeyReused,
    Invalid,
    NotPublished,
    SessionOver,
    SoldOut,
    TooManyPlaces,
)
from chalicelib.web.event.urls import BOOKING, BOOKINGS, SESSION
from chalicelib.web.organiser.booking_views import BookingView
from chalicelib.web.organiser.bookings_query import LISTED, REFERENCE_PATTERN
from infra.apidoc.calls import (
    CSV,
    CURSOR,
    LIMIT,
    LINK,
    LOCATION,
    REPLAYED,
    Body,
    Call,
    Header,
    Parameter,
    Reply,
    ok,
)


class BookingList(Struct, frozen=True):
    """A slice of a session's bookings. ``next_cursor`` is null on the last one."""

    bookings: list[BookingView]
    next_cursor: str | None


CALLS = (
    Call(
        method="GET",
        path=BOOKINGS,
        summary="List who has booked",
        who="host",
        words="In slices; or those with a reference, or of an address, which come whole.",
        parameters=(
            Parameter(name="status", place="query", words="Only those that are this.", kind=Literal[LISTED]),
            Parameter(
                name="reference",
                place="query",
                words="As the mail shows it.",
                kind=Annotated[str, Meta(pattern=REFERENCE_PATTERN)],
            ),
            Parameter(name="address", place="query", words="A mail address."),
            LIMIT,
            CURSOR,
        ),
        replies=(ok(BookingList, "A slice.", headers=(LINK,)),),
        refusals=(Invalid,),
    ),
    Call(
        method="POST",
        path=BOOKINGS,
        summary="Book for somebody",
        words="Also before booking opens, past the closing time and for parties of up to 20; never over "
        "capacity, nor in a session closed by hand or over. Whoever sends this has that person's consent. "
        "Questions may stay open. They get the usual mail.",
        who="host",
        parameters=(
            Parameter(
                name="Idempotency-Key",
                place="header",
                words="The same key for the same address gets the same booking again.",
                example="5f0c1c2e",
            ),
        ),
        body=Body(
            struct=BookingOnBehalf,
            example={"name": "Ada Okafor", "email": "ada@example.org", "places": 2, "guests": ["Sam"]},
        ),
        replies=(ok(BookingView, "The booking.", status=201, headers=(LOCATION, REPLAYED)),),
        refusals=(
            IdempotencyKeyReused,
            AddressHasBooking,
            NotPublished,
            Cancelled,
            SessionOver,
            Closed,
            TooManyPlaces,
            SoldOut,
        ),
    ),
    Call(
        method="GET",
        path=SESSION + "/bookings.csv",
        summary="Export who has booked",
        words="For a spreadsheet: a row each, cancelled bookings too. No cell is a formula: one that would "
        "be has an apostrophe in front. A large session comes in several files, each with its header row.",
        who="host",
        parameters=(
            Parameter(name="cursor", place="query", words="Where to go on: in the Link of the file before."),
        ),
        replies=(
            Reply(
                status=200,
                words="The file.",
                content_type=CSV,
                headers=(Header(name="Content-Disposition", words="A name to store it under."), LINK),
            ),
        ),
        refusals=(Invalid,),
    ),
    Call(
        method="GET",
        path=BOOKING,
        summary="See a booking",
        words="At the `url` that the list gives for it, which stays good when its mail address is corrected.",
        who="host",
        replies=(ok(BookingView, "The booking."),),
    ),
    Call(
        method="POST",
        path=BOOKING + "/cancel",
        summary="Cancel a booking for its attendee",
        words="Cancelling again changes nothing. Whoever booked gets a mail.",
        who="host",
        replies=(ok(BookingView, "The booking as it is now."),),
        refusals=(PartyArrived, SessionOver),
    ),
)
