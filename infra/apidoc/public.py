"""The calls of web sites and their visitors (web/public/booking.py, again.py, for_other_sites.py)."""

from chalicelib.domain.admission_refusals import NotAdmitted
from chalicelib.domain.booking_request import AgainRequest, BookingRequest
from chalicelib.domain.refusals import (
    AlreadyBooked,
    Cancelled,
    Closed,
    IdempotencyKeyReused,
    NotOpenYet,
    NotPublished,
    SessionOver,
    SoldOut,
    TooManyPlaces,
    TooManyRequests,
)
from chalicelib.web.event.counter import CounterView
from chalicelib.web.event.geojson import SessionFeatures
from chalicelib.web.event.views import EventView
from chalicelib.web.public.again import AgainReply
from chalicelib.web.public.booking import BookingReply
from infra.apidoc.calls import (
    CALENDAR,
    CROSS_ORIGIN,
    ETAG,
    FOR_ALL,
    GEOJSON,
    IF_NONE_MATCH,
    NOT_CHANGED,
    ORIGIN,
    REPLAYED,
    Body,
    Call,
    Header,
    Parameter,
    Reply,
    ok,
    sent_on,
)

BOOKINGS = "/events/{slug}/sessions/{session_id}/bookings"
SESSIONS = "/events/{slug}/sessions.geojson"
COUNTER = "/events/{slug}/counter"
AGAIN = "/events/{slug}/sessions/{session_id}/again"

_NOSNIFF = Header(name="X-Content-Type-Options", words="nosniff")

CALLS = (
    Call(
        method="GET",
        path="/events/{slug}",
        summary="See an event",
        words="The event and its sessions, the next one first and past ones last. "
        "`places_left` is one of four bands, because the exact number changes too fast. "
        "After the next 25 sessions it can be some minutes old, and `bookable` does not depend on it. "
        "You can cache the answer for five seconds.",
        who="anybody",
        parameters=(IF_NONE_MATCH, ORIGIN),
        replies=(
            ok(EventView, "The event.", headers=(ETAG,)),
            Reply(status=304, words="Your copy is up to date.", headers=(ETAG,)),
        ),
        headers=CROSS_ORIGIN,
        refusals=(NotPublished,),
    ),
    Call(
        method="GET",
        path="/events/{slug}/sessions.ics",
        summary="Subscribe to an event's sessions",
        words="A calendar (RFC 5545) that programs read again, about every six hours. A cancelled session "
        "stays in it as cancelled until 30 days after its end. It does not hold anybody's booking.",
        who="anybody",
        parameters=(IF_NONE_MATCH,),
        replies=(
            Reply(status=200, words="An iCalendar file.", content_type=CALENDAR, headers=(ETAG,)),
            NOT_CHANGED,
        ),
        refusals=(NotPublished,),
    ),
    Call(
        method="GET",
        path=SESSIONS,
        summary="Get an event's sessions for a map",
        words="GeoJSON (RFC 7946), which most maps can load from this address. The scripts of every site may "
        "read it. The sessions are in the order of the event's page. A session has no geometry if we don't "
        "know where it is. You can cache the answer for five seconds.",
        who="anybody",
        parameters=(IF_NONE_MATCH,),
        replies=(
            Reply(
                status=200,
                words="The sessions.",
                body=SessionFeatures,
                content_type=GEOJSON,
                headers=(ETAG,),
            ),
            NOT_CHANGED,
        ),
        headers=FOR_ALL,
        refusals=(NotPublished,),
    ),
    Call(
        method="HEAD",
        path=SESSIONS,
        summary="See whether these sessions have changed",
        words="Answers as GET does, without a body.",
        who="anybody",
        parameters=(IF_NONE_MATCH,),
        replies=(Reply(status=200, words="The headers of GET.", headers=(_NOSNIFF, ETAG)), NOT_CHANGED),
        headers=FOR_ALL,
        refusals=(NotPublished,),
    ),
    Call(
        method="GET",
        path=COUNTER,
        summary="See an event's counter",
        words="The numbers that the organiser shows, as they were a few minutes ago. The event's `counter` "
        "says which those are. The scripts of every site may read them. Without a script, show "
        "`/book/{slug}/counter/embed` in an iframe. You can cache the answer for five seconds.",
        who="anybody",
        parameters=(IF_NONE_MATCH,),
        replies=(ok(CounterView, "The numbers.", headers=(ETAG,)), NOT_CHANGED),
        headers=FOR_ALL,
        refusals=(NotPublished,),
    ),
    Call(
        method="POST",
        path=BOOKINGS,
        summary="Book places",
        words="Send JSON to get JSON. An HTML form can post the same fields: `guests` once for each guest, "
        "with `idempotency_key` and `return_url` as hidden fields. It gets a redirect, or the form again "
        "with what is wrong. A script gets the same answers, and never `return_url`. Names and the link to "
        "cancel are only in the email. A refusal never sends an email: to get one again, post to `…/again`.",
        who="anybody",
        parameters=(
            Parameter(
                name="Idempotency-Key",
                place="header",
                words="1 to 120 printable ASCII characters. If the same address sends the same key again, "
                "it gets the same answer, and nothing is booked twice.",
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
            },
            form=True,
        ),
        replies=(
            ok(BookingReply, "Booked. We send the confirmation by email.", status=201, headers=(REPLAYED,)),
            sent_on("The form was booked. The page says what happens next."),
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
        method="POST",
        path=AGAIN,
        summary="Ask for the email of a booking again",
        words="Everyone gets the same answer, whether the address has a booking or not. An email goes out "
        "at most once every 10 minutes, until the session is over.",
        who="anybody",
        parameters=(ORIGIN,),
        body=Body(struct=AgainRequest, example={"email": "ada@example.org"}),
        replies=(ok(AgainReply, "We have taken it down.", status=202),),
        headers=CROSS_ORIGIN,
        refusals=(NotPublished, Cancelled, SessionOver, TooManyRequests),
    ),
    Call(
        method="GET",
        path=BOOKINGS,
        summary="Go to the booking form",
        words="A refused form has this address, and people copy it.",
        who="anybody",
        replies=(sent_on("The page with the form."),),
        refusals=(NotPublished,),
        page=True,
    ),
)
