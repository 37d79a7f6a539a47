"""Countries by their ISO 3166 alpha-2 codes: their names, their regions, and whose a time zone is.

`python -m infra map` makes the data. Nothing is read before it is needed.
"""

from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"


def is_country(code: str) -> bool:
    """Return whether this is the code of a country, in capitals."""
    return code in _names()


def country_name(code: str) -> str:
    """Return what the country is called in English. Raises KeyError if there is none with this code."""
    return _names()[code]


def region_name(country: str, code: str) -> str:
    """Return the name of a country's region: a state, a province, or England. Raises KeyError."""
    return _regions()[country + code]


def country_of_zone(zone: str) -> str | None:
    """Return the code of the country that keeps this time zone, or None if no single one does."""
    return _by_zone().get(zone)


@cache
def _lines() -> list[list[str]]:
    return [line.split("\t") for line in (DATA / "countries.txt").read_text(encoding="utf-8").splitlines()]


@cache
def _names() -> dict[str, str]:
    return {code: name for code, name, *_ in _lines() if len(code) == 2}


@cache
def _regions() -> dict[str, str]:
    return {code: name for code, name, *_ in _lines() if len(code) > 2}


@cache
def _by_zone() -> dict[str, str]:
    return {zone: code for code, _, *zones in _lines() for zone in " ".join(zones).split()}
