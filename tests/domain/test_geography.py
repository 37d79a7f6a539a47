"""Distances over a round earth, and what is nearest, against the plainest way to find it."""

from itertools import pairwise
from math import acos, cos, degrees, pi, radians, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.geography import Box, Point, box_of, distance_in_words, kilometres, nearest

points = st.builds(Point, st.floats(-90, 90), st.floats(-180, 180))


def as_vector(point: Point) -> tuple[float, float, float]:
    north, east = radians(point.latitude), radians(point.longitude)
    return cos(north) * cos(east), cos(north) * sin(east), sin(north)


@given(points, points)
def test_a_distance_is_the_angle_between_two_places_seen_from_the_middle_of_the_earth(
    one: Point, other: Point
) -> None:
    product = sum(a * b for a, b in zip(as_vector(one), as_vector(other), strict=True))
    angle = degrees(acos(max(-1.0, min(1.0, product))))
    # Of a small angle, or a nearly straight one, the cosine says little.
    assert kilometres(one, other) == pytest.approx(angle * 6371 * pi / 180, abs=0.2)
    assert kilometres(one, other) == pytest.approx(kilometres(other, one))


def test_leeds_and_hull_are_80_kilometres_apart_and_the_date_line_parts_nothing() -> None:
    assert kilometres(Point(53.80, -1.55), Point(53.74, -0.34)) == pytest.approx(80, abs=1)
    assert kilometres(Point(-17, 179.9), Point(-17, -179.9)) == pytest.approx(21, abs=1)


@given(points, st.lists(points, max_size=20))
def test_the_nearest_is_what_no_other_is_nearer_than(point: Point, places: list[Point]) -> None:
    found = nearest(point, enumerate(places))
    assert sorted(thing for thing, _ in found) == list(range(len(places)))
    assert all(far == kilometres(point, places[thing]) for thing, far in found)
    for (one, near), (other, far) in pairwise(found):
        assert near < far or (near == far and one < other)


@given(st.lists(points, min_size=1))
def test_a_box_holds_its_points_and_none_smaller_does(places: list[Point]) -> None:
    box = box_of(places)
    assert all(box.holds(point) for point in places)
    assert {box.south, box.north} <= {point.latitude for point in places}
    assert {box.west, box.east} <= {point.longitude for point in places}


def test_a_box_holds_nothing_beyond_its_edges() -> None:
    box = Box(50, -5, 55, 2)
    outside = (Point(49.9, 0), Point(55.1, 0), Point(52, -5.1), Point(52, 2.1))
    assert not any(box.holds(point) for point in outside)


@pytest.mark.parametrize(
    ("distance", "country", "words"),
    [
        (12, "GB", "7 miles"),
        (12, "US", "7 miles"),
        (12, "IE", "12 km"),
        (12, None, "12 km"),
        (1.7, "GB", "1 mile"),
        (0.2, "GB", "less than 1 mile"),
        (0.2, "CA", "less than 1 km"),
        (1, "FR", "1 km"),
        (7570, "FR", "7,570 km"),
    ],
)
def test_a_distance_is_said_in_the_countrys_own_unit(distance: float, country: str, words: str) -> None:
    assert distance_in_words(distance, country) == words
