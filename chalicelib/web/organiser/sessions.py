"""The sessions of an organiser's event."""

from datetime import datetime

from chalice.app import Blueprint, Response

from chalicelib.actions.event.cancel_session import cancel_session
from chalicelib.actions.event.change_session import change_session
from chalicelib.actions.event.close_session import close_session
from chalicelib.actions.event.create_session import create_session
from chalicelib.actions.event.delete_session import delete_session
from chalicelib.actions.event.reopen_session import reopen_session
from chalicelib.actions.event.resize_session import resize_session
from chalicelib.actions.event.see_event import see_event
from chalicelib.actions.event.see_session import see_session
from chalicelib.domain.cancellation import read_cancellation_reason
from chalicelib.domain.event import Event
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.session import Session
from chalicelib.domain.session_request import read_capacity_request, read_session_request
from chalicelib.store.availability import places_free
from chalicelib.store.events import find_event, sessions_of
from chalicelib.store.together import find_event_and_session
from chalicelib.web.event.urls import SESSION, SESSIONS, session_admin_url
from chalicelib.web.http.authorizer import authorizer
from chalicelib.web.http.caller import caller_of
from chalicelib.web.http.chance import new_short_id
from chalicelib.web.http.forms import once_of
from chalicelib.web.http.replies import json_reply, no_content, read_json, refusals_as_problems
from chalicelib.web.http.request_id import request_id_of
from chalicelib.web.http.requests import replayed, request_of
from chalicelib.web.http.utc_now import utc_now
from chalicelib.web.organiser.versions import expected_version, required_version, version_tag
from chalicelib.web.organiser.views import session_view

blueprint = Blueprint(__name__)


@blueprint.route(SESSIONS, methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_session(event_id: str) -> Response:
    """Create a session. The header Idempotency-Key makes sending it again safe."""
    now = utc_now()
    body = read_json(request_of(blueprint))
    request, once = read_session_request(body, now), once_of(request_of(blueprint), body)
    # All that the answer takes is read before: without a key, a session made and not answered for would be
    # made again.
    event = see_event(caller_of(blueprint), find_event(event_id))
    created = create_session(caller_of(blueprint), event, request, session_id=new_short_id(), once=once)
    session = created.made
    free = places_free([session])[session.session_id] if created.replayed else session.capacity
    headers = {"Location": session_admin_url(event_id, session.session_id), **version_tag(session.version)}
    view = session_view(event, session, free, now)
    return json_reply(view, 201, {**headers, **replayed(created.replayed)})


@blueprint.route(SESSIONS, methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_sessions(event_id: str) -> Response:
    """List an event's sessions, the earliest first."""
    event = see_event(caller_of(blueprint), find_event(event_id))
    sessions = sessions_of(event_id)
    free = places_free(sessions)
    now = utc_now()
    views = [session_view(event, session, free[session.session_id], now) for session in sessions]
    return json_reply({"sessions": views})


@blueprint.route(SESSION, methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_session(event_id: str, session_id: str) -> Response:
    """Show a session."""
    event, session = find_event_and_session(event_id, session_id)
    return _reply(event, see_session(caller_of(blueprint), session), utc_now())


@blueprint.route(SESSION, methods=["PATCH"], authorizer=authorizer)
@refusals_as_problems
def patch_session(event_id: str, session_id: str) -> Response:
    """Change a session, but for its capacity: a JSON merge patch (RFC 7396). It has to come with If-Match."""
    request, now = request_of(blueprint), utc_now()
    patch, version = read_json(request), required_version(request)
    event, session = find_event_and_session(event_id, session_id)
    changed = change_session(
        caller_of(blueprint),
        session,
        patch,
        now=now,
        expected_version=version,
        request_id=request_id_of(blueprint),
    )
    return _reply(event, changed, now)


@blueprint.route(SESSION + "/capacity", methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_capacity(event_id: str, session_id: str) -> Response:
    """Change how many places a session has. It has to come with If-Match."""
    request = request_of(blueprint)
    capacity, version = read_capacity_request(read_json(request)), required_version(request)
    event, session = find_event_and_session(event_id, session_id)
    resized = resize_session(caller_of(blueprint), session, capacity, expected_version=version)
    return _reply(event, resized, utc_now())


@blueprint.route(SESSION + "/close", methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_close(event_id: str, session_id: str) -> Response:
    """Stop a session from being booked."""
    version = expected_version(request_of(blueprint))
    event, session = find_event_and_session(event_id, session_id)
    closed = close_session(caller_of(blueprint), session, expected_version=version)
    return _reply(event, closed, utc_now())


@blueprint.route(SESSION + "/reopen", methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_reopen(event_id: str, session_id: str) -> Response:
    """Let a closed session be booked again."""
    version = expected_version(request_of(blueprint))
    event, session = find_event_and_session(event_id, session_id)
    reopened = reopen_session(caller_of(blueprint), session, expected_version=version)
    return _reply(event, reopened, utc_now())


@blueprint.route(SESSION + "/cancel", methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_cancel(event_id: str, session_id: str) -> Response:
    """Cancel a session for good."""
    request, now = request_of(blueprint), utc_now()
    reason = read_cancellation_reason(read_json(request)) if request.raw_body else None
    version = expected_version(request)
    event, session = find_event_and_session(event_id, session_id)
    cancelled = cancel_session(
        caller_of(blueprint),
        session,
        now=now,
        expected_version=version,
        reason=reason,
        request_id=request_id_of(blueprint),
    )
    return _reply(event, cancelled, now)


@blueprint.route(SESSION, methods=["DELETE"], authorizer=authorizer)
@refusals_as_problems
def remove_session(event_id: str, session_id: str) -> Response:
    """Delete a session that nobody ever booked. It has to come with If-Match."""
    version = required_version(request_of(blueprint))
    event, session = find_event_and_session(event_id, session_id)
    delete_session(caller_of(blueprint), event, session, session_id, expected_version=version)
    return no_content()


def _reply(event: Event | None, session: Session, now: datetime) -> Response:
    if event is None:
        raise NotFound("This event was deleted.")
    view = session_view(event, session, places_free([session])[session.session_id], now)
    return json_reply(view, 200, version_tag(session.version))
