"""The calls of organisers, hosts and doors about events and sessions (web/organiser/)."""

from typing import Any

import msgspec
from msgspec import Struct

from chalicelib.domain.cancellation import CancellationRequest
from chalicelib.domain.deletion_refusals import NotDraft, SessionBooked, StillDraft
from chalicelib.domain.event_request import EventRequest
from chalicelib.domain.refusals import (
    BelowBooked,
    Cancelled,
    IdempotencyKeyReused,
    Invalid,
    Refusal,
    SessionOver,
    SlugTaken,
)
from chalicelib.domain.session_request import CapacityRequest, SessionChange, SessionRequest
from chalicelib.web.event.urls import EVENT, EVENTS, SESSION, SESSIONS
from chalicelib.web.organiser.views import EventView, SessionView
from infra.apidoc.calls import (
    ETAG,
    IF_MATCH,
    IF_MATCH_NEEDED,
    LOCATION,
    ONCE,
    REPLAYED,
    Body,
    Call,
    Reply,
    ok,
)


class EventList(Struct, frozen=True):
    """The events that the token covers."""

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

_AN_EVENT: dict[str, Any] = {
    "slug": "soup-night",
    "title": "Soup Night",
    "organiser_name": "Ludlow Neighbours",
    "contact": "hello@example.org",
}
_A_DRAFT = {**msgspec.to_builtins(EventRequest(**_AN_EVENT)), "status": "draft"}
_CANCELLED = {"status": "cancelled", "cancellation_reason": "The kitchen has flooded.", "version": 2}
_WHY = Body(struct=CancellationRequest, example={"reason": _CANCELLED["cancellation_reason"]}, optional=True)

_NOT_BY_SESSION = "A token for one session gets 404 here: it opens the calls of its session."


def _created(view: type[Struct], words: str, shows: dict[str, Any]) -> tuple[Reply, ...]:
    return (ok(view, words, status=201, headers=(LOCATION, ETAG, REPLAYED), shows=shows),)


EVENT_CALLS = (
    Call(
        method="GET",
        path=EVENTS,
        summary="List events",
        words="A token for one session lists no event: it opens the calls of its session.",
        who="door",
        replies=(ok(EventList, "The events that the token covers."),),
    ),
    Call(
        method="POST",
        path=EVENTS,
        summary="Create an event",
        words="The event is a draft until you publish it.",
        who="organiser",
        parameters=(ONCE,),
        body=Body(struct=EventRequest, example=_AN_EVENT),
        replies=_created(EventView, "The new event.", _A_DRAFT),
        refusals=(IdempotencyKeyReused, SlugTaken),
    ),
    Call(
        method="GET",
        path=EVENT,
        summary="See an event",
        words=_NOT_BY_SESSION,
        who="door",
        replies=(ok(EventView, "The event.", headers=(ETAG,)),),
    ),
    Call(
        method="PATCH",
        path=EVENT,
        summary="Change an event",
        words="Send only the fields that change. Send null to empty an optional field. A slug can't change.",
        who="organiser",
        parameters=(IF_MATCH_NEEDED,),
        body=Body(struct=EventRequest, example={"title": "Soup and Bread Night"}, patch=True),
        replies=(ok(EventView, "The event after the change.", headers=(ETAG,), shows={"version": 2}),),
        refusals=(Cancelled,),
    ),
    Call(
        method="POST",
        path=EVENT + "/publish",
        summary="Publish an event",
        words="The event needs an `organiser_name` and a `contact`. Publishing it again changes nothing.",
        who="organiser",
        parameters=(IF_MATCH,),
        replies=(ok(EventView, "The event, which is now public.", headers=(ETAG,)),),
        refusals=(Cancelled, Invalid),
    ),
    Call(
        method="POST",
        path=EVENT + "/cancel",
        summary="Cancel an event",
        words="You can't undo this. Sessions that are not over are cancelled, and we email everyone who "
        "booked them. Cancelling again changes nothing, not even the reason.",
        who="organiser",
        parameters=(IF_MATCH,),
        body=_WHY,
        replies=(ok(EventView, "The cancelled event.", headers=(ETAG,), shows=_CANCELLED),),
        refusals=(StillDraft,),
    ),
    Call(
        method="DELETE",
        path=EVENT,
        summary="Delete a draft",
        words="Deletes its sessions too, and frees its slug. You can't undo this. Tokens for the event stay "
        "in your list but open nothing.",
        who="organiser",
        parameters=(IF_MATCH_NEEDED,),
        replies=(Reply(status=204, words="The event is deleted."),),
        refusals=(NotDraft, SessionBooked),
    ),
)


def _action(
    action: str,
    summary: str,
    words: str,
    *refusals: type[Refusal],
    shows: dict[str, Any],
    body: Body | None = None,
) -> Call:
    """Return a call that changes a session as a whole."""
    return Call(
        method="POST",
        path=f"{SESSION}/{action}",
        summary=summary,
        words=words,
        who="organiser",
        parameters=(IF_MATCH,),
        body=body,
        replies=(ok(SessionView, "The session after the change.", headers=(ETAG,), shows=shows),),
        refusals=refusals,
    )


SESSION_CALLS = (
    Call(
        method="GET",
        path=SESSIONS,
        summary="List an event's sessions",
        words=_NOT_BY_SESSION,
        who="door",
        replies=(ok(SessionList, "Its sessions, the earliest first."),),
    ),
    Call(
        method="POST",
        path=SESSIONS,
        summary="Create a session",
        words="People can book it as soon as booking for the event is open.",
        who="organiser",
        parameters=(ONCE,),
        body=Body(struct=SessionRequest, example=_A_SESSION),
        replies=_created(SessionView, "The new session.", {"places_free": _A_SESSION["capacity"]}),
        refusals=(IdempotencyKeyReused, Cancelled),
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
        words="Changes everything except the capacity. We email everyone who booked if time or place "
        "changes, unless `tell` is false. We send no email for another spelling of the same place, for a "
        "first pin, or for a pin that moves less than 50 metres.",
        who="organiser",
        parameters=(IF_MATCH_NEEDED,),
        body=Body(struct=SessionChange, example={"title": "Ludlow, upstairs"}, patch=True),
        replies=(ok(SessionView, "The session after the change.", headers=(ETAG,), shows={"version": 2}),),
        refusals=(Cancelled, SessionOver),
    ),
    Call(
        method="POST",
        path=SESSION + "/capacity",
        summary="Change how many places a session has",
        words="You can't go below the number of places booked.",
        who="organiser",
        parameters=(IF_MATCH_NEEDED,),
        body=Body(struct=CapacityRequest, example={"capacity": 60}),
        replies=(ok(SessionView, "The session after the change.", headers=(ETAG,), shows={"version": 2}),),
        refusals=(Cancelled, BelowBooked),
    ),
    _action(
        "close",
        "Close booking",
        "Stops bookings until you open them again. Closing again changes nothing.",
        Cancelled,
        shows={"status": "closed", "version": 2},
    ),
    _action(
        "reopen",
        "Open booking again",
        "Reopening an open session changes nothing.",
        Cancelled,
        shows={"status": "open"},
    ),
    _action(
        "cancel",
        "Cancel a session",
        "You can't undo this. We email everyone who booked. Cancelling again changes nothing, not even the "
        "reason.",
        SessionOver,
        shows=_CANCELLED,
        body=_WHY,
    ),
    Call(
        method="DELETE",
        path=SESSION,
        summary="Delete a session",
        words="Only a session that has never been booked can be deleted. A cancelled booking counts too. You "
        "can't undo this. Tokens for the session stay in your list but open nothing.",
        who="organiser",
        parameters=(IF_MATCH_NEEDED,),
        replies=(Reply(status=204, words="The session is deleted."),),
        refusals=(SessionBooked,),
    ),
)
