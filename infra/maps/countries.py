"""Countries with their regions and time zones, for chalicelib/domain/countries.py."""

from collections import defaultdict
from functools import cache
from importlib.resources import files

from infra.maps import geonames

# GeoNames' numbers of regions are its own.
_REGIONS = {
    "GBENG": "England", "GBSCT": "Scotland", "GBWLS": "Wales", "GBNIR": "Northern Ireland",
    "CA01": "Alberta", "CA02": "British Columbia", "CA03": "Manitoba", "CA04": "New Brunswick",
    "CA05": "Newfoundland and Labrador", "CA07": "Nova Scotia", "CA08": "Ontario",
    "CA09": "Prince Edward Island", "CA10": "Quebec", "CA11": "Saskatchewan", "CA12": "Yukon",
    "CA13": "Northwest Territories", "CA14": "Nunavut",
    "AU01": "Australian Capital Territory", "AU02": "New South Wales", "AU03": "Northern Territory",
    "AU04": "Queensland", "AU05": "South Australia", "AU06": "Tasmania", "AU07": "Victoria",
    "AU08": "Western Australia",
}  # fmt: skip

_CALLED = {"NL": "Netherlands", "BQ": "Caribbean Netherlands", "AX": "Åland Islands", "CW": "Curaçao",
           "RE": "Réunion", "BL": "Saint Barthélemy", "ST": "São Tomé and Príncipe", "PS": "Palestine",
           "TL": "Timor-Leste", "FM": "Micronesia"}  # fmt: skip
"""Where GeoNames' English name is not what people write."""

# Old names of zones lead to one whose clocks agree, which may be another country's.
_OF_NO_SINGLE_COUNTRY = {
    "Africa/Asmera", "Africa/Timbuktu", "America/Coral_Harbour", "America/Virgin", "Antarctica/South_Pole",
    "Atlantic/Jan_Mayen", "Pacific/Johnston", "Pacific/Ponape", "Pacific/Truk", "Pacific/Yap",
}  # fmt: skip


@cache
def regions() -> dict[str, str]:
    """Return the names of the regions that tell towns of one name apart, by country and code."""
    return _REGIONS | {f"US{code}": name for code, name in geonames.states().items()}


def table() -> str:
    """Return the table's text: code, name and time zones, parted by tabs; regions have no zones."""
    zones = _zones()
    lines = [
        "\t".join([code, _CALLED.get(code, country["name"]), " ".join(zones[code])]).rstrip("\t")
        for code, country in geonames.countries().items()
    ]
    lines += [f"{code}\t{name}" for code, name in regions().items()]
    return "".join(f"{line}\n" for line in sorted(lines))


def _zones() -> dict[str, list[str]]:
    """Return each country's time zones, under their old names as well."""
    data = files("tzdata") / "zoneinfo"
    rows = [line.split("\t") for line in (data / "zone.tab").read_text().splitlines() if line[0] != "#"]
    country_of = {zone: code for code, _, zone, *_ in rows}
    links = [line.split()[1:] for line in (data / "tzdata.zi").read_text().splitlines() if line[:2] == "L "]
    for zone, old in links:
        if "/" in old and old not in _OF_NO_SINGLE_COUNTRY and zone in country_of:
            country_of.setdefault(old, country_of[zone])
    found = defaultdict(list)
    for zone, code in country_of.items():
        found[code].append(zone)
    return found
