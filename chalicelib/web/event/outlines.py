"""The outlines of countries, as paths of an SVG. `python -m infra map` makes them: infra/maps/outlines.py."""

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

from msgspec import Struct

from chalicelib.domain.countries import DATA

Spot = tuple[float, float]
"""How far east and north, in degrees at the equator: domain.geography.projected."""

_STEPS_PER_DEGREE = 100

_BEYOND = 0.5
"""How much of the land beyond a frame's edges is drawn, in parts of the frame: lines end out of sight."""

_STEP_MAX = 1
"""A corner no more units than this from the last one isn't seen."""

_CORNERS_MIN = 3


class Frame(Struct, frozen=True):
    """What a sheet shows, on Mercator's map."""

    west: float
    south: float
    east: float
    north: float

    @property
    def width(self) -> float:
        """How wide it is, in degrees at the equator."""
        return self.east - self.west

    @property
    def height(self) -> float:
        """How high it is, in the same degrees."""
        return self.north - self.south

    def holds(self, other: "Frame") -> bool:
        """Return whether all of the other is in this one."""
        across = self.west <= other.west and other.east <= self.east
        return across and self.south <= other.south and other.north <= self.north


class Country(Struct, frozen=True):
    """A country, or land that is called nothing here ("--")."""

    code: str
    frame: Frame
    """Its main part, with the islands beside that."""
    rings: list[list[Spot]]


class Land(Struct, frozen=True):
    """What is seen of a country on a sheet."""

    code: str
    path: str


@cache
def countries() -> tuple[Country, ...]:
    """Return all countries. They are read and unpacked once in a process."""
    head, _, tail = (DATA / "outlines.txt").read_text(encoding="ascii").partition("\n\n")
    arcs = [list(_spots(line)) for line in tail.splitlines()]
    found = []
    for code, box, rings in (line.split("\t") for line in head.splitlines()):
        frame = Frame(*(int(edge) / _STEPS_PER_DEGREE for edge in box.split()))
        numbers = [[int(number) for number in ring.split(",")] for ring in rings.split(" ")]
        found.append(Country(code, frame, [_ring(arcs, ring) for ring in numbers]))
    return tuple(found)


@lru_cache(maxsize=64)
def land(frame: Frame, width: int) -> tuple[Land, ...]:
    """Return what is seen in this frame, drawn so many units wide."""
    scale = width / frame.width
    paths = ((one.code, "".join(_paths(one, frame, scale))) for one in countries())
    return tuple(Land(code, path) for code, path in paths if path)


def _ring(arcs: list[list[Spot]], numbers: list[int]) -> list[Spot]:
    return [spot for number in numbers for spot in (arcs[number] if number >= 0 else arcs[~number][::-1])]


def _spots(line: str) -> Iterator[Spot]:
    """Unpack an arc: each point as its difference from the last."""
    x = y = 0
    numbers = _numbers(line)
    for across, up in zip(numbers, numbers, strict=True):
        x, y = x + across, y + up
        yield x / _STEPS_PER_DEGREE, y / _STEPS_PER_DEGREE


def _numbers(line: str) -> Iterator[int]:
    """Unpack numbers: five bits a character, the lowest first, with the sign as the last bit of all."""
    number = shift = 0
    for character in line.encode():
        bits = character - 63
        number |= (bits & 0x1F) << shift
        shift += 5
        if bits < 0x20:
            yield ~(number >> 1) if number & 1 else number >> 1
            number = shift = 0


def _paths(country: Country, frame: Frame, scale: float) -> Iterator[str]:
    """Return each ring that reaches into the frame, on a grid of whole units, as far as it is seen."""
    beyond = _BEYOND * max(frame.width, frame.height)
    for ring in country.rings:
        across, up = [spot[0] for spot in ring], [spot[1] for spot in ring]
        if min(across) > frame.east or max(across) < frame.west:
            continue
        if min(up) > frame.north or max(up) < frame.south:
            continue
        drawn = [
            (
                round((min(max(x, frame.west - beyond), frame.east + beyond) - frame.west) * scale),
                round((frame.north - min(max(y, frame.south - beyond), frame.north + beyond)) * scale),
            )
            for x, y in ring
        ]
        seen = drawn[:1]
        for x, y in drawn:
            if abs(x - seen[-1][0]) > _STEP_MAX or abs(y - seen[-1][1]) > _STEP_MAX:
                seen.append((x, y))
        if len(seen) >= _CORNERS_MIN:
            steps = [(to[0] - at[0], to[1] - at[1]) for at, to in pairwise(seen)]
            path = f"M{seen[0][0]} {seen[0][1]}l{' '.join(f'{right} {down}' for right, down in steps)}z"
            # A minus sign parts two numbers as well as a space does.
            yield path.replace(" -", "-")
