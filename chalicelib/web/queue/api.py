"""An event's queue, for web sites and their visitors: see it, join it, ask for a place, be admitted."""

import hashlib
from collections.abc import Callable
from datetime import datetime

import msgspec
from chalice.app import Blueprint, Request, Response
from msgspec import Struct

from chalicelib.actions.queue.admit import admit
from chalicelib.actions.queue.join_queue import join_queue
from chalicelib.domain.admission import HeldTicket, QueueRequest
from chalicelib.domain.event import Event
from chalicelib.domain.queue import is_early, opening_of, require_queue
from chalicelib.domain.refusals import TooManyRequests
from chalicelib.domain.validation import decode
from chalicelib.store.lately import cached_event_by_slug
from chalicelib.web.event.lookup import require_published
from chalicelib.web.http import sources
from chalicelib.web.http.caching import has_tag
from chalicelib.web.http.cross_origin import origin_headers, preflight
from chalicelib.web.http.replies import json_reply, problem, read_json, refusals_as_problems
from chalicelib.web.http.requests import request_of, with_headers
from chalicelib.web.http.utc_now import utc_now
from chalicelib.web.queue.views import position_view, queue_view

blueprint = Blueprint(__name__)

QUEUE = "/events/{slug}/queue"
SHARED_SECONDS = 2
SHARED = {"Cache-Control": f"public, max-age={SHARED_SECONDS}"}
"""A queue is the same for everybody, and no reader's copy is younger (store/queues.py)."""


class JoinReply(Struct, frozen=True, kw_only=True):
    """The ticket of a person who joined the queue."""

    ticket: str
    early: bool
    opens_at: datetime


class AdmissionReply(Struct, frozen=True, kw_only=True):
    """The permission to book with the address that joined the queue."""

    admission: str
    expires_at: datetime


@blueprint.route(QUEUE, methods=["GET"])
@refusals_as_problems
def get_queue(slug: str) -> Response:
    """Answer with the queue as published, by which any reader knows what is being served."""
    request = request_of(blueprint)
    event = cached_event_by_slug(slug)
    return with_headers(_queue_reply(request, event), origin_headers(request, event))


@blueprint.route(QUEUE, methods=["POST"])
@refusals_as_problems
def post_join(slug: str) -> Response:
    """Hand out a queue ticket."""
    return _answered(slug, sources.allow, _join)


@blueprint.route(QUEUE, methods=["OPTIONS"])
@refusals_as_problems
def may_join(slug: str) -> Response:
    """Tell a browser whether another site's script may read and join the queue."""
    return preflight(request_of(blueprint), cached_event_by_slug(slug), "GET, POST")


@blueprint.route(QUEUE + "/position", methods=["POST"])
@refusals_as_problems
def post_position(slug: str) -> Response:
    """Say where the holder of a ticket stands."""
    return _answered(slug, sources.allow_waiting, _position)


@blueprint.route(QUEUE + "/position", methods=["OPTIONS"])
@refusals_as_problems
def may_ask_for_position(slug: str) -> Response:
    """Tell a browser whether another site's script may ask."""
    return preflight(request_of(blueprint), cached_event_by_slug(slug), "POST")


@blueprint.route(QUEUE + "/admission", methods=["POST"])
@refusals_as_problems
def post_admission(slug: str) -> Response:
    """Exchange a ticket that is served for an admission."""
    return _answered(slug, sources.allow_waiting, _admit)


@blueprint.route(QUEUE + "/admission", methods=["OPTIONS"])
@refusals_as_problems
def may_be_admitted(slug: str) -> Response:
    """Tell a browser whether another site's script may exchange a ticket."""
    return preflight(request_of(blueprint), cached_event_by_slug(slug), "POST")


def _answered(
    slug: str, let_in: Callable[[str, datetime], None], answer: Callable[[Request, Event | None], Response]
) -> Response:
    """Answer, unless the source sends more than people do: then nothing is read for it."""
    request = request_of(blueprint)
    try:
        let_in(sources.network_of(request), utc_now())
    except TooManyRequests as refusal:
        # As for bookings: it says nothing of anybody, so all sites may read it.
        return problem(refusal, {"Access-Control-Allow-Origin": "*"})
    event = cached_event_by_slug(slug)
    return with_headers(refusals_as_problems(answer)(request, event), origin_headers(request, event))


@refusals_as_problems
def _queue_reply(request: Request, event: Event | None) -> Response:
    view = queue_view(require_queue(event), utc_now())
    # What is being served follows from ``now``, so a person with an older answer needs this one. Within two
    # seconds, which is how old any reader's copy may be, answers say the same: a weak tag (RFC 9110, 8.8.1).
    answered = msgspec.structs.replace(view, now=_step_of(view.now))
    tag = f'"{hashlib.sha256(msgspec.json.encode(answered)).hexdigest()[:32]}"'
    headers = {"ETag": f"W/{tag}", **SHARED}
    if has_tag(request, tag):
        return Response(body="", status_code=304, headers={**headers})
    return json_reply(view, headers=headers)


def _step_of(now: datetime) -> datetime:
    return now.replace(second=now.second - now.second % SHARED_SECONDS, microsecond=0)


def _join(request: Request, event: Event | None) -> Response:
    wanted = decode(QueueRequest, read_json(request))
    found = require_queue(event)
    joined = join_queue(found, wanted.email, held=wanted.ticket, now=utc_now())
    early, opens_at = is_early(found, joined.ticket.at), opening_of(found)
    return json_reply(JoinReply(ticket=joined.text, early=early, opens_at=opens_at), status=201)


def _position(request: Request, event: Event | None) -> Response:
    held = decode(HeldTicket, read_json(request))
    return json_reply(position_view(require_published(event), held.ticket, utc_now()))


def _admit(request: Request, event: Event | None) -> Response:
    held = decode(HeldTicket, read_json(request))
    given = admit(event, held.ticket, utc_now())
    return json_reply(AdmissionReply(admission=given.text, expires_at=given.expires_at), status=201)
