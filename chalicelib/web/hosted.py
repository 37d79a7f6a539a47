"""The pages an event has without any web site of its own: its sessions, a booking form, what comes next."""

import unicodedata
from itertools import groupby

from chalice.app import Blueprint, Response
from msgspec import Struct

from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.domain.wording import When, map_url, when
from chalicelib.settings import settings
from chalicelib.store.availability import places_free_lately
from chalicelib.store.events import cached_sessions
from chalicelib.web.booking_page import empty_form_page
from chalicelib.web.lookup import published_event, session_of
from chalicelib.web.rendering import SHARED, page, refusals_as_pages
from chalicelib.web.views import (
    SessionView,
    event_page_url,
    event_view,
    moment_in_words,
    session_page_url,
    utc_now,
)

blueprint = Blueprint(__name__)


class Card(Struct, frozen=True, kw_only=True):
    """A session in the list."""

    session: Session
    view: SessionView
    when: When


class Letter(Struct, frozen=True, kw_only=True):
    """The cards whose titles begin with this letter."""

    letter: str
    cards: list[Card]


INDEXED_FROM = 20
"""With more cards than this, the page has an index of their titles."""


@blueprint.route("/book/{slug}", methods=["GET"])
@refusals_as_pages
def show_event(slug: str) -> Response:
    """Show the event and its sessions."""
    event = published_event(slug)
    sessions = cached_sessions(event.event_id)
    view = event_view(event, sessions, places_free_lately(sessions), utc_now(), settings().base_url)
    by_id = {session.session_id: session for session in sessions}
    cards = [_card(by_id[shown.session_id], shown) for shown in view.sessions]
    return page(
        "event.html",
        headers=SHARED,
        framed_by=event.allowed_origins,
        event=event,
        opens=_opens(event, cards),
        cards=cards,
        letters=_by_letter(cards) if len(cards) > INDEXED_FROM else [],
    )


@blueprint.route("/book/{slug}/{session_id}", methods=["GET"])
@refusals_as_pages
def show_form(slug: str, session_id: str) -> Response:
    """Show the form with which places in this session are booked."""
    event = published_event(slug)
    return empty_form_page(event, session_of(event, session_id), utc_now())


@blueprint.route("/book/{slug}/{session_id}/done", methods=["GET"])
@refusals_as_pages
def show_done(slug: str, session_id: str) -> Response:
    """Say what comes after a form was booked. Anybody may see this page, so it holds nothing personal."""
    event = published_event(slug)
    session = session_of(event, session_id)
    query = blueprint.current_request.query_params
    return page(
        "done.html",
        headers=SHARED,
        framed_by=event.allowed_origins,
        event=event,
        session=session,
        when=when(session),
        map_url=map_url(session),
        event_url=event_page_url(settings().base_url, event),
        page_url=session_page_url(settings().base_url, event, session),
        cancelled=query is not None and query.get("turnout") == "cancelled",
        mail_from=settings().mail_from,
    )


def _card(session: Session, view: SessionView) -> Card:
    return Card(session=session, view=view, when=when(session))


def _by_letter(cards: list[Card]) -> list[Letter]:
    """Return the cards as an index has them: É stands with E, and among equals the earlier is first."""
    ordered = sorted(cards, key=lambda card: _plain(card.session.title))
    found = groupby(ordered, key=lambda card: _plain(card.session.title)[:1].upper())
    return [Letter(letter=letter, cards=list(those)) for letter, those in found]


def _plain(title: str) -> str:
    decomposed = unicodedata.normalize("NFKD", title.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def _opens(event: Event, cards: list[Card]) -> str | None:
    if event.opens_at is None or not any(card.view.not_bookable == "not_open_yet" for card in cards):
        return None
    # An event has no zone of its own; where its sessions disagree, each page of theirs says it locally.
    zones = {card.session.zone for card in cards}
    return moment_in_words(event.opens_at, zones.pop() if len(zones) == 1 else "UTC")
