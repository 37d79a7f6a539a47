"""The pages an event has without any web site of its own: its sessions, a booking form, what comes next."""

from itertools import groupby

from chalice.app import Blueprint, Response
from msgspec import Struct

from chalicelib.domain.refusals import NotFound
from chalicelib.domain.titles import alphabetical
from chalicelib.web.event.cards import Card, cards_of, opens_in_words
from chalicelib.web.event.lookup import published_event, refusals_as_event_pages, session_of
from chalicelib.web.event.urls import event_page_url, opening_url
from chalicelib.web.http.cross_origin import origin_headers
from chalicelib.web.http.forms import Form
from chalicelib.web.http.rendering import FRESH, shared_page
from chalicelib.web.http.requests import query_of, request_of, with_headers
from chalicelib.web.http.utc_now import utc_now
from chalicelib.web.public.booking_page import empty_form_page
from chalicelib.web.public.done import is_cancelled_by_now, own_done_page, what_follows
from chalicelib.web.queue.join_form import join_form

blueprint = Blueprint(__name__)


class Letter(Struct, frozen=True, kw_only=True):
    """The cards whose titles begin with this letter."""

    letter: str
    cards: list[Card]


INDEXED_FROM = 20
"""With more cards than this, the page has an index of their titles."""


@blueprint.route("/book/{slug}", methods=["GET"])
@refusals_as_event_pages
def show_event(slug: str) -> Response:
    """Show the event and its sessions."""
    from chalicelib.web.event.counter import counter_view  # noqa: PLC0415  # the API's start must not load it
    from chalicelib.web.event.listing import listing_of  # noqa: PLC0415  # nor this
    from chalicelib.web.event.map import map_of  # noqa: PLC0415  # nor this
    from chalicelib.web.event.passed_on import event_passed_on  # noqa: PLC0415  # nor this

    event = published_event(slug)
    now = utc_now()
    by_time = cards_of(event, now)
    listing = listing_of(event, by_time, query_of(blueprint))
    cards = listing.cards
    is_counted = event.counter and event.status != "cancelled"
    return shared_page(
        request_of(blueprint),
        "public/event.html",
        framed_by=event.allowed_origins,
        # Which may ask nobody: where people are stays with them.
        script="public/near.js" if listing.is_wide and event.status != "cancelled" else None,
        event=event,
        event_url=event_page_url(event),
        passed_on=event_passed_on(event, by_time),
        said=counter_view(event, [card.session for card in by_time], now)[1] if is_counted else [],
        opens=opens_in_words(event, cards),
        calendar_url=opening_url(event),
        queue=join_form(event, by_time, now) if event.admission == "queue" else None,
        listing=listing,
        cards=cards,
        map=None if event.status == "cancelled" else map_of(cards),
        letters=_by_letter(cards) if len(cards) > INDEXED_FROM else [],
    )


@blueprint.route("/book/{slug}/opening.ics", methods=["GET"])
@refusals_as_event_pages
def download_opening(slug: str) -> Response:
    """Answer with the opening of booking as a calendar file."""
    from chalicelib.documents.opening import opening_entry  # noqa: PLC0415  # booking must not load icalendar

    event = published_event(slug)
    if event.opens_at is None:
        raise NotFound("This event has no opening time. You can book it already.")
    file = opening_entry(
        event.event_id,
        event.title,
        event.opens_at,
        event_page_url(event),
        utc_now(),
        in_turn=event.admission == "queue",
    )
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/calendar; charset=utf-8; method=PUBLISH",
        "Content-Disposition": f'attachment; filename="{event.slug}-opening.ics"',
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        **FRESH,
    }
    return Response(body=file.decode("utf-8"), headers=headers)


@blueprint.route("/book/{slug}/{session_id}", methods=["GET"])
@refusals_as_event_pages
def show_form(slug: str, session_id: str) -> Response:
    """Show the form with which places in this session are booked."""
    event = published_event(slug)
    sent: Form = {name: (text,) for name, text in query_of(blueprint).items()}
    return empty_form_page(event, session_of(event, session_id), sent, utc_now())


@blueprint.route("/book/{slug}/{session_id}/done", methods=["GET"])
@refusals_as_event_pages
def show_done(slug: str, session_id: str) -> Response:
    """Say what comes after a form was booked. Anybody may see this page, so it holds nothing personal.

    But for the browser that has just booked: with its link it gets a page of its own.
    """
    event = published_event(slug)
    session = session_of(event, session_id)
    request, query, now = request_of(blueprint), query_of(blueprint), utc_now()
    fresh = query.get("fresh", "")
    cancelled = query.get("turnout") == "cancelled"
    if "origin" not in request.headers:
        # So it is no script, which may read only what everybody may.
        own = own_done_page(event, session, fresh, now)
        if own is not None:
            return own
        cancelled = cancelled or is_cancelled_by_now(session, fresh)
    made = shared_page(
        request,
        "public/done.html",
        framed_by=event.allowed_origins,
        own=None,
        cancelled=cancelled,
        **what_follows(event, session, now),
    )
    # A script that sent the form is led here.
    return with_headers(made, origin_headers(request, event))


def _by_letter(cards: list[Card]) -> list[Letter]:
    """Return the cards as an index has them. Among equals the earlier is first."""
    ordered = sorted(cards, key=lambda card: alphabetical(card.session.title))
    found = groupby(ordered, key=lambda card: alphabetical(card.session.title)[:1].upper())
    return [Letter(letter=letter, cards=list(those)) for letter, those in found]
