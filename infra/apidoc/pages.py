"""Pages: of an event, and of a person's own booking (web/public/, web/attendee/, web/http/describe.py)."""

from typing import Any

from chalicelib.domain.door_refusals import PartyArrived
from chalicelib.domain.refusals import Cancelled, Closed, Invalid, NotPublished, SessionOver, TooManyRequests
from infra.apidoc.calls import (
    CALENDAR,
    ETAG,
    IF_NONE_MATCH,
    NOT_CHANGED,
    Body,
    Call,
    Header,
    Parameter,
    Reply,
    ok,
    sent_on,
    shown,
)

_FILE_NAME = Header(name="Content-Disposition", words="A name for the file.")
_GONE = shown("The booking was cancelled, or its email address was corrected.", status=410)

HOSTED = (
    Call(
        method="GET",
        path="/book/{slug}",
        summary="The event's page",
        who="anybody",
        parameters=(
            Parameter(
                name="near",
                place="query",
                words="A town, or words of a title or venue. The nearest sessions come first.",
            ),
            Parameter(
                name="places",
                place="query",
                words="For how many people. Sessions with room for them come first.",
            ),
            IF_NONE_MATCH,
        ),
        replies=(
            shown(
                "Its sessions, each with a link to its form. With a queue, the form to join it.",
                headers=(ETAG,),
            ),
            NOT_CHANGED,
        ),
        refusals=(NotPublished,),
        page=True,
    ),
    Call(
        method="GET",
        path="/book/{slug}/opening.ics",
        summary="The opening of booking, as a calendar file",
        who="anybody",
        replies=(
            Reply(
                status=200, words="An entry with a reminder.", content_type=CALENDAR, headers=(_FILE_NAME,)
            ),
        ),
        refusals=(NotPublished,),
        page=True,
    ),
    Call(
        method="GET",
        path="/book/{slug}/counter/embed",
        summary="The event's counter, for an iframe",
        words='Every site may show it: `<iframe src="…" title="So far" height="120"></iframe>`. It has '
        "no script, and its only link leads to the event's page.",
        who="anybody",
        parameters=(IF_NONE_MATCH,),
        replies=(shown("The numbers that the organiser shows.", headers=(ETAG,)), NOT_CHANGED),
        refusals=(NotPublished,),
        page=True,
    ),
    Call(
        method="GET",
        path="/book/{slug}/{session_id}",
        summary="The page with the booking form",
        who="anybody",
        parameters=(
            Parameter(
                name="admission", place="query", words="The admission from the queue, if the event has one."
            ),
            Parameter(
                name="queue_ticket",
                place="query",
                words="The queue ticket. With it, the form gets a new admission when the old one expires.",
            ),
        ),
        replies=(shown("The form, or why you can't book now."),),
        refusals=(NotPublished,),
        page=True,
    ),
    Call(
        method="GET",
        path="/book/{slug}/{session_id}/embed",
        summary="A form to paste into another site",
        who="anybody",
        parameters=(IF_NONE_MATCH,),
        replies=(shown("The HTML of the form, to copy.", headers=(ETAG,)), NOT_CHANGED),
        refusals=(NotPublished,),
        page=True,
    ),
    Call(
        method="GET",
        path="/book/{slug}/{session_id}/again",
        summary="The form that asks for an email again",
        who="anybody",
        replies=(shown("The form."),),
        refusals=(NotPublished,),
        page=True,
    ),
    Call(
        method="POST",
        path="/book/{slug}/{session_id}/again",
        summary="Ask for the email of a booking again with a form",
        words="Everyone gets the same page, whether the address has a booking or not.",
        who="anybody",
        body=Body(struct=None, example={"email": "ada@example.org"}),
        replies=(shown("What to do if no email arrives.", status=202),),
        refusals=(Cancelled, Invalid, NotPublished, SessionOver, TooManyRequests),
        page=True,
    ),
)

QUEUE = (
    Call(
        method="POST",
        path="/book/{slug}/queue",
        summary="Join the queue with a form",
        words="Use the address that will book later. If the queue is switched off, this leads to the "
        "event's page.",
        who="anybody",
        body=Body(struct=None, example={"email": "ada@example.org"}),
        replies=(
            sent_on("The page with the person's place in the queue. Its address is the only way back to it."),
        ),
        refusals=(Cancelled, Invalid, NotPublished, TooManyRequests),
        page=True,
    ),
    Call(
        method="GET",
        path="/book/{slug}/queue",
        summary="Go to the form that joins the queue",
        words="A refused form has this address, and people copy it.",
        who="anybody",
        replies=(sent_on("The page with the form."),),
        refusals=(NotPublished,),
        page=True,
    ),
    Call(
        method="GET",
        path="/book/{slug}/queue/{ticket}",
        summary="A person's place in the queue",
        words="The page refreshes by itself, also without scripts.",
        who="anybody",
        parameters=(
            Parameter(
                name="refresh",
                place="query",
                words="`off`: the page does not refresh by itself.",
                example="off",
            ),
        ),
        replies=(
            shown(
                "The person is in the draw, is waiting, or can choose a session; or everything is sold out."
            ),
        ),
        refusals=(Cancelled, Closed, NotPublished),
        page=True,
    ),
)

MANAGE = (
    Call(
        method="GET",
        path="/manage/{link}",
        summary="See your own booking",
        who="link",
        replies=(shown("The booking."), _GONE),
        page=True,
    ),
    Call(
        method="POST",
        path="/manage/{link}/cancel",
        summary="Cancel your own booking",
        words="Cancelling again changes nothing.",
        who="link",
        body=Body(struct=None, example={}),
        replies=(sent_on("The page of the booking, which says that it is cancelled."), _GONE),
        refusals=(PartyArrived, SessionOver),
        page=True,
    ),
    Call(
        method="GET",
        path="/manage/{link}/cancel",
        summary="Go to your own booking",
        words="Changes nothing, because email scanners follow every link.",
        who="link",
        replies=(sent_on("The page of the booking."),),
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
                headers=(_FILE_NAME,),
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
        replies=(shown("The ticket to show at the door."), _GONE),
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
            NOT_CHANGED,
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
            NOT_CHANGED,
        ),
        page=True,
    ),
)
