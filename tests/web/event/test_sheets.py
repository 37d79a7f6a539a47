"""Every session is on exactly one sheet, well inside it; and a sheet shows what people know."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.geography import Point, projected
from chalicelib.web.event.map import WIDTHS, WIDTHS_BESIDE
from chalicelib.web.event.outlines import Frame, countries
from chalicelib.web.event.pins import GROUP
from chalicelib.web.event.sheets import HEIGHT_MAX, HEIGHT_MIN, around_country, sheets_for

LEEDS, NORWICH, TAUNTON = Point(53.8, -1.55), Point(52.6, 1.3), Point(51.0, -3.1)
KIRKCALDY, GALWAY, VANCOUVER = Point(56.1, -3.2), Point(53.3, -9.0), Point(49.2, -123.1)
SYDNEY, LAGOS, LIMA, TOKYO = Point(-33.9, 151.2), Point(6.5, 3.4), Point(-12, -77), Point(35.7, 139.7)

points = st.lists(st.builds(Point, st.floats(-55, 70), st.floats(-180, 180)), min_size=1, max_size=40)
near_leeds = st.lists(st.builds(Point, st.floats(53, 54), st.floats(-2, -1)), min_size=1, max_size=40)


@given(points | near_leeds)
def test_every_session_is_on_exactly_one_sheet_with_room_for_its_pin(places: list[Point]) -> None:
    sheets = sheets_for(places)
    assert sorted(number for sheet in sheets for number in sheet.numbers) == list(range(len(places)))
    assert len(sheets) <= 3
    for place, sheet in enumerate(sheets):
        frame = sheet.frame
        assert HEIGHT_MIN - 0.001 <= frame.height / frame.width <= HEIGHT_MAX + 0.001
        pixels = min(WIDTHS_BESIDE) if place else min(min(pair) for pair in WIDTHS.values())
        half = GROUP / 2 / pixels * frame.width
        inside = Frame(frame.west + half, frame.south + half, frame.east - half, frame.north - half)
        for number in sheet.numbers:
            x, y = projected(places[number])
            assert inside.holds(Frame(x, y, x, y))


def frames(*places: Point) -> list[Frame]:
    return [sheet.frame for sheet in sheets_for(places)]


def shown(frame: Frame, code: str) -> bool:
    """Whether all of this country is on the sheet."""
    (country,) = [one for one in countries() if one.code == code]
    return frame.holds(country.frame)


def test_sessions_all_over_a_country_are_shown_with_all_of_it() -> None:
    (frame,) = frames(LEEDS, NORWICH, TAUNTON, KIRKCALDY)
    assert shown(frame, "GB")
    assert not shown(frame, "IE")
    assert not shown(frame, "FR")


def test_sessions_on_both_islands_are_shown_with_both() -> None:
    (frame,) = frames(LEEDS, NORWICH, GALWAY)
    assert shown(frame, "GB")
    assert shown(frame, "IE")


def test_sessions_in_one_region_are_shown_larger() -> None:
    (frame,) = frames(LEEDS, Point(53.7, -1.9))
    assert frame.width < 4


def test_what_one_country_holds_is_on_one_sheet_however_large_that_is() -> None:
    seattle, boston, miami = Point(47.6, -122.3), Point(42.4, -71.1), Point(25.8, -80.2)
    (frame,) = frames(seattle, boston, miami)
    assert shown(frame, "US")


def test_a_sheet_of_a_region_says_where_in_its_country_that_is() -> None:
    (region,) = frames(LEEDS, Point(53.7, -1.9))
    whole = around_country(region, "GB")
    assert whole is not None
    assert shown(whole, "GB")
    assert whole.holds(region)
    assert around_country(whole, "GB") is None, "it shows that itself"
    assert around_country(region, "IE") is None
    assert around_country(region, None) is None


def test_few_that_are_far_off_have_a_sheet_beside_the_main_one() -> None:
    main, beside = sheets_for([LEEDS, VANCOUVER, GALWAY, NORWICH])
    assert (main.numbers, beside.numbers) == ([0, 2, 3], [1])
    assert shown(main.frame, "IE")
    assert beside.frame.width < 30


@pytest.mark.parametrize(
    "places",
    [(LEEDS, VANCOUVER, SYDNEY, LAGOS, LIMA, TOKYO), (LEEDS, GALWAY, VANCOUVER, SYDNEY, LAGOS)],
    ids=["everywhere", "in four parts of it"],
)
def test_sessions_all_over_the_world_are_on_one_sheet(places: tuple[Point, ...]) -> None:
    (frame,) = frames(*places)
    assert frame.width >= 360
