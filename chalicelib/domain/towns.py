"""Towns by name: what somebody types, or a session's title, becomes a place on the map.

`python -m infra map` makes the data, from GeoNames: data/credits.txt says whose it is. It is a text that is
sorted by folded name, and towns of one name by their size. It is read once, and only when it is needed.
"""

from collections.abc import Iterator
from functools import cache, lru_cache

from msgspec import Struct

from chalicelib.domain.countries import DATA, country_name, region_name
from chalicelib.domain.directory import folded
from chalicelib.domain.geography import Point

# Where "Wales" alone says enough. Elsewhere the country's name follows.
_SAYS_ITS_COUNTRY = "GB"

_GEOHASH = "0123456789bcdefghjkmnpqrstuvwxyz"


class Town(Struct, frozen=True, kw_only=True):
    """A town as the table has it."""

    name: str
    country: str
    """ISO 3166 alpha-2."""
    region: str
    """Its state, province or nation, "near" a larger town, or "" where its country says enough."""
    point: Point
    """Within a kilometre in Great Britain and Ireland, within three elsewhere."""
    is_meant: bool
    """Whether people in its country mean this one when they say no more than the name."""

    @property
    def label(self) -> str:
        """What tells it from others of its name: "Vancouver, Washington, United States"."""
        parts = [self.name, self.region]
        if self.country != _SAYS_ITS_COUNTRY or not self.region:
            parts.append(country_name(self.country))
        return ", ".join(filter(None, parts))


def towns_named(text: str) -> list[Town]:
    """Return all towns that this may mean, the largest first; none if the table has none of the name.

    Case, accents and punctuation don't count. Behind a comma may stand what tells towns of one name apart, so
    a town's label finds that town and no other of its name.
    """
    name, *rest = text.split(",")
    towns = list(_of_name(town_key(name)))
    wanted = {town_key(part) for part in rest} - {""}
    return [town for town in towns if wanted <= _told_apart_by(town)]


@lru_cache(maxsize=1024)
def town_in(name: str, country: str) -> Town | None:
    """Return the town of this name in a country (a code), or None if there is none or no saying which."""
    meant = [town for town in towns_named(name) if town.country == country]
    return meant[0] if len(meant) == 1 or (meant and meant[0].is_meant) else None


def town_key(name: str) -> str:
    """Return the name as towns are looked up, and compared: "St. Helens" and "Saint Helens" are one."""
    return " ".join("st" if word == "saint" else word for word in folded(name).split())


def _told_apart_by(town: Town) -> set[str]:
    return {town_key(part) for part in (town.region, country_name(town.country), town.country)}


def _of_name(key: str) -> Iterator[Town]:
    table = _table()
    start = table.find(f"\n{key}\t".encode()) if key else -1
    while start >= 0:
        end = table.index(b"\n", start + 1)
        found, where, geohash, *more = table[start + 1 : end].decode().split("\t")
        if found != key:
            return
        name, near, meant = (*more, "", "", "")[:3]
        country, region = where[:2], where[2:]
        yield Town(
            name=name or key.title(),
            country=country,
            region=near or (region_name(country, region) if region else ""),
            point=_middle_of(geohash),
            is_meant=bool(meant),
        )
        start = end if end + 1 < len(table) else -1


def _middle_of(geohash: str) -> Point:
    """Return the middle of the cell that a geohash names: each bit halves it, east or west first."""
    north, east = [-90.0, 90.0], [-180.0, 180.0]
    halved, other = east, north
    for character in geohash:
        digit = _GEOHASH.index(character)
        for bit in (16, 8, 4, 2, 1):
            halved[0 if digit & bit else 1] = sum(halved) / 2
            halved, other = other, halved
    return Point(round(sum(north) / 2, 3), round(sum(east) / 2, 3))


@cache
def _table() -> bytes:
    return b"\n" + (DATA / "towns.txt").read_bytes()
