"""Outlines are read as they were written, and what is land is inside them."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.geography import Point, projected
from chalicelib.web.event.outlines import Frame, _spots, countries, land
from infra.maps.outlines import _encoded, _simplified

ISLES = Frame(-11.0, 57.0, 2.5, 75.0)

lines = st.lists(st.tuples(st.integers(-18000, 18000), st.integers(-15000, 15000)), min_size=1)


@given(lines)
def test_an_arc_is_read_as_it_was_written(grid: list[tuple[int, int]]) -> None:
    spots = [(x / 100, y / 100) for x, y in grid]
    assert list(_spots(_encoded(spots))) == spots


@given(lines, st.floats(0, 100))
def test_a_simpler_line_has_the_same_ends_and_no_new_corner(
    grid: list[tuple[int, int]], smallest: float
) -> None:
    spots = [(x / 100, y / 100) for x, y in grid]
    simple = _simplified(spots, smallest)
    assert (simple[0], simple[-1]) == (spots[0], spots[-1])
    left = iter(spots)
    assert all(spot in left for spot in simple)


def is_inside(point: Point, code: str) -> bool:
    """Whether a line from here to the east crosses the country's outline an odd number of times."""
    x, y = projected(point)
    (country,) = [one for one in countries() if one.code == code]
    crossings = 0
    for ring in country.rings:
        for (from_x, from_y), (to_x, to_y) in zip(ring, [*ring[1:], ring[0]], strict=True):
            crosses = (from_y > y) != (to_y > y)
            crossings += crosses and from_x + (y - from_y) / (to_y - from_y) * (to_x - from_x) > x
    return crossings % 2 == 1


@pytest.mark.parametrize(
    ("code", "latitude", "longitude"),
    [
        ("GB", 53.8, -1.55),
        ("GB", 54.6, -6.2),
        ("GB", 57.5, -4.3),
        ("IE", 53.3, -8.0),
        ("CA", 51.0, -114.0),
        ("RU", 66.0, 170.0),
        ("AU", -25.0, 135.0),
        ("LU", 49.7, 6.1),
    ],
)
def test_a_town_is_inside_its_country_and_no_other(code: str, latitude: float, longitude: float) -> None:
    point = Point(latitude, longitude)
    assert [one.code for one in countries() if is_inside(point, one.code)] == [code]


def test_no_outline_comes_back_on_the_other_side_of_the_map() -> None:
    for country in countries():
        for ring in country.rings:
            assert all(abs(one[0] - other[0]) < 180 for one, other in pairwise([*ring, ring[0]]))


def test_the_sea_is_in_no_country() -> None:
    sea = [Point(53.5, -5.0), Point(56, 3), Point(50.2, -1), Point(40, -40)]
    assert not [(one.code, point) for one in countries() for point in sea if is_inside(point, one.code)]


def test_a_sheet_has_the_land_that_is_seen_on_it_in_whole_numbers() -> None:
    drawn = {one.code: one.path for one in land(ISLES, 560)}
    assert {"GB", "IE", "IM", "FR"} <= drawn.keys()
    assert not {"ES", "US", "NZ"} & drawn.keys()
    assert all(re.fullmatch(r"(M-?\d+ -?\d+l[-0-9 ]+z)+", path) for path in drawn.values())
    assert sum(map(len, drawn.values())) < 30_000
    assert "IM" not in {one.code for one in land(Frame(-170, -60, 190, 100), 560)}, "it is too small to see"
