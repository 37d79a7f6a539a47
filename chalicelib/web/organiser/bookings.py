"""Who has booked a session."""

from collections import Counter
from datetime import datetime
from urllib.parse import urlencode

from chalice.app import Blueprint, Response
from msgspec import Struct

from chalicelib.actions.booking.book_on_behalf import book_on_behalf
from chalicelib.actions.booking.cancel_booking_on_behalf import cancel_booking_on_behalf
from chalicelib.actions.booking.cancel_bookings import cancel_bookings
from chalicelib.actions.booking.see_bookings import see_bookings
from chalicelib.domain.booking import Booking, require_there
from chalicelib.domain.booking_request import BookingOnBehalf
from chalicelib.domain.correction import BulkCancellation
from chalicelib.domain.ids import source_name
from chalicelib.domain.session import Session
from chalicelib.domain.validation import decode, email_by_either_name
from chalicelib.store.booking_lists import bookings_of_address, bookings_with_reference, list_bookings
from chalicelib.store.bookings import every_booking
from chalicelib.store.events import find_session
from chalicelib.store.together import find_event_and_session, find_session_and_booking
from chalicelib.web.event.urls import (
    BOOKING,
    BOOKINGS,
    SESSION,
    booking_admin_url,
    booking_named,
    session_admin_url,
)
from chalicelib.web.http.authorizer import authorizer
from chalicelib.web.http.caller import caller_of
from chalicelib.web.http.chance import new_long_id
from chalicelib.web.http.forms import read_idempotency_key
from chalicelib.web.http.replies import json_reply, read_json, refusals_as_problems
from chalicelib.web.http.request_id import request_id_of
from chalicelib.web.http.requests import query_of, replayed, request_of
from chalicelib.web.http.utc_now import utc_now
from chalicelib.web.organiser.booking_views import (
    LOOKED_AT_MAX,
    BookingView,
    MailView,
    booking_reply,
    booking_view,
    booking_views,
    has_bounced,
    looked_through,
    mail_views,
    source_of,
)
from chalicelib.web.organiser.bookings_query import BookingsQuery, read_bookings_query

blueprint = Blueprint(__name__)

SOURCES_SHOWN_MAX = 100


class SourceView(Struct, frozen=True, kw_only=True):
    """A source, which is one network, with its bookings that are not cancelled."""

    source: str
    bookings: int
    places: int
    first_at: datetime
    last_at: datetime
    bounced: int
    looked_at: int


@blueprint.route(BOOKINGS, methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_bookings(event_id: str, session_id: str) -> Response:
    """List who has booked a session: slice by slice, or found by reference or address.

    The next slice is in ``Link: rel="next"`` (RFC 8288).
    """
    session = see_bookings(caller_of(blueprint), find_session(event_id, session_id))
    asked = read_bookings_query(query_of(blueprint))
    views, cursor = _found(session, asked)
    more = {}
    if cursor is not None:
        query = {**query_of(blueprint), "limit": asked.limit, "cursor": cursor}
        url = f"{session_admin_url(event_id, session_id)}/bookings?{urlencode(query)}"
        more["Link"] = f'<{url}>; rel="next"'
    return json_reply({"bookings": views, "next_cursor": cursor}, headers=more)


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


@blueprint.route(SESSION + "/sources", methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_sources(event_id: str, session_id: str) -> Response:
    """List the networks that a session's confirmed bookings come from, those with the most places first.

    Reads all bookings: sixteen requests, and one more for each further megabyte. The emails of a thousand
    bookings are looked up, in ten requests, or twenty after a change of the session.
    """
    session = see_bookings(caller_of(blueprint), find_session(event_id, session_id))
    by_source: dict[str, list[Booking]] = {}
    places: Counter[str] = Counter()
    for booking in every_booking(session.session_id):
        if booking.status == "confirmed" and booking.source:
            by_source.setdefault(booking.source, []).append(booking)
            places[booking.source] += booking.places
    shown = {source: by_source[source] for source, _ in places.most_common(SOURCES_SHOWN_MAX)}
    looked_at = [booking for bookings in shown.values() for booking in bookings][:LOOKED_AT_MAX]
    looked = Counter(booking.source for booking in looked_at)
    mails = zip(looked_at, mail_views(session, looked_at), strict=True)
    bounced = Counter(booking.source for booking, its in mails if has_bounced(its))
    views = [
        SourceView(
            source=source_name(event_id, source),
            bookings=len(bookings),
            places=places[source],
            first_at=min(booking.created_at for booking in bookings),
            last_at=max(booking.created_at for booking in bookings),
            bounced=bounced[source],
            looked_at=looked[source],
        )
        for source, bookings in shown.items()
    ]
    return json_reply({"sources": views, "more": len(places) - len(shown)})


@blueprint.route(SESSION + "/cancel-bookings", methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_cancel_bookings(event_id: str, session_id: str) -> Response:
    """Cancel many bookings, each if it is still as the list showed it."""
    asked = decode(BulkCancellation, read_json(request_of(blueprint)))
    session = find_session(event_id, session_id)
    request_id = request_id_of(blueprint)
    return json_reply(
        cancel_bookings(caller_of(blueprint), session, asked, now=utc_now(), request_id=request_id)
    )


def _found(session: Session, asked: BookingsQuery) -> tuple[list[BookingView], str | None]:
    def wanted(booking: Booking) -> bool:
        return asked.status in (None, booking.status) and asked.source in (None, source_of(booking))

    if asked.reference is not None or asked.address is not None:
        if asked.reference is not None:
            found = bookings_with_reference(session, asked.reference)
        else:
            found = bookings_of_address(session.session_id, asked.address or "")
        views = booking_views(session, [booking for booking in found if wanted(booking)])
        return [view for view in views if view.bounced or not asked.bounced], None
    if asked.source is None and not asked.bounced:
        listed, cursor = list_bookings(
            session.session_id, limit=asked.limit, cursor=asked.cursor, status=asked.status
        )
        return booking_views(session, listed), cursor

    def pick(booking: Booking, mails: list[MailView]) -> BookingView | None:
        return booking_view(booking, mails) if has_bounced(mails) or not asked.bounced else None

    return looked_through(session, asked.limit, asked.cursor, pick, wanted)
