"""An event's sessions as its pages list them, the next one first."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from chalicelib.domain.event import Event, says_zone
from chalicelib.domain.session import Session
from chalicelib.domain.wording import When, moment_in_words, when
from chalicelib.store.lately import cached_sessions
from chalicelib.store.places_left import places_left
from chalicelib.web.event.views import SessionView, event_view


class Card(Struct, frozen=True, kw_only=True):
    """A session in the list."""

    session: Session
    view: SessionView
    when: When


def cards_of(event: Event, now: datetime) -> list[Card]:
    """Return a card for each of the event's sessions."""
    sessions = cached_sessions(event.event_id)
    view = event_view(event, sessions, places_left(event.event_id, sessions, now), now)
    by_id = {session.session_id: session for session in sessions}
    shown = [(by_id[session.session_id], session) for session in view.sessions]
    says = says_zone(event)
    return [Card(session=session, view=view, when=when(session, says_zone=says)) for session, view in shown]


def has_no_room(card: Card) -> bool:
    """Return whether nobody can book here any more, as far as that was seen."""
    view = card.view
    return view.over or view.not_bookable in ("cancelled", "closed") or view.places_left == "none"


def zone_of(event: Event, cards: Sequence[Card]) -> tuple[str, bool]:
    """Return the zone in which an event's own times are said, and whether its name has to be said.

    An event has none; its sessions may share one.
    """
    zones = {card.session.zone for card in cards}
    # Where they disagree, each page of theirs says it locally. Nobody takes UTC for granted.
    return (zones.pop(), says_zone(event)) if len(zones) == 1 else ("UTC", True)


def opens_in_words(event: Event, cards: Sequence[Card]) -> str | None:
    """Return when booking opens, None if it has or if that is not what keeps people from booking."""
    if event.opens_at is None or not any(card.view.not_bookable == "not_open_yet" for card in cards):
        return None
    zone, says = zone_of(event, cards)
    return moment_in_words(event.opens_at, zone, says_zone=says)
