"""What web sites and their visitors call: an event, and a booking in one of its sessions."""

import hashlib
import secrets

import msgspec
from chalice.app import Blueprint, Request, Response
from msgspec import Struct

from chalicelib.actions.booking.book import Booked, book
from chalicelib.domain.booking import BookingStatus
from chalicelib.domain.ids import ID_ENTROPY_BYTES, new_id, reference
from chalicelib.domain.refusals import NotFound, NotPublished, Refusal, TooManyRequests
from chalicelib.settings import settings
from chalicelib.store.availability import places_free_lately
from chalicelib.store.events import cached_event_by_slug, cached_sessions
from chalicelib.web.event.lookup import published_event, session_of
from chalicelib.web.event.views import event_view, session_page_url
from chalicelib.web.http.caching import has_tag
from chalicelib.web.http.cross_origin import origin_headers, preflight
from chalicelib.web.http.rendering import SHARED, refusals_as_pages, see_other
from chalicelib.web.http.replies import json_reply, problem, read_json, refusals_as_problems
from chalicelib.web.http.sources import admit, network_of
from chalicelib.web.http.utc_now import utc_now
from chalicelib.web.public.booking_form import (
    Form,
    booking_from_form,
    decode_booking,
    read_form,
    read_idempotency_key,
    read_return_url,
    single,
    with_outcome,
)
from chalicelib.web.public.booking_page import refused_form_page

blueprint = Blueprint(__name__)

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class BookingReply(Struct, frozen=True, kw_only=True):
    """What anybody may know of a booking just made. Names and the link to change it are in the mail only."""

    reference: str
    status: BookingStatus
    places: int
    session_id: str
    replayed: bool


@blueprint.route("/events/{slug}", methods=["GET"])
@refusals_as_problems
def get_event(slug: str) -> Response:
    """Answer with the event, its sessions, and roughly how many places are left in each."""
    request = _request()
    headers = origin_headers(request, slug)
    return _with_headers(_event_reply(request, slug), headers)


@blueprint.route("/events/{slug}", methods=["OPTIONS"])
@refusals_as_problems
def may_get_event(slug: str) -> Response:
    """Tell a browser whether another site's script may read the event."""
    return preflight(_request(), slug, "GET")


@blueprint.route(
    "/events/{slug}/sessions/{session_id}/bookings", methods=["POST"], content_types=[JSON, FORM]
)
@refusals_as_problems
def book_places(slug: str, session_id: str) -> Response:
    """Book places: JSON is answered with JSON, a form with a redirect or the form again."""
    request = _request()
    if _is_form(request):
        return _book_by_form(request, slug, session_id)
    try:
        admit(network_of(request), utc_now())
    except TooManyRequests as refusal:
        # Which sites may read our answers stands in the event, and a flood must not cost a read.
        # This one says nothing of anybody, so all may read it.
        return problem(refusal, {"Access-Control-Allow-Origin": "*"})
    headers = origin_headers(request, slug)
    return _with_headers(_book_by_json(request, slug, session_id), headers)


@blueprint.route("/events/{slug}/sessions/{session_id}/bookings", methods=["GET"])
@refusals_as_pages
def lead_to_form(slug: str, session_id: str) -> Response:
    """Lead to the form: a refused one has this address, and people copy it or press Enter in it."""
    event = published_event(slug)
    return see_other(session_page_url(settings().base_url, event, session_of(event, session_id)))


@blueprint.route("/events/{slug}/sessions/{session_id}/bookings", methods=["OPTIONS"])
@refusals_as_problems
def may_book_places(slug: str, session_id: str) -> Response:  # noqa: ARG001  # the path's, whatever it is
    """Tell a browser whether another site's script may book."""
    return preflight(_request(), slug, "POST")


@refusals_as_problems
def _event_reply(request: Request, slug: str) -> Response:
    event = published_event(slug)
    sessions = cached_sessions(event.event_id)
    view = event_view(event, sessions, places_free_lately(sessions), utc_now(), settings().base_url)
    tag = f'"{hashlib.sha256(msgspec.json.encode(view)).hexdigest()[:32]}"'
    headers = {"ETag": tag, **SHARED}
    if has_tag(request, tag):
        return Response(body="", status_code=304, headers={**headers})
    return json_reply(view, headers=headers)


@refusals_as_problems
def _book_by_json(request: Request, slug: str, session_id: str) -> Response:
    event = cached_event_by_slug(slug)
    # Without an event there is nothing to answer, and booking says that there is none.
    wanted = decode_booking(read_json(request), event.questions if event else ())
    booked = book(
        slug,
        session_id,
        wanted,
        idempotency_key=read_idempotency_key(request.headers.get("idempotency-key"), ""),
        now=utc_now(),
        booking_id=_new_booking_id(),
        source=network_of(request),
        admission=wanted.admission,
    )
    replayed = {"Idempotent-Replayed": "true"} if booked.replayed else {}
    return json_reply(_booking_reply(booked), status=201, headers=replayed)


@refusals_as_pages
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
        admit(network_of(request), utc_now())
        wanted = booking_from_form(form, event.questions)
        booked = book(
            slug,
            session_id,
            wanted,
            idempotency_key=key,
            now=utc_now(),
            booking_id=_new_booking_id(),
            source=network_of(request),
            admission=wanted.admission,
        )
    except (NotFound, NotPublished):
        # It is gone since we looked: there is no form to show again.
        raise
    except Refusal as refusal:
        return refused_form_page(
            event, session, form, refusal, utc_now(), idempotency_key=key, return_url=return_url
        )
    outcome = "cancelled" if booked.booking.status == "cancelled" else "booked"
    ours = session_page_url(settings().base_url, event, session) + "/done"
    return see_other(with_outcome(return_url or ours, outcome))


def _with_headers(response: Response, headers: dict[str, str]) -> Response:
    response.headers.update(headers)
    return response


def _booking_reply(booked: Booked) -> BookingReply:
    booking = booked.booking
    return BookingReply(
        reference=reference(booking.booking_id),
        status=booking.status,
        places=booking.places,
        session_id=booking.session_id,
        replayed=booked.replayed,
    )


def _request() -> Request:
    request = blueprint.current_request
    assert isinstance(request, Request)  # noqa: S101  # Chalice sets it before it calls a route
    return request


def _is_form(request: Request) -> bool:
    media_type: str = request.headers.get("content-type", "").partition(";")[0]
    return media_type.strip().lower() == FORM


def _new_booking_id() -> str:
    return new_id(secrets.token_bytes(ID_ENTROPY_BYTES))
