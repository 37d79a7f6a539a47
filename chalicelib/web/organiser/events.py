"""An organiser's events."""

from chalice.app import Blueprint, Response

from chalicelib.actions.event.cancel_event import cancel_event
from chalicelib.actions.event.change_event import change_event
from chalicelib.actions.event.create_event import create_event
from chalicelib.actions.event.delete_event import delete_event
from chalicelib.actions.event.list_events import list_events
from chalicelib.actions.event.publish_event import publish_event
from chalicelib.actions.event.see_event import see_event
from chalicelib.domain.cancellation import read_cancellation_reason
from chalicelib.domain.event import Event
from chalicelib.domain.event_request import read_event_request
from chalicelib.store.events import find_event
from chalicelib.web.event.urls import EVENT, EVENTS, event_admin_url
from chalicelib.web.http.authorizer import authorizer
from chalicelib.web.http.caller import caller_of
from chalicelib.web.http.chance import new_seed, new_short_id
from chalicelib.web.http.forms import once_of
from chalicelib.web.http.replies import json_reply, no_content, read_json, refusals_as_problems
from chalicelib.web.http.request_id import request_id_of
from chalicelib.web.http.requests import replayed, request_of
from chalicelib.web.http.utc_now import utc_now
from chalicelib.web.organiser.versions import expected_version, required_version, version_tag
from chalicelib.web.organiser.views import event_view

blueprint = Blueprint(__name__)


@blueprint.route(EVENTS, methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_event() -> Response:
    """Create a draft of an event. The header Idempotency-Key makes sending it again safe."""
    body = read_json(request_of(blueprint))
    created = create_event(
        caller_of(blueprint),
        read_event_request(body),
        event_id=new_short_id(),
        line_seed=new_seed(),
        once=once_of(request_of(blueprint), body),
    )
    location = {"Location": event_admin_url(created.made.event_id)}
    return _reply(created.made, 201, {**location, **replayed(created.replayed)})


@blueprint.route(EVENTS, methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_events() -> Response:
    """List the caller's events."""
    return json_reply({"events": [event_view(event) for event in list_events(caller_of(blueprint))]})


@blueprint.route(EVENT, methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_event(event_id: str) -> Response:
    """Show an event."""
    return _reply(see_event(caller_of(blueprint), find_event(event_id)))


@blueprint.route(EVENT, methods=["PATCH"], authorizer=authorizer)
@refusals_as_problems
def patch_event(event_id: str) -> Response:
    """Change an event: a JSON merge patch (RFC 7396). It has to come with If-Match."""
    request = request_of(blueprint)
    patch, version = read_json(request), required_version(request)
    changed = change_event(
        caller_of(blueprint),
        find_event(event_id),
        patch,
        expected_version=version,
        now=utc_now(),
        line_seed=new_seed(),
    )
    return _reply(changed)


@blueprint.route(EVENT + "/publish", methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_publish(event_id: str) -> Response:
    """Make an event public."""
    version = expected_version(request_of(blueprint))
    event = find_event(event_id)
    return _reply(publish_event(caller_of(blueprint), event, expected_version=version, now=utc_now()))


@blueprint.route(EVENT + "/cancel", methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_cancel_event(event_id: str) -> Response:
    """Cancel an event for good, with all of its sessions."""
    request = request_of(blueprint)
    reason = read_cancellation_reason(read_json(request)) if request.raw_body else None
    version = expected_version(request)
    event = find_event(event_id)
    cancelled = cancel_event(
        caller_of(blueprint),
        event,
        expected_version=version,
        now=utc_now(),
        reason=reason,
        request_id=request_id_of(blueprint),
    )
    return _reply(cancelled)


@blueprint.route(EVENT, methods=["DELETE"], authorizer=authorizer)
@refusals_as_problems
def remove_event(event_id: str) -> Response:
    """Delete a draft with its sessions. It has to come with If-Match."""
    version = required_version(request_of(blueprint))
    delete_event(caller_of(blueprint), find_event(event_id), event_id, expected_version=version)
    return no_content()


def _reply(event: Event, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return json_reply(event_view(event), status, {**version_tag(event.version), **(headers or {})})
