"""The pages of an event's queue: joining it, and one's own place in it.

A place's address is what holds it, so it is kept secret: no referrer, kept by no cache, found by no search
engine. It says nothing of who holds it either. The page works by looking again in regular intervals. Where
scripts run, one reads the published queue instead: that is the same for everybody, and an edge may keep it.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from chalice.app import Blueprint, Response
from msgspec.structs import replace

from chalicelib.actions.queue.admit import admit
from chalicelib.actions.queue.join_queue import join_queue
from chalicelib.domain.admission import AdmissionGiven
from chalicelib.domain.admission_refusals import NoQueue, NotYourTurn
from chalicelib.domain.attendee import BadAddress, normalise_address
from chalicelib.domain.event import Event
from chalicelib.domain.likely_address import likely_address
from chalicelib.domain.refusals import Cancelled, Closed, Invalid, NotFound, Refusal, SoldOut
from chalicelib.domain.wording import ahead_in_words, clock_in_words, estimate_in_words, moment_in_words
from chalicelib.web.event.cards import cards_of, opens_in_words, zone_of
from chalicelib.web.event.lookup import published_event, refusals_as_event_pages
from chalicelib.web.event.urls import event_page_url, opening_url, place_url, queue_url
from chalicelib.web.http import sources
from chalicelib.web.http.forms import Form, read_form, single
from chalicelib.web.http.rendering import PRIVATE, WayOn, page, refusal_page, see_other
from chalicelib.web.http.replies import HTTP_STATUS, count_refusal, retry_after
from chalicelib.web.http.requests import query_of, request_of
from chalicelib.web.http.utc_now import utc_now
from chalicelib.web.queue.join_form import ADMISSION_MINUTES, join_form
from chalicelib.web.queue.views import PositionView, looks_again_in_seconds, position_view

blueprint = Blueprint(__name__)


@blueprint.route("/book/{slug}/queue", methods=["POST"], content_types=["application/x-www-form-urlencoded"])
@refusals_as_event_pages
def join(slug: str) -> Response:
    """Let somebody join the queue, and send them to their place in it."""
    event = published_event(slug)
    request = request_of(blueprint)
    form: Form = {}
    try:
        form = read_form(request.raw_body)
        now = utc_now()
        sources.allow(sources.network_of(request), now)
        held = single(form, "queue_ticket")
        if meant := _likely_meant(form):
            return _form_page(event, single(form, "email") or "", status=422, meant=meant)
        joined = join_queue(event, single(form, "email") or "", held=held, now=now)
    except NoQueue:
        return see_other(event_page_url(event))
    except Refusal as refusal:
        return _refused_page(event, single(form, "email") or "", refusal)
    return see_other(place_url(event, joined.text))


@blueprint.route("/book/{slug}/queue", methods=["GET"])
@refusals_as_event_pages
def lead_to_queue(slug: str) -> Response:
    """Lead to where the queue is joined: a refused form has this address, and people press Enter in it."""
    return see_other(event_page_url(published_event(slug)) + "#queue")


@blueprint.route("/book/{slug}/queue/{ticket}", methods=["GET"])
@refusals_as_event_pages
def show_place(slug: str, ticket: str) -> Response:
    """Show somebody their place in the queue, and the sessions once it is their turn."""
    event = published_event(slug)
    now = utc_now()
    try:
        place, given = _place_and_admission(event, ticket, now)
    except (NotFound, Closed, Cancelled) as refusal:
        return refusal_page(refusal, WayOn(event_page_url(event), "Go to the event page"), event=event)
    cards = cards_of(event, now)
    stands_still = query_of(blueprint).get("refresh") == "off"
    zone, says = zone_of(event, cards)
    held = {"admission": given.text, "queue_ticket": ticket} if given else {}
    return page(
        "queue/place.html",
        headers=PRIVATE,
        framed_by=event.allowed_origins,
        script="queue/queue.js" if place.state == "waiting" else None,
        event=event,
        place=place,
        place_url=place_url(event, ticket),
        event_url=event_page_url(event),
        queue_url=queue_url(event),
        calendar_url=opening_url(event),
        now_milliseconds=int(now.timestamp() * 1000),
        ahead=ahead_in_words(place.ahead or 0),
        estimate=estimate_in_words(place.estimate_seconds),
        opens=moment_in_words(place.opens_at, zone, says_zone=says) if place.opens_at else None,
        bookable=any(card.view.bookable for card in cards),
        opens_for_all=opens_in_words(event, cards),
        until=clock_in_words(given.expires_at, zone, says_zone=says) if given else None,
        minutes=ADMISSION_MINUTES,
        cards=cards,
        query="?" + urlencode(held),
        looks_again_seconds=None if stands_still else looks_again_in_seconds(place, ticket, now),
    )


def _place_and_admission(
    event: Event, ticket: str, now: datetime
) -> tuple[PositionView, AdmissionGiven | None]:
    """Return somebody's place, and the admission if it is their turn.

    Between looking and admitting, what both go by may be read anew and differ: then that is their place.
    """
    place = position_view(event, ticket, now)
    if place.state != "served":
        return place, None
    try:
        return place, admit(event, ticket, now)
    except NotYourTurn as refusal:
        number, serving = refusal.facts["number"], refusal.facts["serving"]
        return replace(
            place,
            state="waiting",
            number=number,
            serving=serving,
            ahead=max(0, number - serving),
            estimate_seconds=refusal.facts.get("estimate_seconds"),
            ask_again_seconds=refusal.retry_after_seconds,
        ), None
    except SoldOut:
        return replace(place, state="sold_out", estimate_seconds=None), None
    except NoQueue:
        return replace(place, state="open"), None


def _likely_meant(form: Form) -> str | None:
    """Return the address that was likely meant, if the one typed looks mistyped and was not looked at again.

    In the queue nobody sees their address any more, and who got it wrong can't book with the right one.
    """
    typed = single(form, "email") or ""
    try:
        return None if typed == single(form, "looked_at") else likely_address(normalise_address(typed))
    except BadAddress:
        return None


def _refused_page(event: Event, email: str, refusal: Refusal) -> Response:
    """Return the form with what was typed, and what is wrong with it."""
    count_refusal(refusal)
    errors: dict[str, str] = {}
    sentence = refusal.detail
    if isinstance(refusal, Invalid):
        sentence = refusal.errors[0].detail if email else "Please enter your email address."
        errors = {"email": sentence}
    status = HTTP_STATUS[type(refusal)]
    return _form_page(event, email, status=status, sentence=sentence, errors=errors, **retry_after(refusal))


def _form_page(
    event: Event,
    email: str,
    *,
    status: int,
    meant: str | None = None,
    sentence: str = "",
    errors: Mapping[str, str] | None = None,
    **headers: str,
) -> Response:
    now = utc_now()
    return page(
        "queue/join.html",
        status=status,
        headers={**PRIVATE, **headers},
        framed_by=event.allowed_origins,
        event=event,
        event_url=event_page_url(event),
        sentence=sentence,
        queue=join_form(event, cards_of(event, now), now, email=email, meant=meant, errors=errors),
    )
