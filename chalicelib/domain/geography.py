"""Where things are on the globe: points, distances between them, and the unit in which people say those."""

from collections.abc import Iterable
from math import asin, cos, degrees, log, pi, radians, sin, sqrt, tan
from typing import Literal, TypeVar

from msgspec import Struct

_EARTH_KILOMETRES = 6_371.0
_KILOMETRES_PER_MILE = 1.609344

# Whose road signs give miles.
_IN_MILES = {
    "AG", "AI", "AS", "BS", "BZ", "FK", "GB", "GD", "GG", "GU", "IM", "JE",
    "KN", "KY", "LC", "LR", "MP", "MS", "SH", "TC", "US", "VC", "VG", "VI",
}  # fmt: skip

T = TypeVar("T")


class Point(Struct, frozen=True):
    """A place on the globe, in degrees: north and east are positive."""

    latitude: float
    longitude: float


class Box(Struct, frozen=True):
    """What lies between two parallels and two meridians. It never reaches over the date line."""

    south: float
    west: float
    north: float
    east: float

    def holds(self, point: Point) -> bool:
        """Return whether the point is in the box, or on its edge."""
        return self.south <= point.latitude <= self.north and self.west <= point.longitude <= self.east


def box_of(points: Iterable[Point]) -> Box:
    """Return the smallest box that holds all of these points. Raises ValueError if there are none."""
    latitudes, longitudes = zip(*((point.latitude, point.longitude) for point in points), strict=True)
    return Box(min(latitudes), min(longitudes), max(latitudes), max(longitudes))


def kilometres(one: Point, other: Point) -> float:
    """Return how far these are from each other, the shortest way over a round earth."""
    north, other_north = radians(one.latitude), radians(other.latitude)
    half_north = sin((other_north - north) / 2)
    half_east = sin(radians(other.longitude - one.longitude) / 2)
    chord = half_north**2 + cos(north) * cos(other_north) * half_east**2
    return 2 * _EARTH_KILOMETRES * asin(min(1.0, sqrt(chord)))


def nearest(point: Point, places: Iterable[tuple[T, Point]]) -> list[tuple[T, float]]:
    """Return each thing with how many kilometres it is from this point, the nearest first.

    Things that are equally far keep their order.
    """
    return sorted(((thing, kilometres(point, where)) for thing, where in places), key=lambda pair: pair[1])


def unit_in(country: str | None) -> Literal["mile", "km"]:
    """Return in which unit people in this country (ISO 3166 alpha-2) say how far it is."""
    return "mile" if country in _IN_MILES else "km"


def distance_in_words(distance: float, country: str | None) -> str:
    """Return so many kilometres as people in this country (ISO 3166 alpha-2) say them: "12 miles"."""
    unit = unit_in(country)
    whole = round(distance / _KILOMETRES_PER_MILE if unit == "mile" else distance)
    if whole < 1:
        return f"less than 1 {unit}"
    return f"{whole:,} {unit}{'s' if unit == 'mile' and whole > 1 else ''}"


def projected(point: Point) -> tuple[float, float]:
    """Return how far east and north a point is on Mercator's map, in degrees at the equator."""
    return point.longitude, degrees(log(tan(pi / 4 + radians(point.latitude) / 2)))
