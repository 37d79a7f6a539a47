"""What organisers and hosts call about a session's bookings (web/organiser/bookings.py)."""

from typing import Literal

from msgspec import Struct

from chalicelib.domain.door_refusals import PartyArrived
from chalicelib.domain.refusals import Invalid
from chalicelib.web.description.calls import CURSOR, LIMIT, LINK, Call, Parameter, ok
from chalicelib.web.organiser.booking_views import BookingView
from chalicelib.web.organiser.bookings_query import LISTED
from chalicelib.web.organiser.caller import BOOKING, BOOKINGS


class BookingList(Struct, frozen=True):
    """A page of a session's bookings. ``next_cursor`` is null on the last one."""

    bookings: list[BookingView]
    next_cursor: str | None


CALLS = (
    Call(
        method="GET",
        path=BOOKINGS,
        summary="List who has booked",
        who="host",
        words="Page by page; or those with a reference, or of an address, which come whole.",
        parameters=(
            Parameter(name="status", place="query", words="Only those that are this.", kind=Literal[LISTED]),
            Parameter(name="reference", place="query", words="As the mail shows it."),
            Parameter(name="address", place="query", words="A mail address."),
            LIMIT,
            CURSOR,
        ),
        answers=(ok(BookingList, "A page.", headers=(LINK,)),),
        refusals=(Invalid,),
    ),
    Call(
        method="GET",
        path=BOOKING,
        summary="See a booking",
        words="At the `url` that the list gives for it, which stays good when its mail address is corrected.",
        who="host",
        answers=(ok(BookingView, "The booking."),),
    ),
    Call(
        method="POST",
        path=BOOKING + "/cancel",
        summary="Cancel a booking for its attendee",
        words="Cancelling again changes nothing. Whoever booked gets a mail.",
        who="host",
        answers=(ok(BookingView, "The booking as it is now."),),
        refusals=(PartyArrived,),
    ),
)
