"""Asking for the email of a booking again: JSON is answered with JSON, a form with a page.

Everybody who asks gets the same answer, after the same one write. Whether there is a booking is only in the
email (actions/mail/answer_ask.py).
"""

from datetime import datetime

from chalice.app import Blueprint, Request, Response
from msgspec import Struct

from chalicelib.actions.mail.ask_again import ask_again
from chalicelib.domain import field_checks
from chalicelib.domain.booking_request import AgainRequest
from chalicelib.domain.event import Event
from chalicelib.domain.refusals import Invalid, Refusal, TooManyRequests
from chalicelib.domain.session import Session
from chalicelib.domain.validation import decode
from chalicelib.store.lately import cached_event_by_slug
from chalicelib.web.event.facts import facts_of
from chalicelib.web.event.lookup import (
    published_event,
    refusals_as_event_pages,
    require_published,
    session_of,
)
from chalicelib.web.http.cross_origin import origin_headers, preflight
from chalicelib.web.http.forms import Form, read_form, single
from chalicelib.web.http.rendering import FRESH, page
from chalicelib.web.http.replies import (
    HTTP_STATUS,
    count_refusal,
    json_reply,
    problem,
    read_json,
    refusals_as_problems,
    retry_after,
)
from chalicelib.web.http.request_id import request_id_of
from chalicelib.web.http.requests import request_of, with_headers
from chalicelib.web.http.sources import allow, network_of
from chalicelib.web.http.utc_now import utc_now
from chalicelib.web.public.booking_problems import words_of

blueprint = Blueprint(__name__)

ANSWER = "If this address has a booking here, we'll try to send its email again."


class AgainReply(Struct, frozen=True, kw_only=True):
    """What everybody hears who asks for an email again."""

    message: str


@blueprint.route("/events/{slug}/sessions/{session_id}/again", methods=["POST"])
@refusals_as_problems
def post_again(slug: str, session_id: str) -> Response:
    """Take it down that somebody wants their email again."""
    request = request_of(blueprint)
    try:
        allow(network_of(request), utc_now())
    except TooManyRequests as refusal:
        # As for bookings: it says nothing of anybody, so all sites may read it.
        return problem(refusal, {"Access-Control-Allow-Origin": "*"})
    event = cached_event_by_slug(slug)
    return with_headers(_by_json(request, event, session_id), origin_headers(request, event))


@blueprint.route("/events/{slug}/sessions/{session_id}/again", methods=["OPTIONS"])
@refusals_as_problems
def may_post_again(slug: str, session_id: str) -> Response:  # noqa: ARG001  # the path's, whatever it is
    """Tell a browser whether another site's script may ask."""
    return preflight(request_of(blueprint), cached_event_by_slug(slug), "POST")


@blueprint.route("/book/{slug}/{session_id}/again", methods=["GET"])
@refusals_as_event_pages
def show_again(slug: str, session_id: str) -> Response:
    """Show the form with which people ask."""
    event = published_event(slug)
    return _page(event, session_of(event, session_id), utc_now())


@blueprint.route(
    "/book/{slug}/{session_id}/again",
    methods=["POST"],
    content_types=["application/x-www-form-urlencoded"],
)
@refusals_as_event_pages
def ask_by_form(slug: str, session_id: str) -> Response:
    """Take it down that somebody wants their email again, and say what to do meanwhile."""
    request, now = request_of(blueprint), utc_now()
    event = published_event(slug)
    session = session_of(event, session_id)
    form: Form = {}
    try:
        form = read_form(request.raw_body)
        allow(network_of(request), now)
        _ask(request, event, session, {"email": single(form, "email")} if single(form, "email") else {})
    except Refusal as refusal:
        return _page(event, session, now, email=single(form, "email") or "", refusal=refusal)
    return _page(event, session, now, answer=ANSWER)


@refusals_as_problems
def _by_json(request: Request, event: Event | None, session_id: str) -> Response:
    event = require_published(event)
    _ask(request, event, session_of(event, session_id), read_json(request))
    return json_reply(AgainReply(message=ANSWER), status=202)


def _ask(request: Request, event: Event, session: Session, raw: object) -> None:
    wanted = decode(AgainRequest, raw, checks={"email": field_checks.mail_address})
    source, request_id = network_of(request), request_id_of(blueprint)
    ask_again(event, session, wanted.email, now=utc_now(), source=source, request_id=request_id)


def _page(
    event: Event,
    session: Session,
    now: datetime,
    *,
    answer: str = "",
    email: str = "",
    refusal: Refusal | None = None,
) -> Response:
    """Return the page with the form, with what is wrong with it, or with the answer."""
    sentence = ""
    if refusal is not None:
        count_refusal(refusal)
        sentence = words_of(refusal.errors[0]) if isinstance(refusal, Invalid) else refusal.detail
    return page(
        "public/again.html",
        status=HTTP_STATUS[type(refusal)] if refusal else 202 if answer else 200,
        headers={**FRESH, **(retry_after(refusal) if refusal else {})},
        framed_by=event.allowed_origins,
        answer=answer,
        email=email,
        over=now > session.ends_at,
        sentence=sentence,
        errors={"again-email": sentence} if isinstance(refusal, Invalid) else {},
        **facts_of(event, session, now),
    )
