"""Which sheets show an event's sessions: a country, islands, a region or the world, and some beside it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import reduce

from msgspec import Struct

from chalicelib.domain.geography import Point, kilometres, projected
from chalicelib.web.event.outlines import Frame, countries

_WORLD = Frame(-170.0, -66.0, 190.0, 108.0)
"""Without Antarctica, and the far north that Mercator stretches."""

_ISLES = ("GB", "IE")

_FAR_KILOMETRES = 1500
_CELL_DEGREES = 3
"""Sessions this near to each other are never far apart."""

_SPREAD_DEGREES_MAX = 30
"""What fits into this is on one sheet."""

_SHEETS_MAX = 3

_SPAN_DEGREES_MIN = 1.0
_SPAN_BESIDE_DEGREES_MIN = 14.0
"""A sheet beside the main one shows enough land for people to see where that is."""

_MARGIN, _MARGIN_BESIDE = 0.07, 0.12
"""Between pins and edges, in parts of a sheet's width: more than half a pin, also on a narrow screen."""

_PART_MIN = 1 / 3
"""What takes up less of a country than this, across and up, is shown larger than with all of it."""

_SEA = 0.03
"""How much is seen around a country, in parts of it."""

HEIGHT_MIN, HEIGHT_MAX = 0.48, 1.4
"""How high a sheet is, in parts of its width."""


class Placed(Struct, frozen=True):
    """A sheet, and the numbers of the points that it shows."""

    frame: Frame
    numbers: list[int]


def sheets_for(points: Sequence[Point]) -> list[Placed]:
    """Return the sheets that show these points, each on exactly one: the one with most of them first.

    Few that are far from all others have a sheet beside the main one, which would be the world's otherwise.
    """
    around = _around(points)
    # What one country holds isn't taken apart, however large that is.
    is_whole = any(sheet.holds(around) for sheet in _sheets() if sheet != _WORLD)
    groups = [list(range(len(points)))] if is_whole else _far_apart(points)
    if len(groups) > _SHEETS_MAX or 2 * len(groups[0]) < len(points):
        groups = [list(range(len(points)))]
    main, *beside = groups
    return [
        Placed(_frame([points[number] for number in main], _MARGIN, _SPAN_DEGREES_MIN), main),
        *(
            Placed(_frame([points[number] for number in few], _MARGIN_BESIDE, _SPAN_BESIDE_DEGREES_MIN), few)
            for few in beside
        ),
    ]


def around_country(frame: Frame, code: str | None) -> Frame | None:
    """Return the frame of this country if the other shows so little of it that people ask where that is."""
    for country in countries():
        if country.code == code and country.frame.holds(frame):
            whole = _with_sea(country.frame)
            is_little = max(frame.width / whole.width, frame.height / whole.height) <= _PART_MIN
            return whole if is_little else None
    return None


def _far_apart(points: Sequence[Point]) -> list[list[int]]:
    """Return the numbers of the points in groups with a far way between any two, the largest group first."""
    around = _around(points)
    if max(around.width, around.height) <= _SPREAD_DEGREES_MAX:
        return [list(range(len(points)))]
    cells = defaultdict(list)
    for number, point in enumerate(points):
        cells[point.latitude // _CELL_DEGREES, point.longitude // _CELL_DEGREES].append(number)
    groups: list[list[list[int]]] = []
    for cell in cells.values():
        here = points[cell[0]]
        near = [
            group
            for group in groups
            if any(kilometres(points[other[0]], here) < _FAR_KILOMETRES for other in group)
        ]
        joined = [cell, *(other for group in near for other in group)]
        groups = [*(group for group in groups if group not in near), joined]
    numbers = [sorted(number for cell in group for number in cell) for group in groups]
    return sorted(numbers, key=lambda group: (-len(group), group))


def _frame(points: Sequence[Point], margin: float, span_min: float) -> Frame:
    """Return what a sheet of these points shows: a whole country if they are all over it."""
    around = _around(points)
    whole = [
        sheet
        for sheet in _sheets()
        if sheet.holds(around)
        and (around.width >= _PART_MIN * sheet.width or around.height >= _PART_MIN * sheet.height)
    ]
    shown = min(whole, key=lambda sheet: sheet.width * sheet.height, default=None)
    if shown is None:
        short = [max(0.0, span_min - span) / 2 for span in (around.width, around.height)]
        shown = _grown(around, *short)
    # So large that it is still a margin when it has widened the sheet.
    grown = margin / (1 - 2 * margin) * max(shown.width, shown.height / HEIGHT_MAX)
    return _shaped(_both(shown, _grown(around, grown, grown)))


def _sheets() -> Iterator[Frame]:
    yield _WORLD
    wholes = {country.code: _with_sea(country.frame) for country in countries()}
    yield reduce(_both, (wholes[code] for code in _ISLES))
    yield from wholes.values()


def _with_sea(frame: Frame) -> Frame:
    sea = _SEA * max(frame.width, frame.height)
    return _grown(frame, sea, sea)


def _around(points: Sequence[Point]) -> Frame:
    spots = [projected(point) for point in points]
    across, up = [spot[0] for spot in spots], [spot[1] for spot in spots]
    return Frame(min(across), min(up), max(across), max(up))


def _both(one: Frame, other: Frame) -> Frame:
    return Frame(
        min(one.west, other.west),
        min(one.south, other.south),
        max(one.east, other.east),
        max(one.north, other.north),
    )


def _grown(frame: Frame, wider: float, higher: float) -> Frame:
    return Frame(frame.west - wider, frame.south - higher, frame.east + wider, frame.north + higher)


def _shaped(frame: Frame) -> Frame:
    """Return the frame, higher or wider where it is too long for a page."""
    wider = max(0.0, frame.height / HEIGHT_MAX - frame.width) / 2
    higher = max(0.0, frame.width * HEIGHT_MIN - frame.height) / 2
    return _grown(frame, wider, higher)
