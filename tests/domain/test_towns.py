"""Towns by name: found as people type them, and told apart where several have a name."""

from collections import defaultdict
from itertools import pairwise

import pytest

from chalicelib.domain.countries import DATA, is_country
from chalicelib.domain.geography import Point, kilometres
from chalicelib.domain.towns import Town, town_in, town_key, towns_named

LINES = (DATA / "towns.txt").read_text(encoding="utf-8").splitlines()


def labels(text: str) -> list[str]:
    return [town.label for town in towns_named(text)]


def test_every_line_is_found_by_its_name_and_the_file_is_sorted() -> None:
    by_key = defaultdict(list)
    for line in LINES:
        by_key[line.split("\t")[0]].append(line)
    assert all(one <= other for one, other in pairwise(list(by_key)))
    for key, lines in by_key.items():
        found = towns_named(key)
        assert [town.country for town in found] == [line.split("\t")[1][:2] for line in lines]
        assert all(is_country(town.country) for town in found)
        assert town_key(key) == key


def test_towns_of_one_name_have_labels_that_differ_and_each_label_finds_its_town() -> None:
    several = [key for key in {line.split("\t")[0] for line in LINES} if len(towns_named(key)) > 1]
    assert len(several) > 100
    for key in several:
        towns = towns_named(key)
        assert len({town.label for town in towns}) == len(towns), key
        for town in towns:
            by_label = [found for found in towns_named(town.label) if found.name == town.name]
            assert town in by_label or town_key(town.name) != key
            assert len(by_label) <= 1


def test_the_largest_of_a_name_comes_first_and_a_comma_tells_which() -> None:
    assert labels("Vancouver") == [
        "Vancouver, British Columbia, Canada",
        "Vancouver, Washington, United States",
    ]
    assert labels("vancouver, WASHINGTON") == ["Vancouver, Washington, United States"]
    assert labels("Vancouver, CA") == ["Vancouver, British Columbia, Canada"]
    assert labels("Newport")[0] == "Newport, Wales"
    assert labels("Newport, Wales") == ["Newport, Wales"]


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("Hull", "Kingston upon Hull, England"),
        ("kingston UPON hull", "Kingston upon Hull, England"),
        (" Saint  Albans ", "St Albans, England"),
        ("Dún Laoghaire", "Dún Laoghaire, Ireland"),
        ("dun laoghaire", "Dún Laoghaire, Ireland"),
        ("Stoke on Trent", "Stoke-on-Trent, England"),
        ("Hebden Bridge", "Hebden Bridge, England"),
        ("Cologne", "Köln, Germany"),
        ("zurich", "Zürich, Switzerland"),
    ],
)
def test_a_town_is_found_as_people_type_it(typed: str, label: str) -> None:
    assert label in labels(typed)


@pytest.mark.parametrize("typed", ["", ",", "Nowhere at all", "\n", "a\tb", "Leed", "Leeds, France", "💛"])
def test_what_no_town_is_called_finds_none(typed: str) -> None:
    assert towns_named(typed) == []


@pytest.mark.parametrize(
    ("name", "where"),
    [("Leeds", Point(53.80, -1.55)), ("Newry", Point(54.18, -6.34)), ("Hebden Bridge", Point(53.74, -2.01))],
)
def test_a_town_here_is_shown_within_a_kilometre(name: str, where: Point) -> None:
    (town,) = [found for found in towns_named(name) if found.country == "GB"]
    assert kilometres(town.point, where) < 1.5


def test_a_town_of_a_country_is_the_only_one_or_the_one_that_is_meant() -> None:
    def found(name: str, country: str) -> Town:
        town = town_in(name, country)
        assert town is not None
        return town

    assert found("Vancouver", "US").region == "Washington"
    assert found("Newport", "GB").region == "Wales", "it is five times larger than the next"
    assert found("Newcastle", "GB").name == "Newcastle upon Tyne"
    assert town_in("Blackrock", "IE") is None, "nobody knows which of the two"
    assert town_in("Blackrock, near Dundalk", "IE") is not None
    assert town_in("Leeds", "FR") is None
