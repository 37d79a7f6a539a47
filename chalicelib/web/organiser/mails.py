"""Emails of a session's bookings that didn't arrive, and what can be done about them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlencode

from chalice.app import Blueprint, Response
from msgspec import Struct

from chalicelib.actions.booking.correct_address import correct_address
from chalicelib.actions.booking.see_bookings import see_bookings
from chalicelib.actions.mail.send_mail_again import send_mail_again
from chalicelib.domain.booking import Booking, BookingStatus, reference_of
from chalicelib.domain.correction import Remedy, read_correction_request, remedies
from chalicelib.domain.kinds import KINDS
from chalicelib.domain.session import Session
from chalicelib.store.bookings import find_booking_by_link
from chalicelib.store.events import find_session
from chalicelib.store.sent_mail import is_held_back
from chalicelib.store.together import find_event_session_and_booking, find_session_and_booking
from chalicelib.web.event.urls import BOOKING, SESSION, booking_admin_url, booking_named, session_admin_url
from chalicelib.web.http.authorizer import authorizer
from chalicelib.web.http.caller import caller_of
from chalicelib.web.http.chance import new_reference
from chalicelib.web.http.replies import json_reply, read_json, refusals_as_problems
from chalicelib.web.http.request_id import request_id_of
from chalicelib.web.http.requests import query_of, request_of
from chalicelib.web.http.shown import shown
from chalicelib.web.http.utc_now import utc_now
from chalicelib.web.organiser.booking_views import (
    BookingView,
    MailView,
    booking_reply,
    booking_views,
    looked_through,
)
from chalicelib.web.organiser.slices import slice_length

blueprint = Blueprint(__name__)

_STUCK = {"failed", "bounced", "complained", "suppressed"}


class BookingInTrouble(Struct, frozen=True, kw_only=True):
    """A booking with emails that did not arrive, and what you can do about it."""

    url: str
    booking_id: str
    reference: str
    status: BookingStatus
    name: str
    email: str
    address: str
    """The same as ``email``."""
    mails: list[MailView]
    remedies: tuple[Remedy, ...]


class CorrectedView(BookingView, frozen=True, kw_only=True):
    """A booking with its email address corrected. ``links_kept``: what was emailed before still works."""

    links_kept: bool


@blueprint.route(SESSION + "/mails", methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_mails(event_id: str, session_id: str) -> Response:
    """List the bookings whose emails failed, bounced, were reported as spam, were held back or have to wait.

    One call looks at a thousand bookings at most, so a slice before the last may hold less than ``limit``, or
    nothing. The last one has no ``next_cursor``.
    """
    session = see_bookings(caller_of(blueprint), find_session(event_id, session_id))
    asked = query_of(blueprint)
    limit = slice_length(asked.get("limit"))
    found, cursor = _in_trouble(session, limit, asked.get("cursor"), utc_now())
    more = {}
    if cursor is not None:
        query = urlencode({"limit": limit, "cursor": cursor})
        more["Link"] = f'<{session_admin_url(event_id, session_id)}/mails?{query}>; rel="next"'
    return json_reply({"bookings": found, "next_cursor": cursor}, headers=more)


@blueprint.route(BOOKING + "/send-again", methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_send_again(event_id: str, session_id: str, booking: str) -> Response:
    """Send a booking's confirmation or cancellation once more."""
    session, found = find_session_and_booking(event_id, booking_named(session_id, booking))
    owing = send_mail_again(
        caller_of(blueprint), session, found, now=utc_now(), request_id=request_id_of(blueprint)
    )
    return booking_reply(session, owing)


@blueprint.route(BOOKING + "/address", methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_address(event_id: str, session_id: str, booking: str) -> Response:
    """Correct a booking's email address. The booking gets a new ``url``, and the old one still works."""
    request = read_correction_request(read_json(request_of(blueprint)))
    named = booking_named(session_id, booking)
    event, session, found = find_event_session_and_booking(event_id, named)
    corrected = correct_address(
        caller_of(blueprint),
        event,
        session,
        found,
        request.email,
        new_reference=new_reference(),
        keep_links=request.keep_links,
        now=utc_now(),
        request_id=request_id_of(blueprint),
    )
    if session is None:
        raise LookupError("a booking whose session is gone")
    (view,) = booking_views(session, [corrected])
    # Looked up and not taken from the request: this may be a retry of another one.
    links_kept = find_booking_by_link(named) is not None
    return json_reply(shown(CorrectedView, view, links_kept=links_kept))


def _in_trouble(
    session: Session, limit: int, cursor: str | None, now: datetime
) -> tuple[list[BookingInTrouble], str | None]:
    def in_trouble(booking: Booking, mails: list[MailView]) -> BookingInTrouble | None:
        stuck = list(_stuck(session, booking, mails))
        return _view(session, booking, stuck, now) if stuck else None

    return looked_through(session, limit, cursor, in_trouble)


def _stuck(session: Session, booking: Booking, mails: Sequence[MailView]) -> Iterator[MailView]:
    for mail in mails:
        stuck = mail.state in _STUCK or is_held_back(mail.state, mail.reason)
        if stuck and not KINDS[mail.kind].told_since(booking, session):
            yield mail


def _view(session: Session, booking: Booking, stuck: list[MailView], now: datetime) -> BookingInTrouble:
    outcomes = [(mail.state, mail.reason) for mail in stuck]
    return shown(
        BookingInTrouble,
        booking,
        url=booking_admin_url(booking),
        email=booking.address,
        reference=reference_of(booking),
        mails=stuck,
        remedies=remedies(booking, session, outcomes, now),
    )
