"""Outlines of countries, from Natural Earth as world-atlas has it, for chalicelib/web/event/outlines.py.

They are projected by Mercator's formula, and each line is simplified by itself: so neighbours, which share
their border, still share it. Great Britain and Ireland are finer than the rest.
"""

import heapq
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from math import cosh, inf, radians

from msgspec import Struct

from chalicelib.domain.geography import Point, projected
from infra.local.npm import unpacked
from infra.maps import geonames

_PACKAGE = "world-atlas@2.0.2"

_STEPS_PER_DEGREE = 100
"""The grid on which the outlines are written down."""

_SMALLEST = 0.03
_SMALLEST_HERE = 0.00006
"""In square degrees: corners and islands that are smaller than this are left out."""

_HERE = {"GB", "IE", "IM", "GG", "JE"}
_LEFT_OUT = {"AQ"}
_BESIDE_DEGREES_MAX = 0.6
"""An island that is so near to the rest of its country is part of what its sheet shows."""

_PART_MIN = 0.001
"""An island that is smaller than this part of its country says nothing of what the sheet shows."""

Spot = tuple[float, float]


class Atlas(Struct, frozen=True):
    """One of world-atlas' files: each country's rings of arcs, and the arcs' points, projected."""

    rings: dict[str, list[tuple[int, ...]]]
    arcs: list[list[Spot]]


def table() -> str:
    """Return the text of all outlines.

    A line for each country: its code, the box that its sheet shows, and its rings. A ring is the numbers of
    its arcs, ~n for arc n from its end. After an empty line, a line for each arc: _encoded says how.
    """
    lines: list[str] = []
    arcs: list[str] = []
    here, elsewhere = _atlas("countries-10m"), _atlas("countries-50m")
    _write(here, sorted(_HERE), _SMALLEST_HERE, lines, arcs)
    _write(elsewhere, sorted(elsewhere.rings.keys() - _HERE - _LEFT_OUT), _SMALLEST, lines, arcs)
    return "\n".join([*lines, "", *arcs, ""])


def _write(atlas: Atlas, codes: list[str], smallest: float, lines: list[str], arcs: list[str]) -> None:
    numbers: dict[int, int] = {}
    for country in codes:
        rings = _large_enough(atlas, atlas.rings[country], smallest)
        for arc in (_number(arc) for ring in rings for arc in ring):
            if arc not in numbers:
                numbers[arc] = len(arcs)
                arcs.append(_encoded(_simplified(atlas.arcs[arc], smallest)))
        renumbered = [
            [numbers[arc] if arc >= 0 else ~numbers[_number(arc)] for arc in ring] for ring in rings
        ]
        written = " ".join(",".join(map(str, ring)) for ring in renumbered)
        box = " ".join(str(round(edge * _STEPS_PER_DEGREE)) for edge in _shown(atlas, rings))
        lines.append(f"{country}\t{box}\t{written}")


@cache
def _atlas(file: str) -> Atlas:
    read = json.loads((unpacked(_PACKAGE) / f"{file}.json").read_text(encoding="utf-8"))
    (east, north), (west, south) = read["transform"]["scale"], read["transform"]["translate"]
    arcs: list[list[Spot]] = []
    for arc in read["arcs"]:
        x = y = 0
        spots = []
        for step in arc:
            x, y = x + step[0], y + step[1]
            spots.append(projected(Point(max(-85.0, min(85.0, y * north + south)), x * east + west)))
        arcs.append(_unbroken(spots))
    codes = {country["isonumeric"]: code for code, country in geonames.countries().items()}
    rings: defaultdict[str, list[tuple[int, ...]]] = defaultdict(list)
    for shape in read["objects"]["countries"]["geometries"]:
        # Of lands that have no code, some are claimed by several: they are drawn, and called nothing.
        code = codes.get(int(shape.get("id", 0)), "XK" if shape["properties"]["name"] == "Kosovo" else "--")
        polygons = shape.get("arcs", [])
        for polygon in polygons if shape["type"] == "MultiPolygon" else [polygons]:
            rings[code] += [tuple(ring) for ring in polygon]
    return Atlas(rings, arcs)


def _unbroken(spots: list[Spot]) -> list[Spot]:
    """Return a line that goes on beyond the date line, and doesn't come back on the other side of the map."""
    turns, lasts = 0, [spots[0], *spots]
    gone_on = []
    for (x, y), last in zip(spots, lasts, strict=False):
        turns += (last[0] - x > 180) - (x - last[0] > 180)
        gone_on.append((x + 360 * turns, y))
    return gone_on


def _number(arc: int) -> int:
    return arc if arc >= 0 else ~arc


def _ring(atlas: Atlas, ring: Sequence[int]) -> list[Spot]:
    return [spot for arc in ring for spot in atlas.arcs[_number(arc)][:: 1 if arc >= 0 else -1]]


def _large_enough(atlas: Atlas, rings: list[tuple[int, ...]], smallest: float) -> list[tuple[int, ...]]:
    """Return the rings that are worth drawing, the largest first. Of a country the largest always is."""
    by_size = sorted(rings, key=lambda ring: -_area(_ring(atlas, ring)))
    return by_size[:1] + [ring for ring in by_size[1:] if _area(_ring(atlas, ring)) >= 2 * smallest]


def _area(spots: Sequence[Spot]) -> float:
    """Return the area as it is on the globe, and not as Mercator stretches it towards the poles."""
    around = zip(spots, [*spots[1:], spots[0]], strict=True)
    projected_area = abs(sum(one[0] * other[1] - other[0] * one[1] for one, other in around)) / 2
    return projected_area / cosh(radians(spots[0][1])) ** 2


def _shown(atlas: Atlas, rings: list[tuple[int, ...]]) -> tuple[float, float, float, float]:
    """Return the box of the largest ring and of those near it: of France, it leaves Guiana out."""
    outlines = [_ring(atlas, ring) for ring in rings]
    boxes = [_box(outline) for outline in outlines if _area(outline) >= _PART_MIN * _area(outlines[0])]
    west, south, east, north = boxes[0]
    for one in [*boxes[1:], *boxes[1:]]:
        gap = max(one[0] - east, west - one[2], one[1] - north, south - one[3])
        if gap <= _BESIDE_DEGREES_MAX:
            west, south = min(west, one[0]), min(south, one[1])
            east, north = max(east, one[2]), max(north, one[3])
    return west, south, east, north


def _box(spots: Sequence[Spot]) -> tuple[float, float, float, float]:
    across, up = [spot[0] for spot in spots], [spot[1] for spot in spots]
    return min(across), min(up), max(across), max(up)


def _simplified(spots: list[Spot], smallest: float) -> list[Spot]:
    """Return the line without the corners that matter least, by Visvalingam's rule: the triangle's area.

    Of an island four corners stay, however small it is.
    """
    before, after = list(range(-1, len(spots) - 1)), list(range(1, len(spots) + 1))
    kept_min = 5 if spots[0] == spots[-1] else 2
    sizes = [inf, *(_area(spots[place - 1 : place + 2]) for place in range(1, len(spots) - 1)), inf]
    heap = [(size, place) for place, size in enumerate(sizes)]
    heapq.heapify(heap)
    gone: set[int] = set()
    while heap and len(spots) - len(gone) > kept_min:
        size, place = heapq.heappop(heap)
        if size >= smallest:
            break
        if place in gone or size != sizes[place]:
            continue
        gone.add(place)
        after[before[place]], before[after[place]] = after[place], before[place]
        for beside in (before[place], after[place]):
            if 0 < beside < len(spots) - 1:
                corner = (spots[before[beside]], spots[beside], spots[after[beside]])
                # It never matters less than what went before it.
                sizes[beside] = max(size, _area(corner))
                heapq.heappush(heap, (sizes[beside], beside))
    return [spot for place, spot in enumerate(spots) if place not in gone]


def _encoded(spots: list[Spot]) -> str:
    """Return the points on the grid, each as its difference from the last, in five bits a character."""
    x = y = 0
    written = []
    for spot in spots:
        across, up = (round(part * _STEPS_PER_DEGREE) for part in spot)
        written += [*_fives(across - x), *_fives(up - y)]
        x, y = across, up
    return "".join(written)


def _fives(number: int) -> Iterator[str]:
    left = number << 1 if number >= 0 else ~(number << 1)
    while left >= 0x20:
        yield chr((0x20 | (left & 0x1F)) + 63)
        left >>= 5
    yield chr(left + 63)
