"""The table of towns that chalicelib/domain/towns.py looks names up in."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from msgspec import Struct

from chalicelib.domain.geography import Point, nearest
from chalicelib.domain.towns import town_key
from infra.maps import countries, geonames

_PEOPLE_MIN = 100_000
_PEOPLE_MIN_HERE = 5_000
_HERE = ("GB", "IE")

_MEANT_TIMES_LARGER = 5
"""A town that is so many times larger than the next of its name is meant by the name alone."""

_KNOWN_PEOPLE_MIN = 20_000
"""People know where a town of this size is, so it can say where a smaller one is."""

_GEOHASH = "0123456789bcdefghjkmnpqrstuvwxyz"

# GeoNames writes these countries' names with marks that only scholars use.
_WITHOUT_MARKS = {
    "AE", "AF", "AM", "BD", "BG", "BY", "EG", "GE", "GR", "IN", "IQ", "IR", "JO", "JP",
    "KR", "LB", "LK", "LY", "MM", "NP", "OM", "PK", "RU", "SA", "SY", "TH", "UA", "YE",
}  # fmt: skip


class Row(Struct, frozen=True):
    """A town under one of its names."""

    key: str
    name: str
    country: str
    region: str
    point: Point
    people: int


def table() -> str:
    """Return the table's text: a line for each town, its columns parted by tabs, trailing ones left out.

    The columns are the folded name, country and region, geohash, the name if it is spelt otherwise than the
    folded one in capitals, what it is near if that alone tells it apart, and 1 if its name means it.
    """
    rows = sorted(set(_rows()), key=lambda row: (row.key, -row.people, _geohash(row.point, 6)))
    return "".join(line for _, same in groupby(rows, key=lambda row: row.key) for line in _lines(list(same)))


def _rows() -> Iterator[Row]:
    by_name = defaultdict(list)
    for city in geonames.cities():
        by_name[city["name"], city["countrycode"]].append(city)
        if city["population"] >= (_PEOPLE_MIN_HERE if city["countrycode"] in _HERE else _PEOPLE_MIN):
            yield _row(city, city["name"])
    listed = Path(__file__).with_name("short_names.txt").read_text(encoding="utf-8").splitlines()
    for line in listed:
        if not line.startswith("#"):
            short, _, full = line.partition(" = ")
            name, _, country = full.rpartition(", ")
            yield _row(max(by_name[name, country], key=lambda city: int(city["population"])), short)


def _row(city: dict[str, Any], called: str) -> Row:
    country, name = city["countrycode"], city["name"].replace("\u2019", "'")
    return Row(
        town_key(called),
        _without_marks(name) if country in _WITHOUT_MARKS else name,
        country,
        city["admin1code"] if country + city["admin1code"] in countries.regions() else "",
        Point(city["latitude"], city["longitude"]),
        city["population"],
    )


def _lines(same: list[Row]) -> Iterator[str]:
    """Return the lines of towns of one name. Of two that can't be told apart, only the larger has one."""
    told_apart = set()
    for row in same:
        beside = [other for other in same if other is not row and other.country == row.country]
        is_meant = all(row.people >= _MEANT_TIMES_LARGER * other.people for other in beside)
        is_alone = all((other.region, other.name) != (row.region, row.name) for other in beside)
        near = "" if is_alone else f"near {_larger_one_near(row)}"
        if (row.country, row.region, row.name, near) in told_apart:
            continue
        told_apart.add((row.country, row.region, row.name, near))
        columns = [
            row.key,
            row.country + row.region,
            _geohash(row.point, 6 if row.country in _HERE else 5),
            "" if row.key.title() == row.name else row.name,
            near,
            "1" if beside and is_meant else "",
        ]
        yield "\t".join(columns).rstrip("\t") + "\n"


def _larger_one_near(row: Row) -> str:
    larger = [
        (_row(city, city["name"]).name, Point(city["latitude"], city["longitude"]))
        for city in geonames.cities()
        if city["countrycode"] == row.country
        and city["population"] > max(row.people, _KNOWN_PEOPLE_MIN)
        and town_key(city["name"]) != row.key
    ]
    return nearest(row.point, larger)[0][0]


def _without_marks(name: str) -> str:
    apart = unicodedata.normalize("NFKD", name)
    return "".join(character for character in apart if not unicodedata.combining(character))


def _geohash(point: Point, length: int) -> str:
    bits = [_halvings(point.longitude, 180, 5 * length), _halvings(point.latitude, 90, 5 * length)]
    mixed = [next(bits[place % 2]) for place in range(5 * length)]
    fives: Iterable[list[int]] = (mixed[start : start + 5] for start in range(0, len(mixed), 5))
    return "".join(_GEOHASH[int("".join(map(str, five)), 2)] for five in fives)


def _halvings(degrees: float, bound: float, count: int) -> Iterator[int]:
    low, high = -bound, bound
    for _ in range(count):
        middle = (low + high) / 2
        yield int(degrees >= middle)
        low, high = (middle, high) if degrees >= middle else (low, middle)
