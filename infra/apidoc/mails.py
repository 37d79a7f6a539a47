"""The calls of organisers and hosts about emails that did not arrive (web/organiser/mails.py)."""

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
from chalicelib.web.organiser.mails import BookingInTrouble, CorrectedView
from infra.apidoc.calls import CURSOR, LIMIT, LINK, Body, Call, ok


class TroubleList(Struct, frozen=True):
    """A slice of the bookings whose emails did not arrive. ``next_cursor`` is null in the last slice."""

    bookings: list[BookingInTrouble]
    next_cursor: str | None


_CORRECTED = "ada.okafor@example.org"

CALLS = (
    Call(
        method="GET",
        path=SESSION + "/mails",
        summary="List the bookings whose emails did not arrive",
        words="The email failed, bounced, was reported as spam, was held back or has to wait. A `postponed` "
        "email goes later, without your help. With `recipient_limit` its address gets many emails, and with "
        "`source_limit` its network caused many. A slice can be short or empty before the last one: go on "
        "until `next_cursor` is null.",
        who="host",
        parameters=(LIMIT, CURSOR),
        replies=(ok(TroubleList, "A slice.", headers=(LINK,)),),
        refusals=(Invalid,),
    ),
    Call(
        method="POST",
        path=BOOKING + "/send-again",
        summary="Send a booking's email again",
        words="Sends its confirmation or its cancellation, at most once a minute.",
        who="host",
        replies=(ok(BookingView, "The booking after the change."),),
        refusals=(Cancelled, SessionOver, RecipientComplained, MailedJustNow),
    ),
    Call(
        method="POST",
        path=BOOKING + "/address",
        summary="Correct a booking's email address",
        words="We send its email to the new address. The links, ticket and reference that were emailed "
        "before stop working, unless `keep_links` is true. The booking gets a new `url`, and the old one "
        "still works. "
        "You can also send `email` as `address`.",
        who="host",
        body=Body(struct=CorrectionRequest, example={"email": _CORRECTED}),
        replies=(
            ok(CorrectedView, "The booking after the change.", shows={"address": _CORRECTED, "version": 2}),
        ),
        refusals=(Cancelled, SessionOver, BookingNotLive, AddressHasBooking),
    ),
)
