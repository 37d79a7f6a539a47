"""What the scripts of all sites may read of an event: its sessions, for maps."""

from collections.abc import Callable

from chalice.app import Blueprint, Request, Response

from chalicelib.store.lately import cached_sessions
from chalicelib.store.places_left import places_left
from chalicelib.web.event.lookup import published_event
from chalicelib.web.event.views import event_view
from chalicelib.web.http.cross_origin import FOR_ALL, preflight_for_all
from chalicelib.web.http.replies import refusals_as_problems
from chalicelib.web.http.requests import request_of, with_headers
from chalicelib.web.http.shared_json import shared_json
from chalicelib.web.http.utc_now import utc_now

blueprint = Blueprint(__name__)

SESSIONS = "/events/{slug}/sessions.geojson"


@blueprint.route(SESSIONS, methods=["GET"])
def get_session_features(slug: str) -> Response:
    """Answer with the event's sessions as GeoJSON."""
    return _for_all(_session_features, slug)


@blueprint.route(SESSIONS, methods=["HEAD"])
def look_at_session_features(slug: str) -> Response:
    """Answer with the headers of that."""
    answer = _for_all(_session_features, slug)
    if answer.status_code == 200:
        answer.body = ""
    return answer


@blueprint.route(SESSIONS, methods=["OPTIONS"])
def may_get_session_features(slug: str) -> Response:  # noqa: ARG001  # the path's, whatever it is
    """Tell a browser that any site's script may read them."""
    return preflight_for_all()


def _for_all(answer: Callable[[Request, str], Response], slug: str) -> Response:
    """Return this answer or why there is none, for the scripts of all sites."""
    return with_headers(refusals_as_problems(answer)(request_of(blueprint), slug), FOR_ALL)


def _session_features(request: Request, slug: str) -> Response:
    from chalicelib.web.event.geojson import session_features  # noqa: PLC0415  # nobody who books needs it

    event, now = published_event(slug), utc_now()
    sessions = cached_sessions(event.event_id)
    views = event_view(event, sessions, places_left(event.event_id, sessions, now), now).sessions
    return shared_json(request, session_features(views), {"Content-Type": "application/geo+json"})
