"""Who has booked a session."""

from urllib.parse import quote

from chalice.app import Blueprint, Response

from chalicelib.store.bookings import list_bookings, require_booking
from chalicelib.web.authorizer import authorizer
from chalicelib.web.organiser.caller import (
    BOOKING,
    BOOKINGS,
    booking_address,
    caller_of,
    page_length,
    query_of,
    session_for,
)
from chalicelib.web.organiser.views import booking_view, session_path
from chalicelib.web.replies import json_reply, refusals_as_problems

blueprint = Blueprint(__name__)


@blueprint.route(BOOKINGS, methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_bookings(event_id: str, session_id: str) -> Response:
    """List who has booked a session, page by page.

    ``?limit=`` and ``?cursor=``; the next page is in ``Link: rel="next"`` (RFC 8288).
    """
    session = session_for(caller_of(blueprint), event_id, session_id, "host")
    asked = query_of(blueprint)
    limit = page_length(asked.get("limit"))
    bookings, cursor = list_bookings(session.session_id, limit=limit, cursor=asked.get("cursor"))
    more = {}
    if cursor is not None:
        address = f"{session_path(event_id, session_id)}/bookings?limit={limit}&cursor={quote(cursor)}"
        more["Link"] = f'<{address}>; rel="next"'
    views = [booking_view(booking) for booking in bookings]
    return json_reply({"bookings": views, "next_cursor": cursor}, headers=more)


@blueprint.route(BOOKING, methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_booking(event_id: str, session_id: str, booking: str) -> Response:
    """Show a booking, also one whose address was corrected since ``booking`` was read."""
    session_for(caller_of(blueprint), event_id, session_id, "host")
    return json_reply(booking_view(require_booking(booking_address(session_id, booking))))
