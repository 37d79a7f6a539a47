"""Booking places: JSON is answered with JSON, a form with a page."""

from chalice.app import Blueprint, Request, Response
from msgspec import Struct

from chalicelib.actions.booking.book import Booked, book
from chalicelib.domain.booking import BookingStatus, reference_of
from chalicelib.domain.event import Event
from chalicelib.domain.links import FRESH_LASTS, sign_link
from chalicelib.domain.refusals import NotFound, Refusal, TooManyRequests
from chalicelib.domain.session import Session
from chalicelib.store.lately import cached_event_by_slug
from chalicelib.store.secrets import current_token_secret
from chalicelib.web.event.lookup import published_event, refusals_as_event_pages, session_of
from chalicelib.web.event.urls import done_page_url, fresh_page_url, session_page_url
from chalicelib.web.http.chance import new_long_id
from chalicelib.web.http.cross_origin import is_listed_script, origin_headers, preflight
from chalicelib.web.http.forms import Form, read_form, read_idempotency_key, single
from chalicelib.web.http.rendering import see_other
from chalicelib.web.http.replies import json_reply, problem, read_json, refusals_as_problems
from chalicelib.web.http.request_id import request_id_of
from chalicelib.web.http.requests import replayed, request_of, with_headers
from chalicelib.web.http.shown import shown
from chalicelib.web.http.sources import allow, network_of
from chalicelib.web.http.utc_now import utc_now
from chalicelib.web.public.booking_form import (
    Wanted,
    booking_from_form,
    read_booking,
    read_return_url,
    read_shown,
    with_outcome,
)
from chalicelib.web.public.booking_page import refused_form_page

blueprint = Blueprint(__name__)

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class BookingReply(Struct, frozen=True, kw_only=True):
    """A new booking, as anyone may see it. Names and the link to cancel are only in the email."""

    reference: str
    status: BookingStatus
    places: int
    session_id: str
    replayed: bool


@blueprint.route(
    "/events/{slug}/sessions/{session_id}/bookings", methods=["POST"], content_types=[JSON, FORM]
)
@refusals_as_problems
def book_places(slug: str, session_id: str) -> Response:
    """Book places: JSON is answered with JSON, a form with a redirect or the form again."""
    request = request_of(blueprint)
    if _is_form(request):
        return _answer_form(request, slug=slug, session_id=session_id)
    try:
        allow(network_of(request), utc_now())
    except TooManyRequests as refusal:
        # Which sites may read our answers stands in the event, and a flood must not cost a read.
        # This one says nothing of anybody, so all may read it.
        return problem(refusal, {"Access-Control-Allow-Origin": "*"})
    event = cached_event_by_slug(slug)
    headers = origin_headers(request, event)
    return with_headers(_book_by_json(request, event, session_id), headers)


@blueprint.route("/events/{slug}/sessions/{session_id}/bookings", methods=["GET"])
@refusals_as_event_pages
def lead_to_form(slug: str, session_id: str) -> Response:
    """Lead to the form: a refused one has this address, and people copy it or press Enter in it."""
    event = published_event(slug)
    return see_other(session_page_url(event, session_of(event, session_id)))


@blueprint.route("/events/{slug}/sessions/{session_id}/bookings", methods=["OPTIONS"])
@refusals_as_problems
def may_book_places(slug: str, session_id: str) -> Response:  # noqa: ARG001  # the path's, whatever it is
    """Tell a browser whether another site's script may book."""
    return preflight(request_of(blueprint), cached_event_by_slug(slug), "POST")


@refusals_as_problems
def _book_by_json(request: Request, event: Event | None, session_id: str) -> Response:
    # Without an event there is nothing to answer, but what is wrong with a field is said first.
    wanted = read_booking(read_json(request), event.questions if event else ())
    key = read_idempotency_key(request.headers.get("idempotency-key"), "")
    if event is None:
        raise NotFound("There is no event at this address. Please check the link.")
    booked = _book(request, event, session_of(event, session_id), wanted, key)
    return json_reply(_booking_reply(booked), status=201, headers=replayed(booked.replayed))


@refusals_as_event_pages
def _answer_form(request: Request, slug: str, session_id: str) -> Response:
    # A script may send a form too, and would take a booking for a failure if it couldn't read the answer.
    headers = origin_headers(request, cached_event_by_slug(slug))
    return with_headers(_book_by_form(request, slug=slug, session_id=session_id), headers)


@refusals_as_event_pages
def _book_by_form(request: Request, slug: str, session_id: str) -> Response:
    event = published_event(slug)
    session = session_of(event, session_id)
    form: Form = {}
    key = return_url = None
    try:
        form = read_form(request.raw_body)
        sent_key = single(form, "idempotency_key") or request.headers.get("idempotency-key")
        key = read_idempotency_key(sent_key, "/idempotency_key")
        return_url = read_return_url(event, form)
        allow(network_of(request), utc_now())
        wanted = booking_from_form(form, event.questions)
        booked = _book(request, event, session, wanted, key, read_shown(form, session))
    except Refusal as refusal:
        return refused_form_page(
            event, session, form, refusal, utc_now(), idempotency_key=key, return_url=return_url
        )
    by_script = is_listed_script(request, event)
    if not (booked.replayed or return_url or by_script):
        # Only the browser that has just booked sees what it sent.
        expires_at = utc_now() + FRESH_LASTS
        link = sign_link(current_token_secret(), "fresh", booked.booking.lives_at, expires_at)
        return see_other(fresh_page_url(event, session, link))
    outcome = "cancelled" if booked.booking.status == "cancelled" else "booked"
    ours = done_page_url(event, session)
    # Scripts are led to our page: most sites' pages can't be read after a redirect from another site.
    then = ours if by_script else return_url or ours
    return see_other(with_outcome(then, outcome))


def _book(
    request: Request,
    event: Event,
    session: Session,
    wanted: Wanted,
    idempotency_key: str | None,
    shown_sequence: int | None = None,
) -> Booked:
    return book(
        event,
        session,
        wanted.party,
        idempotency_key=idempotency_key,
        now=utc_now(),
        booking_id=new_long_id(),
        source=network_of(request),
        admission=wanted.admission,
        request_id=request_id_of(blueprint),
        shown=shown_sequence,
    )


def _booking_reply(booked: Booked) -> BookingReply:
    booking = booked.booking
    return shown(BookingReply, booking, reference=reference_of(booking), replayed=booked.replayed)


def _is_form(request: Request) -> bool:
    media_type: str = request.headers.get("content-type", "").partition(";")[0]
    return media_type.strip().lower() == FORM
