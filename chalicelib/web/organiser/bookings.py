"""Who has booked a session."""

from urllib.parse import urlencode

from chalice.app import Blueprint, Response

from chalicelib.actions.booking.book_on_behalf import book_on_behalf
from chalicelib.actions.booking.cancel_booking_on_behalf import cancel_booking_on_behalf
from chalicelib.actions.booking.see_bookings import see_bookings
from chalicelib.domain.booking import Booking, BookingOnBehalf, require_there
from chalicelib.domain.session import Session
from chalicelib.domain.validation import decode, email_by_either_name
from chalicelib.store.booking_lists import bookings_of_address, bookings_with_reference, list_bookings
from chalicelib.store.events import find_session
from chalicelib.store.together import find_event_and_session, find_session_and_booking
from chalicelib.web.event.urls import BOOKING, BOOKINGS, booking_admin_url, booking_named, session_admin_url
from chalicelib.web.http.authorizer import authorizer
from chalicelib.web.http.caller import caller_of
from chalicelib.web.http.chance import new_long_id
from chalicelib.web.http.once import read_idempotency_key, replayed
from chalicelib.web.http.replies import json_reply, read_json, refusals_as_problems
from chalicelib.web.http.request_id import request_id_of
from chalicelib.web.http.requests import query_of, request_of
from chalicelib.web.http.utc_now import utc_now
from chalicelib.web.organiser.booking_views import booking_reply, booking_views
from chalicelib.web.organiser.bookings_query import BookingsQuery, read_bookings_query

blueprint = Blueprint(__name__)


@blueprint.route(BOOKINGS, methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_bookings(event_id: str, session_id: str) -> Response:
    """List who has booked a session: slice by slice, or found by reference or address.

    The next slice is in ``Link: rel="next"`` (RFC 8288).
    """
    session = see_bookings(caller_of(blueprint), find_session(event_id, session_id))
    asked = read_bookings_query(query_of(blueprint))
    bookings, cursor = _found(session, asked)
    more = {}
    if cursor is not None:
        query = {"status": asked.status, "limit": asked.limit, "cursor": cursor}
        given = urlencode({name: value for name, value in query.items() if value is not None})
        more["Link"] = f'<{session_admin_url(event_id, session_id)}/bookings?{given}>; rel="next"'
    return json_reply({"bookings": booking_views(session, bookings), "next_cursor": cursor}, headers=more)


@blueprint.route(BOOKINGS, methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_booking(event_id: str, session_id: str) -> Response:
    """Book for somebody. The header Idempotency-Key makes sending it again safe."""
    request = request_of(blueprint)
    key = read_idempotency_key(request.headers.get("idempotency-key"), "")
    wanted = decode(BookingOnBehalf, email_by_either_name(read_json(request)))
    event, session = find_event_and_session(event_id, session_id)
    booked = book_on_behalf(
        caller_of(blueprint),
        event,
        session,
        wanted,
        idempotency_key=key,
        now=utc_now(),
        booking_id=new_long_id(),
        request_id=request_id_of(blueprint),
    )
    headers = {"Location": booking_admin_url(booked.booking), **replayed(booked.replayed)}
    return booking_reply(session, booked.booking, 201, headers)


@blueprint.route(BOOKING, methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_booking(event_id: str, session_id: str, booking: str) -> Response:
    """Show a booking, also one whose address was corrected since ``booking`` was read."""
    session, found = find_session_and_booking(event_id, booking_named(session_id, booking))
    see_bookings(caller_of(blueprint), session)
    return booking_reply(session, require_there(found))


@blueprint.route(BOOKING + "/cancel", methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_cancel_booking(event_id: str, session_id: str, booking: str) -> Response:
    """Cancel a booking for its attendee."""
    session, found = find_session_and_booking(event_id, booking_named(session_id, booking))
    cancelled = cancel_booking_on_behalf(
        caller_of(blueprint), session, found, now=utc_now(), request_id=request_id_of(blueprint)
    )
    return booking_reply(session, cancelled)


def _found(session: Session, asked: BookingsQuery) -> tuple[list[Booking], str | None]:
    if asked.reference is None and asked.address is None:
        return list_bookings(session.session_id, limit=asked.limit, cursor=asked.cursor, status=asked.status)
    if asked.reference is not None:
        found = bookings_with_reference(session.session_id, asked.reference)
    else:
        found = bookings_of_address(session.session_id, asked.address or "")
    return [booking for booking in found if asked.status in (None, booking.status)], None
