"""What somebody means who looks for a town: some of the event's own sessions, or a town of the table.

What the event calls its towns, titles and venues goes first, as far as that is all that was typed. Then comes
the table of towns, and then what only some words of a session say.
"""

from collections.abc import Sequence

from msgspec import Struct

from chalicelib.domain.countries import country_name
from chalicelib.domain.directory import Search
from chalicelib.domain.geography import Point, distance_in_words, kilometres, nearest
from chalicelib.domain.located import located
from chalicelib.domain.session import Session
from chalicelib.domain.titles import one_line
from chalicelib.domain.towns import Town, town_key, towns_named
from chalicelib.web.event.cards import Card

CHARACTERS_MAX = 80
"""Of what is looked for: the rest is left out."""

_ONE_TOWN_KILOMETRES = 20
"""Sessions within this are in one place, to those who travel there."""

_NAMED_MAX = 3
"""How many sessions are named on the page of one that is sold out."""


class Spot(Struct, frozen=True):
    """From where distances are counted."""

    label: str
    country: str | None
    point: Point


class Found(Struct, frozen=True, kw_only=True):
    """What the words mean."""

    text: str
    """What was looked for, on one line."""
    own: list[Card] = []
    """The event's sessions that they name."""
    spot: Spot | None = None
    meant: list[str] = []
    """What else it may mean: each of these is the name of one place alone."""


def looked_up(typed: str, cards: Sequence[Card]) -> Found:
    """Return what this text means in an event with these cards."""
    text = one_line(typed[:CHARACTERS_MAX])
    key = town_key(text)
    if not key:
        return Found(text=text)
    towns = _towns(text, cards)
    if own := [card for card in cards if key in _names(card)]:
        return _of_own(text, own, towns)
    if len(towns) == 1:
        (town,) = towns
        return Found(text=text, spot=Spot(town.label, town.country, town.point))
    if towns:
        return Found(text=text, meant=[town.label for town in towns])
    search = Search(key)
    return _of_own(text, [card for card in cards if search.fits(_words(card))])


def point_of(card: Card) -> Point | None:
    """Return where on the map the card's session is, or None if that isn't known."""
    where = card.view.located
    if where.latitude is None or where.longitude is None:
        return None
    return Point(where.latitude, where.longitude)


def are_together(points: Sequence[Point]) -> bool:
    """Return whether these are all in one place."""
    return all(kilometres(points[0], other) <= _ONE_TOWN_KILOMETRES for other in points[1:])


def nearest_with_room(session: Session, cards: Sequence[Card]) -> list[tuple[Card, str]]:
    """Return the nearest other sessions that can be booked, each with how far it is from this one."""
    here = located(session)
    if here.point is None:
        return []
    places = [
        (card, point)
        for card in cards
        if card.session.session_id != session.session_id
        and card.view.bookable
        and card.view.places_left != "none"
        and (point := point_of(card)) is not None
    ]
    found = nearest(here.point, places)[:_NAMED_MAX]
    return [(card, distance_in_words(distance, here.country)) for card, distance in found]


def _of_own(text: str, own: list[Card], towns: Sequence[Town] = ()) -> Found:
    """Return what is meant by a text that these sessions have, and these towns."""
    found = [(card, point) for card in own if (point := point_of(card)) is not None]
    points = [point for _, point in found]
    if points and are_together(points):
        where = found[0][0].view.located
        others = [town.label for town in towns if not are_together([points[0], town.point])]
        return Found(text=text, own=own, spot=Spot(where.town, where.country, points[0]), meant=others)
    if not towns:
        return Found(text=text, own=own)
    named = dict.fromkeys(f"{card.session.title}, {card.session.venue}" for card, _ in found)
    return Found(text=text, own=own, meant=list(named))


def _towns(text: str, cards: Sequence[Card]) -> list[Town]:
    """Return the towns that may be meant: those in the event's countries, if there are any."""
    towns = towns_named(text)
    countries = {card.view.located.country for card in cards}
    return [town for town in towns if town.country in countries] or towns


def _names(card: Card) -> set[str]:
    return {town_key(name) for name in (card.view.located.town, card.session.title, card.session.venue)}


def _words(card: Card) -> str:
    where = card.view.located
    country = country_name(where.country) if where.country else ""
    return town_key(f"{card.session.title} {where.town} {card.session.venue} {country}")
