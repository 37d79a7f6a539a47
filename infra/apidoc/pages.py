"""Pages: of an event, and of one's own booking (web/public/, web/attendee/, web/http/describe.py)."""

from typing import Any

from chalicelib.domain.door_refusals import PartyArrived
from chalicelib.domain.refusals import (
    Cancelled,
    Closed,
    Invalid,
    NotPublished,
    SessionOver,
    TooManyRequests,
)
from infra.apidoc.calls import (
    CALENDAR,
    ETAG,
    IF_NONE_MATCH,
    Body,
    Call,
    Header,
    Parameter,
    Reply,
    ok,
    sent_on,
    shown,
)

_AS_YOU_HAVE_IT = Reply(status=304, words="It is as you have it.", headers=(ETAG,))
_GONE = shown("That booking was cancelled, or is at another mail address now.", status=410)

HOSTED = (
    Call(
        method="GET",
        path="/book/{slug}",
        summary="The event's page",
        who="anybody",
        parameters=(IF_NONE_MATCH,),
        replies=(
            shown(
                "Its sessions, each with a link to its form; with a queue, the form with which to join it.",
                headers=(ETAG,),
            ),
            _AS_YOU_HAVE_IT,
        ),
        refusals=(NotPublished,),
        page=True,
    ),
    Call(
        method="GET",
        path="/book/{slug}/{session_id}",
        summary="The page with the booking form",
        who="anybody",
        parameters=(
            Parameter(name="admission", place="query", words="From the queue, where the event has one."),
            Parameter(
                name="queue_ticket",
                place="query",
                words="The ticket it came from: the form then gets another when that runs out.",
            ),
        ),
        replies=(shown("The form, or why nothing can be booked now."),),
        refusals=(NotPublished,),
        page=True,
    ),
    Call(
        method="GET",
        path="/book/{slug}/{session_id}/embed",
        summary="A form to paste into one's own site",
        who="anybody",
        parameters=(IF_NONE_MATCH,),
        replies=(shown("The form's HTML, to be copied.", headers=(ETAG,)), _AS_YOU_HAVE_IT),
        refusals=(NotPublished,),
        page=True,
    ),
    Call(
        method="GET",
        path="/book/{slug}/{session_id}/done",
        summary="The page after booking",
        who="anybody",
        parameters=(
            Parameter(
                name="turnout",
                place="query",
                words="`cancelled` when the form was booked before and that booking is cancelled.",
                example="booked",
            ),
            IF_NONE_MATCH,
        ),
        replies=(shown("What comes next. Nothing personal.", headers=(ETAG,)), _AS_YOU_HAVE_IT),
        refusals=(NotPublished,),
        page=True,
    ),
)

QUEUE = (
    Call(
        method="POST",
        path="/book/{slug}/queue",
        summary="Join the queue with a form",
        words="The address has to be the one that books later. Where the queue is switched off, "
        "this leads to the event's page.",
        who="anybody",
        body=Body(struct=None, example={"email": "ada@example.org"}),
        replies=(sent_on("The page that shows their place in the queue. Its address is what holds that."),),
        refusals=(Cancelled, Invalid, NotPublished, TooManyRequests),
        page=True,
    ),
    Call(
        method="GET",
        path="/book/{slug}/queue",
        summary="Go to where the queue is joined",
        words="A refused form has this address, and people copy it.",
        who="anybody",
        replies=(sent_on("The form is there."),),
        refusals=(NotPublished,),
        page=True,
    ),
    Call(
        method="GET",
        path="/book/{slug}/queue/{ticket}",
        summary="One's own place in the queue",
        words="Looks again by itself, without scripts too.",
        who="anybody",
        parameters=(
            Parameter(name="refresh", place="query", words="`off`: it waits to be reloaded.", example="off"),
        ),
        replies=(
            shown("In the draw; waiting, and about how long; the sessions with a link each; or sold out."),
        ),
        refusals=(Cancelled, Closed, NotPublished),
        page=True,
    ),
)

MANAGE = (
    Call(
        method="GET",
        path="/manage/{link}",
        summary="See one's own booking",
        who="link",
        replies=(shown("The booking."), _GONE),
        page=True,
    ),
    Call(
        method="POST",
        path="/manage/{link}/cancel",
        summary="Cancel one's own booking",
        words="Cancelling again changes nothing.",
        who="link",
        body=Body(struct=None, example={}),
        replies=(sent_on("The booking's page says what came of it."), _GONE),
        refusals=(PartyArrived, SessionOver),
        page=True,
    ),
    Call(
        method="GET",
        path="/manage/{link}/cancel",
        summary="Go to one's own booking",
        words="Changes nothing: mail scanners follow every link.",
        who="link",
        replies=(sent_on("The booking is there."),),
        page=True,
    ),
    Call(
        method="GET",
        path="/calendar/{link}",
        summary="The booking as a calendar file",
        who="link",
        replies=(
            Reply(
                status=200,
                words="An iCalendar file (RFC 5545).",
                content_type=CALENDAR,
                headers=(Header(name="Content-Disposition", words="The file's name."),),
            ),
            _GONE,
        ),
        page=True,
    ),
    Call(
        method="GET",
        path="/ticket/{link}",
        summary="The ticket",
        who="link",
        replies=(shown("What is shown at the door."), _GONE),
        page=True,
    ),
)

DESCRIBED = (
    Call(
        method="GET",
        path="/openapi.json",
        summary="This description, for programs",
        who="anybody",
        parameters=(IF_NONE_MATCH,),
        replies=(
            ok(dict[str, Any], "OpenAPI 3.1.", headers=(ETAG,)),
            _AS_YOU_HAVE_IT,
        ),
    ),
    Call(
        method="GET",
        path="/docs",
        summary="This description, for people",
        who="anybody",
        parameters=(IF_NONE_MATCH,),
        replies=(
            shown("The page.", headers=(ETAG,)),
            _AS_YOU_HAVE_IT,
        ),
        page=True,
    ),
)
