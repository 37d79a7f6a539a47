"""Finding a booking in a whole event."""

from chalice.app import Blueprint, Response

from chalicelib.actions.booking.find_bookings import find_bookings
from chalicelib.domain.directory import read_search
from chalicelib.store.events import find_event
from chalicelib.web.event.urls import EVENT_BOOKINGS
from chalicelib.web.http.authorizer import authorizer
from chalicelib.web.http.caller import caller_of
from chalicelib.web.http.replies import json_reply, refusals_as_problems
from chalicelib.web.http.requests import query_of
from chalicelib.web.organiser.booking_views import found_views

blueprint = Blueprint(__name__)


@blueprint.route(EVENT_BOOKINGS, methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_found_bookings(event_id: str) -> Response:
    """Find bookings of an event by a name's beginning, an email address or a reference."""
    search = read_search(query_of(blueprint).get("q", ""))
    found = find_bookings(caller_of(blueprint), find_event(event_id), search)
    views = found_views(found.bookings)
    return json_reply({"bookings": views, "more": found.more, "being_listed": found.being_listed})
