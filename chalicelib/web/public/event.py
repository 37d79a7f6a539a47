"""The event, as JSON."""

import hashlib

import msgspec
from chalice.app import Blueprint, Request, Response

from chalicelib.domain.event import Event
from chalicelib.store.lately import cached_event_by_slug, cached_sessions
from chalicelib.store.places_left import places_left
from chalicelib.web.event.lookup import require_published
from chalicelib.web.event.views import event_view
from chalicelib.web.http.caching import has_tag
from chalicelib.web.http.cross_origin import origin_headers, preflight
from chalicelib.web.http.rendering import SHARED
from chalicelib.web.http.replies import json_reply, refusals_as_problems
from chalicelib.web.http.requests import request_of, with_headers
from chalicelib.web.http.utc_now import utc_now

blueprint = Blueprint(__name__)


@blueprint.route("/events/{slug}", methods=["GET"])
@refusals_as_problems
def get_event(slug: str) -> Response:
    """Answer with the event, its sessions, and roughly how many places are left in each."""
    request = request_of(blueprint)
    event = cached_event_by_slug(slug)
    return with_headers(_event_reply(request, event), origin_headers(request, event))


@blueprint.route("/events/{slug}", methods=["OPTIONS"])
@refusals_as_problems
def may_get_event(slug: str) -> Response:
    """Tell a browser whether another site's script may read the event."""
    return preflight(request_of(blueprint), cached_event_by_slug(slug), "GET")


@refusals_as_problems
def _event_reply(request: Request, looked_for: Event | None) -> Response:
    event = require_published(looked_for)
    sessions = cached_sessions(event.event_id)
    now = utc_now()
    view = event_view(event, sessions, places_left(event.event_id, sessions, now), now)
    tag = f'"{hashlib.sha256(msgspec.json.encode(view)).hexdigest()[:32]}"'
    headers = {"ETag": tag, **SHARED}
    if has_tag(request, tag):
        return Response(body="", status_code=304, headers={**headers})
    return json_reply(view, headers=headers)
