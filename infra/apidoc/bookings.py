"""The calls of organisers and hosts about a session's bookings (web/organiser/bookings.py)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from chalicelib.domain.booking_request import BookingOnBehalf
from chalicelib.domain.correction import AddressHasBooking, BulkCancellation, BulkCancelled
from chalicelib.domain.door_refusals import PartyArrived
from chalicelib.domain.ids import REFERENCE_PATTERN
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
from chalicelib.web.event.urls import BOOKING, BOOKINGS, EVENT_BOOKINGS, SESSION
from chalicelib.web.organiser.booking_views import BookingView, FoundBookingView
from chalicelib.web.organiser.bookings import SourceView
from chalicelib.web.organiser.bookings_query import LISTED
from infra.apidoc import samples
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
    """A slice of a session's bookings. ``next_cursor`` is null in the last slice."""

    bookings: list[BookingView]
    next_cursor: str | None


class FoundBookings(Struct, frozen=True):
    """The bookings that a search found.

    ``more``: there may be others beside these 50. ``being_listed``: others may be missing.
    """

    bookings: list[FoundBookingView]
    more: bool
    being_listed: bool


class SourceList(Struct, frozen=True):
    """The largest sources, most places first. ``more`` is how many there are beside these."""

    sources: list[SourceView]
    more: int


_NOT_IN_YET = {"arrived": 0, "arrivals": ()}

CALLS = (
    Call(
        method="GET",
        path=EVENT_BOOKINGS,
        summary="Find a booking in an event",
        who="host",
        words="Finds at most 50 bookings, cancelled ones too. A token for one session finds only bookings of "
        "that session. A new booking is found after a few seconds. An email address is found at once, in up "
        "to 500 sessions. While `being_listed` is true, older bookings can be missing: after an update of "
        "Turnout we list them again, within a day.",
        parameters=(
            Parameter(
                name="q",
                place="query",
                words="Words of a name, the last of which may be only begun; or an email address; or a "
                "reference. Capital letters, accents and punctuation make no difference in a name. "
                "Names of guests count too, for a party of a few people.",
                required=True,
                example="okafor",
            ),
        ),
        replies=(ok(FoundBookings, "The bookings."),),
        refusals=(Invalid,),
    ),
    Call(
        method="GET",
        path=BOOKINGS,
        summary="List who has booked",
        who="host",
        words="The list comes in slices and is not sorted: the export is. A search by reference or by email "
        "gives all its bookings at once. A new booking is found by its reference after a few seconds. "
        "By `source` or `bounced`, a slice can be short or empty before the last one: go on until "
        "`next_cursor` is null.",
        parameters=(
            Parameter(
                name="status", place="query", words="Only bookings with this status.", kind=Literal[LISTED]
            ),
            Parameter(
                name="reference",
                place="query",
                words="The reference of a booking, as the email shows it or as people type it.",
                kind=Annotated[str, Meta(pattern=REFERENCE_PATTERN)],
            ),
            Parameter(name="email", place="query", words="The email address of a booking."),
            Parameter(name="address", place="query", words="The older name of `email`."),
            Parameter(name="source", place="query", words="Only bookings from this source."),
            Parameter(
                name="bounced",
                place="query",
                words="`true`: only bookings with an email that bounced for good.",
                kind=Literal["true"],
            ),
            LIMIT,
            CURSOR,
        ),
        replies=(ok(BookingList, "A slice.", headers=(LINK,)),),
        refusals=(Invalid,),
    ),
    Call(
        method="POST",
        path=BOOKINGS,
        summary="Book for someone",
        words="Works before booking opens, after the closing time and for up to 20 places. It never goes "
        "over capacity, and it is refused in a session that is over or that was closed by hand. You need "
        "the person's consent. Every question is optional. The person gets the usual email. "
        "You can also send `email` as `address`.",
        who="host",
        parameters=(
            Parameter(
                name="Idempotency-Key",
                place="header",
                words="If you send the same key for the same address again, you get the same booking.",
                example="5f0c1c2e",
            ),
        ),
        body=Body(
            struct=BookingOnBehalf,
            example={"name": "Ada Okafor", "email": "ada@example.org", "places": 2, "guests": ["Sam"]},
        ),
        replies=(
            ok(
                BookingView,
                "The booking.",
                status=201,
                headers=(LOCATION, REPLAYED),
                shows={**_NOT_IN_YET, "answers": {}, "source": None},
            ),
        ),
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
        words="A spreadsheet with a row for each booking, cancelled ones too, sorted by name and then by "
        "reference. A question that was removed keeps its column while there are answers to it. "
        "A cell that could be a formula begins with an apostrophe. "
        "A large session comes in several files, each with a header row.",
        who="host",
        parameters=(
            Parameter(
                name="cursor",
                place="query",
                words="Where the next file begins: copy it from the Link header of the file before.",
            ),
        ),
        replies=(
            Reply(
                status=200,
                words="The file.",
                content_type=CSV,
                headers=(Header(name="Content-Disposition", words="A name for the file."), LINK),
            ),
        ),
        refusals=(Invalid,),
    ),
    Call(
        method="GET",
        path=SESSION + "/sources",
        summary="See which networks the bookings come from",
        words="A script that takes all places usually comes from one network. But a phone network, an office "
        "or a school is one network too, with many people. Look at the bookings of a source before you "
        "cancel them. Bookings that you made for someone have no source.",
        who="host",
        replies=(ok(SourceList, "At most 100 sources."),),
    ),
    Call(
        method="POST",
        path=SESSION + "/cancel-bookings",
        summary="Cancel many bookings",
        words="List the bookings first, for example those of one source. Then send each with the version "
        "that the list showed. A booking that has changed since then is left, and the answer says why. "
        "If there was no time for all, send the same request again: nothing is cancelled twice.",
        who="host",
        body=Body(
            struct=BulkCancellation,
            example={
                "bookings": [{"booking": f"{samples.BOOKING_KEY}.{samples.BOOKING_ID}", "version": 1}],
                "tell": False,
            },
        ),
        replies=(ok(BulkCancelled, "What this request cancelled, and what it left."),),
        refusals=(SessionOver,),
    ),
    Call(
        method="GET",
        path=BOOKING,
        summary="See a booking",
        words="Use the `url` from the list. It still works after the email address is corrected.",
        who="host",
        replies=(ok(BookingView, "The booking."),),
    ),
    Call(
        method="POST",
        path=BOOKING + "/cancel",
        summary="Cancel a booking for its attendee",
        words="Cancelling again changes nothing. We email the person who booked.",
        who="host",
        replies=(
            ok(
                BookingView,
                "The booking after the change.",
                shows={**_NOT_IN_YET, "status": "cancelled", "version": 2},
            ),
        ),
        refusals=(PartyArrived, SessionOver),
    ),
)
