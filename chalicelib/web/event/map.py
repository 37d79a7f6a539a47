"""The map on an event's page: sheets with outlines, and pins that lead to the list. The list has it all.

No script and nobody else's server: a sheet is an SVG, and its pins are links. Pins keep their size on every
screen, so what overlaps on a narrow one may not on a wide one. There are two sets of pins: turnout.css shows
one of them.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.countries import country_name
from chalicelib.domain.geography import Point, projected
from chalicelib.web.event.cards import Card, has_no_room
from chalicelib.web.event.near import point_of
from chalicelib.web.event.outlines import Frame, Land, land
from chalicelib.web.event.pins import Area, Side, grouped, sides_of_names
from chalicelib.web.event.sheets import Placed, around_country, sheets_for

_PINS_MIN = 2
"""A map with fewer pins than this tells nobody where to go. It would be of one place, or of none."""

_UNITS_ACROSS, _UNITS_ACROSS_BESIDE = 560, 250
"""On how fine a grid outlines are drawn."""

_TALL_FROM = 0.8
"""A sheet that is so high, in parts of its width, has its legend beside it on a wide screen."""

WIDTHS = {"tall": (280, 440), "broad": (280, 700)}
WIDTHS_BESIDE = 130, 250
"""How many pixels wide a sheet is at least, on a narrow screen and on a wide one: turnout.css sees to it."""

Room = Literal["many", "few", "none"]
_ROOMS: tuple[Room, ...] = "many", "few", "none"


class Pin(Struct, frozen=True, kw_only=True):
    """One or several sessions at one spot of a sheet."""

    left: str
    """How far from the left edge it is, in per cent of the sheet."""
    top: str
    room: Room
    """Of the one with most room."""
    cards: list[Card]
    firsts: list[Card]
    """The first one of each town."""
    side: Side | None
    """Where its town's name stands, if there is room for that."""
    names_id: str
    """Of the names under the map that the pin leads to, or "" if it leads to the list."""


class Sheet(Struct, frozen=True, kw_only=True):
    """A part of the world with its pins: those for narrow screens, and those for wide ones."""

    name: str
    """Of the country, on a sheet beside the main one."""
    mark: Area | None = None
    """Which part of it the main sheet shows: x, y, width and height. Such a sheet has no pins."""
    width: int
    height: int
    land: tuple[Land, ...]
    pins: tuple[list[Pin], list[Pin]]


class Map(Struct, frozen=True, kw_only=True):
    """The map of an event."""

    shape: Literal["tall", "broad"]
    sheets: list[Sheet]
    countries: set[str]
    """Where the sessions are."""
    on: int
    off: int
    """How many sessions are on the map, and how many are not."""
    is_rough: bool
    """Whether some pins only show the middle of a town."""
    rooms: list[Room]
    """What the legend explains."""
    has_groups: bool


def map_of(cards: Sequence[Card]) -> Map | None:
    """Return the map of these cards' sessions, or None if it would show too little."""
    found = [(card, point) for card in cards if (point := point_of(card)) is not None]
    if len({point for _, point in found}) < _PINS_MIN:
        return None
    on = [card for card, _ in found]
    placed = sheets_for([point for _, point in found])
    main = placed[0].frame
    shape: Literal["tall", "broad"] = "tall" if main.height >= _TALL_FROM * main.width else "broad"
    sheets = [_sheet(number, one, found, shape) for number, one in enumerate(placed)]
    if sum(len(sheet.pins[1]) for sheet in sheets) < _PINS_MIN:
        return None
    sheets += _overview(main, [found[number][0] for number in placed[0].numbers])
    pins = [pin for sheet in sheets for pins in sheet.pins for pin in pins]
    return Map(
        shape=shape,
        sheets=sheets,
        countries={card.view.located.country or "" for card in on},
        on=len(on),
        off=len(cards) - len(on),
        is_rough=any(card.view.located.approximate for card in on),
        rooms=[room for room in _ROOMS if any(_room(card) == room for card in on)],
        has_groups=any(len(pin.cards) > 1 for pin in pins),
    )


def _overview(main: Frame, cards: Sequence[Card]) -> list[Sheet]:
    """Return a sheet that shows where in the country the main one is, if that isn't seen on it."""
    codes = {card.view.located.country for card in cards}
    code = codes.pop() if len(codes) == 1 else None
    frame = around_country(main, code)
    if code is None or frame is None:
        return []
    scale = _UNITS_ACROSS_BESIDE / frame.width
    edges = (main.west - frame.west, frame.north - main.north, main.width, main.height)
    x, y, width, height = (round(edge * scale) for edge in edges)
    sheet = _drawn(frame, _UNITS_ACROSS_BESIDE, country_name(code), ([], []))
    return [replace(sheet, mark=(x, y, width, height))]


def _drawn(frame: Frame, width: int, name: str, pins: tuple[list[Pin], list[Pin]]) -> Sheet:
    height = round(width * frame.height / frame.width)
    return Sheet(name=name, width=width, height=height, land=land(frame, width), pins=pins)


def _sheet(number: int, placed: Placed, found: Sequence[tuple[Card, Point]], shape: str) -> Sheet:
    frame = placed.frame
    width, widths = (_UNITS_ACROSS, WIDTHS[shape]) if number == 0 else (_UNITS_ACROSS_BESIDE, WIDTHS_BESIDE)
    here = [found[place] for place in placed.numbers]
    narrow, wide = (
        _pins(here, frame, pixels, f"{number}{size}") for pixels, size in zip(widths, "nw", strict=True)
    )
    codes = {card.view.located.country for card, _ in here}
    name = country_name(codes.pop() or "") if number and len(codes) == 1 and None not in codes else ""
    return _drawn(frame, width, name, (narrow, wide))


def _pins(here: Sequence[tuple[Card, Point]], frame: Frame, pixels: int, name: str) -> list[Pin]:
    """Return the pins of a sheet that is so many pixels wide, in the order of the list."""
    scale = pixels / frame.width
    spots = [
        ((x - frame.west) * scale, (frame.north - y) * scale)
        for x, y in (projected(point) for _, point in here)
    ]
    groups = grouped(spots)
    cards = [[here[number][0] for number in group.numbers] for group in groups]
    firsts = [_first_of_each_town(those) for those in cards]
    names = [those[0].view.located.town if len(those) == 1 else "" for those in firsts]
    high = frame.height * scale
    sides = sides_of_names(groups, names, (pixels, high))
    return [
        Pin(
            left=f"{group.x / pixels:.2%}",
            top=f"{group.y / high:.2%}",
            room=min(map(_room, cards[place]), key=_ROOMS.index),
            cards=cards[place],
            firsts=firsts[place],
            side=sides[place],
            names_id="" if names[place] else f"pin-{name}{place}",
        )
        for place, group in enumerate(groups)
    ]


def _first_of_each_town(cards: Sequence[Card]) -> list[Card]:
    return list({card.view.located.town: card for card in reversed(cards)}.values())[::-1]


def _room(card: Card) -> Room:
    """Return how much room there is, in three shapes: none too where nobody can book any more."""
    if has_no_room(card):
        return "none"
    return "few" if card.view.places_left == "few" else "many"
