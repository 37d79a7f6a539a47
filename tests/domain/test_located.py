"""Where a session is: its organiser's pin, else its town, else nowhere that we know of."""

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.geography import Point, kilometres
from chalicelib.domain.located import Located, located
from tests.store.samples import SPARSE_SESSION


def found(**changes: Any) -> Located:
    session = replace(SPARSE_SESSION, latitude=None, longitude=None, zone="Europe/London")
    return located(replace(session, **changes))


def test_an_organisers_pin_is_exact_whatever_the_town_is_called() -> None:
    where = found(title="Leeds", latitude=50.0, longitude=-5.0)
    assert where == Located(town="Leeds", country="GB", point=Point(50.0, -5.0), approximate=False)
    assert found(title="The big night", latitude=0.0, longitude=0.0).point == Point(0.0, 0.0)


def test_without_a_pin_a_session_is_in_the_middle_of_its_town_and_says_so() -> None:
    leeds = found(title="Leeds")
    assert leeds.approximate
    assert leeds.point is not None
    assert kilometres(leeds.point, Point(53.80, -1.55)) < 2
    assert found(title="Soup at Ann's", town="Leeds") == leeds


@pytest.mark.parametrize(
    "where",
    [
        {"title": "Soup at Ann's"},
        {"title": "Leeds", "country": "FR"},
        {"title": "Leeds", "zone": "UTC"},
        {"title": "Blackrock", "zone": "Europe/Dublin"},
    ],
    ids=["no town", "none in that country", "no country", "two of the name"],
)
def test_a_session_that_could_be_anywhere_has_no_place(where: dict[str, str]) -> None:
    assert (found(**where).point, found(**where).approximate) == (None, False)


def test_the_country_is_its_time_zones_unless_the_organiser_names_it() -> None:
    assert found(title="Vancouver", zone="America/Vancouver").country == "CA"
    there = found(title="Vancouver", zone="America/Los_Angeles")
    assert (there.country, found(title="Vancouver", zone="UTC", country="US")) == ("US", there)
