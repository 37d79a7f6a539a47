"""What web sites and their visitors call (web/public/booking.py)."""

from chalicelib.domain.admission_refusals import NotAdmitted
from chalicelib.domain.booking import BookingRequest
from chalicelib.domain.refusals import (
    AlreadyBooked,
    Cancelled,
    Closed,
    IdempotencyKeyReused,
    NotOpenYet,
    NotPublished,
    SoldOut,
    TooManyPlaces,
    TooManyRequests,
)
from chalicelib.web.event.views import EventView
from chalicelib.web.public.booking import BookingReply
from infra.apidoc.calls import (
    CROSS_ORIGIN,
    ETAG,
    IF_NONE_MATCH,
    ORIGIN,
    PREFLIGHT,
    REPLAYED,
    Body,
    Call,
    Parameter,
    Reply,
    ok,
    sent_on,
)

BOOKINGS = "/events/{slug}/sessions/{session_id}/bookings"

CALLS = (
    Call(
        method="GET",
        path="/events/{slug}",
        summary="See an event",
        words="The event and its sessions, the next one first. What is left is said in bands, because the "
        "number changes too fast to be true when read. May be kept for five seconds.",
        who="anybody",
        parameters=(IF_NONE_MATCH, ORIGIN),
        replies=(
            ok(EventView, "The event.", headers=(ETAG,)),
            Reply(status=304, words="It is as you have it.", headers=(ETAG,)),
        ),
        headers=CROSS_ORIGIN,
        refusals=(NotPublished,),
    ),
    Call(
        method="OPTIONS",
        path="/events/{slug}",
        summary="May a site's script read the event?",
        who="anybody",
        parameters=(ORIGIN,),
        replies=(Reply(status=204, words="The headers say whether.", headers=PREFLIGHT),),
        headers=CROSS_ORIGIN,
    ),
    Call(
        method="POST",
        path=BOOKINGS,
        summary="Book places",
        words="JSON is answered with JSON. An HTML form may post the same fields (`guests` once for each, "
        "`idempotency_key` and `return_url` hidden); it is answered with a redirect, or with the form again "
        "and what is wrong with it. Names and the link to cancel are in the mail only.",
        who="anybody",
        parameters=(
            Parameter(
                name="Idempotency-Key",
                place="header",
                words="1 to 120 printable ASCII characters. The same key by the same address gets the same "
                "answer again, so that sending twice books once.",
                example="5f0c1c2e",
            ),
            ORIGIN,
        ),
        body=Body(
            struct=BookingRequest,
            example={
                "name": "Ada Okafor",
                "email": "ada@example.org",
                "places": 2,
                "guests": ["Sam"],
                "consent": True,
            },
            form=True,
        ),
        replies=(
            ok(BookingReply, "Booked, and a mail is on its way.", status=201, headers=(REPLAYED,)),
            sent_on("A form was booked: here is the page that says what comes next."),
        ),
        headers=CROSS_ORIGIN,
        refusals=(
            IdempotencyKeyReused,
            AlreadyBooked,
            NotPublished,
            Cancelled,
            NotOpenYet,
            Closed,
            TooManyPlaces,
            NotAdmitted,
            SoldOut,
            TooManyRequests,
        ),
    ),
    Call(
        method="GET",
        path=BOOKINGS,
        summary="Go to the booking form",
        words="A refused form has this address, and people copy it.",
        who="anybody",
        replies=(sent_on("The form is there."),),
        refusals=(NotPublished,),
        page=True,
    ),
    Call(
        method="OPTIONS",
        path=BOOKINGS,
        summary="May a site's script book?",
        who="anybody",
        parameters=(ORIGIN,),
        replies=(Reply(status=204, words="The headers say whether.", headers=PREFLIGHT),),
        headers=CROSS_ORIGIN,
    ),
)
