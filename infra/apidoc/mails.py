"""What organisers and hosts call about mails that did not arrive (web/organiser/mails.py)."""

from msgspec import Struct

from chalicelib.domain.correction import (
    AddressHasBooking,
    BookingNotLive,
    CorrectionRequest,
    MailedJustNow,
    RecipientComplained,
)
from chalicelib.domain.refusals import Cancelled, Invalid, SessionOver
from chalicelib.web.event.urls import BOOKING, SESSION
from chalicelib.web.organiser.booking_views import BookingView
from chalicelib.web.organiser.mails import BookingInTrouble
from infra.apidoc.calls import CURSOR, LIMIT, LINK, Body, Call, ok


class TroubleList(Struct, frozen=True):
    """A slice of the bookings in trouble. ``next_cursor`` is null on the last one."""

    bookings: list[BookingInTrouble]
    next_cursor: str | None


CALLS = (
    Call(
        method="GET",
        path=SESSION + "/mails",
        summary="List the bookings whose mails did not arrive",
        words="Failed, bounced, complained of or held back. A slice may hold less than its limit, "
        "or nothing, and not be the last.",
        who="host",
        parameters=(LIMIT, CURSOR),
        replies=(ok(TroubleList, "A slice.", headers=(LINK,)),),
        refusals=(Invalid,),
    ),
    Call(
        method="POST",
        path=BOOKING + "/send-again",
        summary="Send a booking's mail again",
        words="Its confirmation, or its cancellation; at most once a minute.",
        who="host",
        replies=(ok(BookingView, "The booking as it is now."),),
        refusals=(Cancelled, SessionOver, RecipientComplained, MailedJustNow),
    ),
    Call(
        method="POST",
        path=BOOKING + "/address",
        summary="Correct a booking's mail address",
        words="Its mail goes to the new address. It has another `url` then; the old one leads there too.",
        who="host",
        body=Body(struct=CorrectionRequest, example={"email": "ada.okafor@example.org"}),
        replies=(ok(BookingView, "The booking as it is now."),),
        refusals=(Cancelled, SessionOver, BookingNotLive, AddressHasBooking),
    ),
)
