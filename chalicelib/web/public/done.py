"""What the browser that has just booked sees of its booking, and how it corrects a mistyped address.

Its link is in the address of the page: signed, good for 15 minutes, and in no email. It opens the booking
only where that was booked. Once the booking has left, the page says so, and nothing of what becomes of it:
that is told to the right address alone, and is the same whether or not that one had a booking.
"""

from datetime import datetime
from typing import Any

from chalice.app import Blueprint, Response
from msgspec import Struct

from chalicelib.actions.booking.correct_own_address import correct_own_address
from chalicelib.domain.booking import Booking, reference_of, require_there
from chalicelib.domain.correction import is_correctable
from chalicelib.domain.event import Event
from chalicelib.domain.field_checks import mail_address
from chalicelib.domain.likely_address import likely_address
from chalicelib.domain.links import BookingAddress, booking_of_link, read_link
from chalicelib.domain.refusals import Invalid, LinkExpired, NotFound, Refusal
from chalicelib.domain.session import Session
from chalicelib.settings import settings
from chalicelib.store.bookings import find_booking
from chalicelib.store.secrets import token_secrets
from chalicelib.web.event.facts import facts_of
from chalicelib.web.event.lookup import published_event, refusals_as_event_pages, session_of
from chalicelib.web.event.urls import (
    done_page_url,
    fresh_page_url,
)
from chalicelib.web.http.chance import new_reference
from chalicelib.web.http.forms import read_form, single
from chalicelib.web.http.rendering import PRIVATE, WayOn, page, refusal_page, see_other
from chalicelib.web.http.replies import HTTP_STATUS, count_refusal
from chalicelib.web.http.request_id import request_id_of
from chalicelib.web.http.requests import request_of
from chalicelib.web.http.sources import allow, network_of
from chalicelib.web.http.utc_now import utc_now

blueprint = Blueprint(__name__)

FORM = "application/x-www-form-urlencoded"


class Own(Struct, frozen=True, kw_only=True):
    """What only the browser that has just booked sees. A refused correction has ``typed`` and ``error``."""

    booking: Booking
    reference: str
    address: str
    """Where the mail goes; "" if somebody else changed that."""
    meant: str | None
    may_correct: bool
    correct_url: str
    fresh: str
    typed: str | None
    error: str | None


def what_follows(event: Event, session: Session, now: datetime) -> dict[str, Any]:
    """Return what the page says to everybody."""
    return {**facts_of(event, session, now), "mail_from": settings().mail_from}


def own_done_page(event: Event, session: Session, fresh: str, now: datetime) -> Response | None:
    """Return the page for the browser that has just booked; None if this is no such link, or not any more."""
    try:
        booking = _booking_of(session, fresh, now)
    except (NotFound, LinkExpired):
        return None
    return _own_page(event, session, booking, fresh, now)


def is_cancelled_by_now(session: Session, fresh: str) -> bool:
    """Return whether this link's booking was cancelled. The link may have expired: phones keep pages open."""
    at = booking_of_link(token_secrets(), "fresh", fresh)
    booking = _found_at(session, at) if at else None
    return booking is not None and booking.status == "cancelled"


@blueprint.route("/book/{slug}/{session_id}/done/correct", methods=["POST"], content_types=[FORM])
@refusals_as_event_pages
def correct(slug: str, session_id: str) -> Response:
    """Correct the address of the booking that this browser has just made."""
    event = published_event(slug)
    session = session_of(event, session_id)
    request, now = request_of(blueprint), utc_now()
    allow(network_of(request), now)
    form = read_form(request.raw_body)
    fresh, typed = single(form, "fresh") or "", single(form, "email") or ""
    try:
        booking = _booking_of(session, fresh, now)
    except LinkExpired as expired:
        detail = "You can correct it in the 15 minutes after you book. Please ask the organiser to change it."
        raise LinkExpired(detail) from expired
    try:
        correct_own_address(
            event,
            session,
            booking,
            mail_address(typed, "/email"),
            now=now,
            new_reference=new_reference(),
            source=network_of(request),
            request_id=request_id_of(blueprint),
        )
    except Invalid as refusal:
        return _own_page(event, session, booking, fresh, now, typed, refusal)
    except Refusal as refusal:
        way_on = WayOn(fresh_page_url(event, session, fresh), "Back to your booking")
        return refusal_page(refusal, way_on, event=event)
    return see_other(fresh_page_url(event, session, fresh))


@blueprint.route("/book/{slug}/{session_id}/done/correct", methods=["GET"])
@refusals_as_event_pages
def lead_to_done(slug: str, session_id: str) -> Response:
    """Lead to the page after booking: a refused form has this address, and people press Enter in it."""
    event = published_event(slug)
    return see_other(done_page_url(event, session_of(event, session_id)))


def _booking_of(session: Session, fresh: str, now: datetime) -> Booking:
    """Return what is where this link's booking was booked. Raises NotFound or LinkExpired."""
    return require_there(_found_at(session, read_link(token_secrets(), "fresh", fresh, now)))


def _found_at(session: Session, at: BookingAddress) -> Booking | None:
    found = find_booking(session.session_id, at.key) if at.session_id == session.session_id else None
    return found if found and found.booking_id == at.booking_id else None


def _own_page(
    event: Event,
    session: Session,
    booking: Booking,
    fresh: str,
    now: datetime,
    typed: str | None = None,
    refusal: Invalid | None = None,
) -> Response:
    address = booking.address
    if booking.corrected and booking.moved_to:
        # Whatever is there has the address that was typed here, or none.
        there = find_booking(booking.session_id, booking.moved_to)
        address = there.address if there else ""
    if refusal:
        count_refusal(refusal)
    own = Own(
        booking=booking,
        reference=reference_of(booking),
        address=address,
        meant=likely_address(address),
        may_correct=is_correctable(booking),
        correct_url=f"{done_page_url(event, session)}/correct",
        fresh=fresh,
        typed=typed,
        error=refusal.errors[0].detail if refusal else None,
    )
    return page(
        "public/done.html",
        status=HTTP_STATUS[Invalid] if refusal else 200,
        headers=PRIVATE,
        framed_by=event.allowed_origins,
        own=own,
        cancelled=booking.status == "cancelled",
        **what_follows(event, session, now),
    )
