"""Countries, their names, and the time zones that say where a session is."""

from zoneinfo import available_timezones

import pytest

from chalicelib.domain.countries import country_name, country_of_zone, is_country, region_name


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/London", "GB"),
        ("Europe/Belfast", "GB"),
        ("Europe/Jersey", "JE"),
        ("Europe/Dublin", "IE"),
        ("America/Vancouver", "CA"),
        ("US/Pacific", "US"),
        ("Asia/Calcutta", "IN"),
        ("Africa/Accra", "GH"),
        ("UTC", None),
        ("Etc/GMT+5", None),
        ("Atlantic/Jan_Mayen", None),
    ],
)
def test_a_zone_says_which_country_it_is(zone: str, country: str | None) -> None:
    assert country_of_zone(zone) == country


def test_hardly_any_zone_of_a_city_is_in_no_country() -> None:
    cities = {zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")}
    assert len([zone for zone in cities if country_of_zone(zone) is None]) <= 10
    assert all(is_country(country_of_zone(zone) or "GB") for zone in cities)


def test_countries_and_regions_have_names() -> None:
    assert (country_name("GB"), country_name("NL")) == ("United Kingdom", "Netherlands")
    assert (region_name("GB", "WLS"), region_name("US", "MA")) == ("Wales", "Massachusetts")
    assert [code for code in ("GB", "XX", "gb", "GBENG", "") if is_country(code)] == ["GB"]
