"""What organisers, hosts and doors call about events and sessions (web/organiser/)."""

from typing import Any

from msgspec import Struct

from chalicelib.domain.event_request import EventRequest
from chalicelib.domain.refusals import BelowBooked, Cancelled, Refusal, SessionOver, SlugTaken
from chalicelib.domain.session_request import CapacityRequest, SessionDetails, SessionRequest
from chalicelib.web.event.urls import EVENT, EVENTS, SESSION, SESSIONS
from chalicelib.web.organiser.views import EventView, SessionView
from infra.apidoc.calls import ETAG, IF_MATCH, IF_MATCH_NEEDED, LOCATION, Body, Call, ok


class EventList(Struct, frozen=True):
    """The caller's events."""

    events: list[EventView]


class SessionList(Struct, frozen=True):
    """An event's sessions."""

    sessions: list[SessionView]


_A_SESSION: dict[str, Any] = {
    "title": "Ludlow",
    "venue": "The Ladle",
    "address": "1 Broad Street, Ludlow",
    "zone": "Europe/London",
    "starts_local": "2099-09-05T19:00:00",
    "ends_local": "2099-09-05T21:00:00",
    "capacity": 40,
}

EVENT_CALLS = (
    Call(
        method="GET",
        path=EVENTS,
        summary="List events",
        who="door",
        replies=(ok(EventList, "Those that the token reaches."),),
    ),
    Call(
        method="POST",
        path=EVENTS,
        summary="Create an event",
        words="It is a draft until it is published.",
        who="organiser",
        body=Body(struct=EventRequest, example={"slug": "soup-night", "title": "Soup Night"}),
        replies=(ok(EventView, "Created.", status=201, headers=(LOCATION, ETAG)),),
        refusals=(SlugTaken,),
    ),
    Call(
        method="GET",
        path=EVENT,
        summary="See an event",
        who="door",
        replies=(ok(EventView, "The event.", headers=(ETAG,)),),
    ),
    Call(
        method="PATCH",
        path=EVENT,
        summary="Change an event",
        words="What the patch does not name stays; null takes away what may be missing. A slug can't change.",
        who="organiser",
        parameters=(IF_MATCH_NEEDED,),
        body=Body(struct=EventRequest, example={"title": "Soup and Bread Night"}, patch=True),
        replies=(ok(EventView, "Changed.", headers=(ETAG,)),),
        refusals=(Cancelled,),
    ),
    Call(
        method="POST",
        path=EVENT + "/publish",
        summary="Publish an event",
        words="Publishing it again changes nothing.",
        who="organiser",
        parameters=(IF_MATCH,),
        replies=(ok(EventView, "It is public.", headers=(ETAG,)),),
        refusals=(Cancelled,),
    ),
    Call(
        method="POST",
        path=EVENT + "/cancel",
        summary="Cancel an event",
        words="For good, with all of its sessions: everybody who booked gets a mail.",
        who="organiser",
        parameters=(IF_MATCH,),
        replies=(ok(EventView, "It is off.", headers=(ETAG,)),),
    ),
)


def _deed(deed: str, summary: str, words: str, *refusals: type[Refusal]) -> Call:
    """Return a call that changes a session as a whole."""
    return Call(
        method="POST",
        path=f"{SESSION}/{deed}",
        summary=summary,
        words=words,
        who="organiser",
        parameters=(IF_MATCH,),
        replies=(ok(SessionView, "The session as it is now.", headers=(ETAG,)),),
        refusals=refusals,
    )


SESSION_CALLS = (
    Call(
        method="GET",
        path=SESSIONS,
        summary="List an event's sessions",
        who="door",
        replies=(ok(SessionList, "The earliest first."),),
    ),
    Call(
        method="POST",
        path=SESSIONS,
        summary="Create a session",
        words="It can be booked as soon as the event can.",
        who="organiser",
        body=Body(struct=SessionRequest, example=_A_SESSION),
        replies=(ok(SessionView, "Created.", status=201, headers=(LOCATION, ETAG)),),
        refusals=(Cancelled,),
    ),
    Call(
        method="GET",
        path=SESSION,
        summary="See a session",
        who="door",
        replies=(ok(SessionView, "The session.", headers=(ETAG,)),),
    ),
    Call(
        method="PATCH",
        path=SESSION,
        summary="Change a session",
        words="All but its capacity. When time or place change, everybody who booked is mailed.",
        who="organiser",
        parameters=(IF_MATCH_NEEDED,),
        body=Body(struct=SessionDetails, example={"title": "Ludlow, upstairs"}, patch=True),
        replies=(ok(SessionView, "Changed.", headers=(ETAG,)),),
        refusals=(Cancelled, SessionOver),
    ),
    Call(
        method="POST",
        path=SESSION + "/capacity",
        summary="Change how many places a session has",
        words="Up, or down to what is booked.",
        who="organiser",
        parameters=(IF_MATCH_NEEDED,),
        body=Body(struct=CapacityRequest, example={"capacity": 60}),
        replies=(ok(SessionView, "The session as it is now.", headers=(ETAG,)),),
        refusals=(Cancelled, BelowBooked),
    ),
    _deed("close", "Close booking", "Closing it again changes nothing.", Cancelled),
    _deed("reopen", "Open booking again", "Reopening an open session changes nothing.", Cancelled),
    _deed("cancel", "Cancel a session", "For good: everybody who booked gets a mail.", SessionOver),
)
