"""The event for programs: as JSON, and its sessions as a calendar."""

import msgspec
from chalice.app import Blueprint, Request, Response

from chalicelib.domain.event import Event
from chalicelib.domain.session import WhenAndWhere, is_called_off
from chalicelib.settings import settings
from chalicelib.store.lately import cached_event_by_slug, cached_sessions
from chalicelib.store.places_left import places_left
from chalicelib.web.event.lookup import published_event, require_published
from chalicelib.web.event.urls import calendar_feed_url, session_page_url
from chalicelib.web.event.views import event_view
from chalicelib.web.http.caching import has_tag, tag_of
from chalicelib.web.http.cross_origin import origin_headers, preflight
from chalicelib.web.http.rendering import SHARED
from chalicelib.web.http.replies import refusals_as_problems
from chalicelib.web.http.requests import request_of, with_headers
from chalicelib.web.http.shared_json import shared_json
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


@blueprint.route("/events/{slug}/sessions.ics", methods=["GET"])
@refusals_as_problems
def get_calendar(slug: str) -> Response:
    """Answer with the event's sessions as a calendar to subscribe to."""
    from chalicelib.documents.sessions_feed import is_in_feed, sessions_feed  # noqa: PLC0415  # slow to import

    event, now = published_event(slug), utc_now()
    sessions = [session for session in cached_sessions(event.event_id) if is_in_feed(event, session, now)]
    shown = [
        (
            session.session_id,
            session.title,
            msgspec.convert(session, WhenAndWhere, from_attributes=True),
            is_called_off(event, session, now),
        )
        for session in sessions
    ]
    tag = tag_of((event.title, shown))
    # Weak, since the file says when it was written.
    headers: dict[str, str | list[str]] = {"ETag": f"W/{tag}", **SHARED}
    if has_tag(request_of(blueprint), tag):
        return Response(body="", status_code=304, headers=headers)
    file = sessions_feed(
        event,
        [(session, session_page_url(event, session)) for session in sessions],
        feed_url=calendar_feed_url(event),
        organiser_address=settings().mail_from,
        now=now,
    )
    headers |= {
        "Content-Type": "text/calendar; charset=utf-8; method=PUBLISH",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return Response(body=file.decode("utf-8"), headers=headers)


@refusals_as_problems
def _event_reply(request: Request, looked_for: Event | None) -> Response:
    event = require_published(looked_for)
    sessions = cached_sessions(event.event_id)
    now = utc_now()
    view = event_view(event, sessions, places_left(event.event_id, sessions, now), now)
    return shared_json(request, view)
