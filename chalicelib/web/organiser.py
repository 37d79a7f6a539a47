"""What organisers call: their events, the sessions of those, and who has booked.

Every route needs a token (web/authorizer.py) and answers with problem details when it says no.
Reads carry an ETag; a PATCH with If-Match is refused if somebody else was faster.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast
from urllib.parse import quote

from chalice.app import Blueprint, Response

from chalicelib.actions.cancel_session import cancel_session
from chalicelib.actions.change_event import change_event
from chalicelib.actions.change_session import change_session
from chalicelib.actions.close_session import close_session
from chalicelib.actions.create_event import create_event
from chalicelib.actions.create_session import create_session
from chalicelib.actions.publish_event import publish_event
from chalicelib.actions.reopen_session import reopen_session
from chalicelib.actions.resize_session import resize_session
from chalicelib.domain.event import Event
from chalicelib.domain.event_request import read_event_request
from chalicelib.domain.ids import SHORT_ID_ENTROPY_BYTES, new_id
from chalicelib.domain.organiser import Caller, Role, require_event, require_session
from chalicelib.domain.refusals import FieldError, Invalid, NotFound
from chalicelib.domain.session import Session
from chalicelib.domain.session_request import read_capacity_request, read_session_request
from chalicelib.store.availability import places_free
from chalicelib.store.bookings import list_bookings
from chalicelib.store.events import events_of, find_event, find_session, sessions_of
from chalicelib.web.authorizer import authorizer
from chalicelib.web.organiser_views import (
    booking_views,
    event_path,
    event_view,
    session_path,
    session_view,
)
from chalicelib.web.replies import (
    expected_version,
    json_reply,
    read_json,
    refusals_as_problems,
    version_tag,
)

blueprint = Blueprint(__name__)

PAGE_LENGTH = 50
PAGE_LENGTH_MAX = 100

_EVENTS = "/admin/events"
_EVENT = _EVENTS + "/{event_id}"
_SESSIONS = _EVENT + "/sessions"
_SESSION = _SESSIONS + "/{session_id}"


@blueprint.route(_EVENTS, methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_event() -> Response:
    """Create a draft of an event."""
    request = read_event_request(read_json(blueprint.current_request))
    event = create_event(_caller(), request, event_id=_new_id())
    return _event_reply(event, 201, {"Location": event_path(event.event_id)})


@blueprint.route(_EVENTS, methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_events() -> Response:
    """List the caller's events."""
    caller = _caller()
    reached = [event for event in events_of(caller.organiser_id) if caller.reaches(event.event_id)]
    return json_reply({"events": [event_view(event) for event in reached]})


@blueprint.route(_EVENT, methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_event(event_id: str) -> Response:
    """Show an event."""
    return _event_reply(require_event(_caller(), find_event(event_id), "door"))


@blueprint.route(_EVENT, methods=["PATCH"], authorizer=authorizer)
@refusals_as_problems
def patch_event(event_id: str) -> Response:
    """Change an event: a JSON merge patch (RFC 7396)."""
    request = blueprint.current_request
    return _event_reply(
        change_event(_caller(), event_id, read_json(request), expected_version=expected_version(request))
    )


@blueprint.route(_EVENT + "/publish", methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_publish(event_id: str) -> Response:
    """Make an event public."""
    return _event_reply(publish_event(_caller(), event_id))


@blueprint.route(_SESSIONS, methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_session(event_id: str) -> Response:
    """Create a session."""
    request = read_session_request(read_json(blueprint.current_request), datetime.now(UTC))
    # All that the answer takes is read before: a session made and not answered for would be made again.
    event = require_event(_caller(), find_event(event_id), "organiser")
    session = create_session(_caller(), event_id, request, session_id=_new_id())
    headers = {"Location": session_path(event_id, session.session_id), **version_tag(session.version)}
    return json_reply(session_view(event, session, session.capacity), 201, headers)


@blueprint.route(_SESSIONS, methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_sessions(event_id: str) -> Response:
    """List an event's sessions, the earliest first."""
    event = require_event(_caller(), find_event(event_id), "door")
    sessions = sessions_of(event_id)
    free = places_free(sessions)
    views = [session_view(event, session, free[session.session_id]) for session in sessions]
    return json_reply({"sessions": views})


@blueprint.route(_SESSION, methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_session(event_id: str, session_id: str) -> Response:
    """Show a session."""
    return _session_reply(_session(event_id, session_id, "door"))


@blueprint.route(_SESSION, methods=["PATCH"], authorizer=authorizer)
@refusals_as_problems
def patch_session(event_id: str, session_id: str) -> Response:
    """Change a session, but for its capacity: a JSON merge patch (RFC 7396)."""
    request = blueprint.current_request
    return _session_reply(
        change_session(
            _caller(),
            event_id,
            session_id,
            read_json(request),
            now=datetime.now(UTC),
            expected_version=expected_version(request),
        )
    )


@blueprint.route(_SESSION + "/capacity", methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_capacity(event_id: str, session_id: str) -> Response:
    """Change how many places a session has."""
    capacity = read_capacity_request(read_json(blueprint.current_request))
    return _session_reply(resize_session(_caller(), event_id, session_id, capacity))


@blueprint.route(_SESSION + "/close", methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_close(event_id: str, session_id: str) -> Response:
    """Stop a session from being booked."""
    return _session_reply(close_session(_caller(), event_id, session_id))


@blueprint.route(_SESSION + "/reopen", methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_reopen(event_id: str, session_id: str) -> Response:
    """Let a closed session be booked again."""
    return _session_reply(reopen_session(_caller(), event_id, session_id))


@blueprint.route(_SESSION + "/cancel", methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_cancel(event_id: str, session_id: str) -> Response:
    """Cancel a session for good."""
    return _session_reply(cancel_session(_caller(), event_id, session_id))


@blueprint.route(_SESSION + "/bookings", methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_bookings(event_id: str, session_id: str) -> Response:
    """List who has booked a session, page by page.

    ``?limit=`` and ``?cursor=``; the next page is in ``Link: rel="next"`` (RFC 8288).
    """
    session = _session(event_id, session_id, "host")
    asked: Mapping[str, str] = blueprint.current_request.query_params or {}
    limit = _page_length(asked.get("limit"))
    bookings, cursor = list_bookings(session.session_id, limit=limit, cursor=asked.get("cursor"))
    more = {}
    if cursor is not None:
        address = f"{session_path(event_id, session_id)}/bookings?limit={limit}&cursor={quote(cursor)}"
        more["Link"] = f'<{address}>; rel="next"'
    return json_reply({"bookings": booking_views(bookings), "next_cursor": cursor}, headers=more)


def _caller() -> Caller:
    """Return who is calling, as the authorizer told API Gateway."""
    known = blueprint.current_request.context["authorizer"]
    return Caller(
        organiser_id=known["organiser_id"],
        role=cast(Role, known["role"]),
        scope=known["scope"],
        token_id=known["token_id"],
    )


def _new_id() -> str:
    return new_id(secrets.token_bytes(SHORT_ID_ENTROPY_BYTES))


def _session(event_id: str, session_id: str, least: Role) -> Session:
    return require_session(_caller(), find_session(event_id, session_id), least)


def _event_reply(event: Event, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return json_reply(event_view(event), status, {**version_tag(event.version), **(headers or {})})


def _session_reply(session: Session) -> Response:
    event = find_event(session.event_id)
    if event is None:
        raise NotFound("There is no such event.")
    view = session_view(event, session, places_free([session])[session.session_id])
    return json_reply(view, 200, version_tag(session.version))


def _page_length(text: str | None) -> int:
    if text is None:
        return PAGE_LENGTH
    length = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not 1 <= length <= PAGE_LENGTH_MAX:
        raise Invalid([FieldError("/limit", "limit", f"A page has 1 to {PAGE_LENGTH_MAX} bookings.")])
    return length
