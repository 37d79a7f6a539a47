"""What any site may show of an event: its sessions on a map, and its counter."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from chalice.app import Blueprint, Request, Response

from chalicelib.domain.event import Event
from chalicelib.domain.refusals import NotFound
from chalicelib.store.lately import cached_sessions
from chalicelib.store.places_left import places_left
from chalicelib.web.event.lookup import published_event, refusals_as_event_pages
from chalicelib.web.event.urls import event_page_url
from chalicelib.web.event.views import event_view
from chalicelib.web.http.cross_origin import ANY_SITE, FOR_ALL, preflight_for_all
from chalicelib.web.http.rendering import shared_page
from chalicelib.web.http.replies import refusals_as_problems
from chalicelib.web.http.requests import request_of, with_headers
from chalicelib.web.http.shared_json import shared_json
from chalicelib.web.http.utc_now import utc_now

if TYPE_CHECKING:
    from chalicelib.domain.so_far import Said
    from chalicelib.web.event.counter import CounterView

blueprint = Blueprint(__name__)

SESSIONS = "/events/{slug}/sessions.geojson"
COUNTER = "/events/{slug}/counter"


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


@blueprint.route(COUNTER, methods=["GET"])
def get_counter(slug: str) -> Response:
    """Answer with the event's counter."""
    return _for_all(_counter, slug)


@blueprint.route(COUNTER, methods=["OPTIONS"])
def may_get_counter(slug: str) -> Response:  # noqa: ARG001  # the path's, whatever it is
    """Tell a browser that any site's script may read it."""
    return preflight_for_all()


@blueprint.route("/book/{slug}/counter/embed", methods=["GET"])
@refusals_as_event_pages
def show_counter(slug: str) -> Response:
    """Show the event's counter alone, in a frame of any site."""
    event, _, said = _counted(slug)
    return shared_page(
        request_of(blueprint),
        "public/counter_alone.html",
        sheet="public/counter_alone.css",
        framed_by=ANY_SITE,
        event=event,
        event_url=event_page_url(event),
        said=said,
    )


def _for_all(answer: Callable[[Request, str], Response], slug: str) -> Response:
    """Return this answer or why there is none, for the scripts of all sites."""
    return with_headers(refusals_as_problems(answer)(request_of(blueprint), slug), FOR_ALL)


def _session_features(request: Request, slug: str) -> Response:
    from chalicelib.web.event.geojson import session_features  # noqa: PLC0415  # nobody who books needs it

    event, now = published_event(slug), utc_now()
    sessions = cached_sessions(event.event_id)
    views = event_view(event, sessions, places_left(event.event_id, sessions, now), now).sessions
    return shared_json(request, session_features(views), {"Content-Type": "application/geo+json"})


def _counter(request: Request, slug: str) -> Response:
    return shared_json(request, _counted(slug)[1])


def _counted(slug: str) -> tuple[Event, "CounterView", list["Said"]]:
    from chalicelib.web.event.counter import counter_view  # noqa: PLC0415  # nobody who books needs it

    event = published_event(slug)
    if not event.counter:
        raise NotFound("The organiser does not show a counter for this event.")
    return event, *counter_view(event, cached_sessions(event.event_id), utc_now())
