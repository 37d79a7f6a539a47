"""The list of an event's sessions on its page: by town or by time, or by what somebody looks for.

Whatever is looked for, the list has each session once.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import inf

from msgspec import Struct

from chalicelib.domain.countries import country_name
from chalicelib.domain.event import Event
from chalicelib.domain.geography import distance_in_words, kilometres, unit_in
from chalicelib.domain.session import free_at_least
from chalicelib.domain.titles import alphabetical
from chalicelib.web.event.cards import Card, has_no_room
from chalicelib.web.event.near import Found, are_together, looked_up, point_of


class Part(Struct, frozen=True, kw_only=True):
    """A part of the list, under its own heading if the list has several."""

    cards: list[Card]
    country: str = ""
    """Its name, where the list is by country."""
    room: int | None = None
    """Where people look for room: 0 has it, 1 may not have it, and 2 has none."""


class Listing(Struct, frozen=True, kw_only=True):
    """The list."""

    parts: list[Part]
    is_wide: bool
    """Whether the sessions are in many places, so that people look for one near them."""
    found: Found | None
    """What was looked for."""
    places: int | None
    """For how many people."""
    is_odd: bool
    """Whether that was no number of people that can book together."""
    distances: dict[str, str]
    """By session: how far it is from what was looked for."""
    spots: dict[str, str]
    """By session: latitude, longitude and the unit there, for the script. What is over has none."""

    @property
    def cards(self) -> list[Card]:
        """All cards, in the order of the list."""
        return [card for part in self.parts for card in part.cards]


def listing_of(event: Event, cards: Sequence[Card], query: Mapping[str, str]) -> Listing:
    """Return the list of these cards, which come by time, for who sends this query."""
    is_wide = _is_wide(cards)
    if is_wide:
        cards = sorted(cards, key=_by_town)
    near, typed = query.get("near", "").strip(), query.get("places", "").strip()
    places = _places(typed, event.places_per_booking_max)
    found = looked_up(near, cards) if near else None
    far = _kilometres(found, cards)
    if found and (found.own or found.spot):
        own = {card.session.session_id for card in found.own}
        cards = sorted(
            cards,
            key=lambda card: (
                card.session.session_id not in own,
                card.view.over,
                far.get(card.session.session_id, inf),
            ),
        )
    country = found.spot.country if found and found.spot else None
    return Listing(
        parts=_parts(cards, places, by_country=not far and not (found and found.own)),
        is_wide=is_wide,
        found=found,
        places=places,
        is_odd=bool(typed) and places is None,
        distances={key: distance_in_words(distance, country) for key, distance in far.items()},
        spots=_spots(cards) if is_wide else {},
    )


def _is_wide(cards: Sequence[Card]) -> bool:
    points = [point for card in cards if (point := point_of(card)) is not None]
    if len(points) > 1 and not are_together(points):
        return True
    # Talks in one house have as many titles as suppers in as many towns.
    venues = {(card.session.venue, card.session.address) for card in cards}
    return len(points) < 2 and min(len(venues), len({card.view.located.town for card in cards})) > 1


def _by_town(card: Card) -> tuple[bool, str]:
    return card.view.over, alphabetical(card.view.located.town)


def _places(typed: str, most: int) -> int | None:
    return int(typed) if typed in {str(number) for number in range(1, most + 1)} else None


def _kilometres(found: Found | None, cards: Sequence[Card]) -> dict[str, float]:
    """Return how far each session is from what was looked for, as far as both are known."""
    if found is None or found.spot is None:
        return {}
    here = found.spot.point
    return {
        card.session.session_id: kilometres(here, point)
        for card in cards
        if (point := point_of(card)) is not None
    }


def _spots(cards: Sequence[Card]) -> dict[str, str]:
    return {
        card.session.session_id: f"{point.latitude} {point.longitude} {unit_in(card.view.located.country)}"
        for card in cards
        if not card.view.over and (point := point_of(card)) is not None
    }


def _parts(cards: Sequence[Card], places: int | None, *, by_country: bool) -> list[Part]:
    if places is not None:
        rooms = {card.session.session_id: _room(card, places) for card in cards}
        ordered = sorted(cards, key=lambda card: rooms[card.session.session_id])
        by_room = groupby(ordered, key=lambda card: rooms[card.session.session_id])
        return [Part(room=room, cards=list(those)) for room, those in by_room]
    if by_country and len({card.view.located.country for card in cards}) > 1:
        ordered = sorted(cards, key=_by_country)
        return [
            Part(country=name, cards=list(those)) for (_, name), those in groupby(ordered, key=_by_country)
        ]
    return [Part(cards=list(cards))]


def _by_country(card: Card) -> tuple[bool, str]:
    code = card.view.located.country
    return code is None, country_name(code) if code else "Elsewhere"


def _room(card: Card, places: int) -> int:
    if has_no_room(card):
        return 2
    return 0 if free_at_least(card.view.places_left, card.session.capacity) >= places else 1
