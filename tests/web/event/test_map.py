"""The map on an event's page: its pins are links, as in the list, and none covers another on any screen."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from chalicelib.domain.session import Session
from chalicelib.store import capacity
from tests import making
from tests.web.browsing import get
from tests.web.refused import Scene, scene

pytestmark = pytest.mark.usefixtures("table")

ISLES = ("Bradford", "Hull", "Kirkcaldy", "Margate", "Newry", "Norwich", "Stockport", "Taunton", "Wrexham")
NORTH = ("Bradford", "Halifax", "Hebden Bridge", "Skipton", "Harrogate", "York", "Sheffield", "Dewsbury")
CAPITALS = {"Paris": "Europe/Paris", "Berlin": "Europe/Berlin", "Madrid": "Europe/Madrid"}
WIDTHS = [320, 390, 767, 768, 1280]


PIN = r'<a class="(\w+)".*?<rect[^>]*/>(<[^>]*>)'


def supper_in(*titles: str, **event: Any) -> Scene:
    """An event with a session in each of these towns, one day after the other, none of them with a pin."""
    it = scene(event={"session_noun": "supper", **event}, title=titles[0], latitude=None, longitude=None)
    for day, title in enumerate(titles[1:], start=1):
        session_in(it, title, day)
    return it


def session_in(it: Scene, title: str, day: int = 0, **changes: Any) -> Session:
    begins, ends = (time + timedelta(days=day) for time in (it.session.starts_local, it.session.ends_local))
    where = {"title": title, "latitude": None, "longitude": None, "starts_local": begins, "ends_local": ends}
    return making.make_session(it.event, **{**where, **changes})


def page_of(it: Scene) -> str:
    return get(f"/book/{it.event.slug}").body.decode()


def figure_of(it: Scene) -> str:
    """What the page has of the map, or nothing."""
    found = re.search(r"<figure.*</figure>", page_of(it), re.DOTALL)
    return found[0] if found else ""


def titles(figure: str, pins: str = "wide") -> list[str]:
    """What is said of each pin, in their order."""
    (shown,) = re.findall(rf'<svg class="pins {pins}".*?\n</svg>', figure, re.DOTALL)
    return re.findall(r"<title>(.*?)</title>", shown)


def test_each_session_with_a_place_has_a_pin_in_the_order_of_the_list() -> None:
    it = supper_in("Norwich", "Kirkcaldy", "Taunton")
    figure = figure_of(it)
    for pins in ("narrow", "wide"):
        towns = [title.partition(":")[0] for title in titles(figure, pins)]
        assert towns == ["Kirkcaldy", "Norwich", "Taunton"]
    assert "Map of 3 suppers. The list below says the same." in figure
    assert "not on the map" not in figure
    assert "Some pins only show the town." in figure


@pytest.mark.parametrize(
    ("others", "said"),
    [(1, "1 supper is not on the map: see the list."), (2, "2 suppers are not on the map: see the list.")],
)
def test_a_session_without_a_place_is_counted_under_the_map(others: int, said: str) -> None:
    it = supper_in("Norwich", "Taunton", *["At Ann's"] * others)
    assert said in figure_of(it)
    assert page_of(it).count("At Ann") > others - 1


def test_fewer_than_two_sessions_with_a_place_make_no_map() -> None:
    it = supper_in("Norwich", "At Ann's")
    assert figure_of(it) == ""
    session_in(it, "At Bob's", latitude=53.0, longitude=-1.0)
    assert "Map of 2 suppers." in figure_of(it)


def test_sessions_that_are_all_in_one_place_make_no_map() -> None:
    it = supper_in("Norwich", "Norwich")
    assert figure_of(it) == ""
    session_in(it, "Next door", latitude=52.629, longitude=1.3)
    assert figure_of(it) == ""


def test_a_map_of_a_region_shows_beside_it_where_in_the_country_that_is() -> None:
    figure = figure_of(supper_in("Leeds", "York"))
    assert '<rect class="mark"' in figure
    assert "<p>United Kingdom</p>" in figure


def test_a_map_of_the_country_shows_no_other() -> None:
    assert '<rect class="mark"' not in figure_of(supper_in("Norwich", "Kirkcaldy", "Taunton"))


def test_a_cancelled_event_has_no_map() -> None:
    assert figure_of(supper_in("Norwich", "Taunton", status="cancelled")) == ""


def test_a_pin_says_how_much_room_there_is_in_words_and_by_its_shape() -> None:
    it = supper_in("Norwich")
    leeds = session_in(it, "Leeds", 1)
    capacity.take(leeds, making.booking_for(leeds, "ada", places=18))
    session_in(it, "Hull", 2, capacity=0)
    session_in(it, "Margate", 3, status="cancelled")
    session_in(it, "Newry", 4, status="closed")
    figure = figure_of(it)
    assert titles(figure) == [
        "Hull: nothing to book",
        "Leeds: few places left",
        "Margate: nothing to book",
        "Newry: nothing to book",
        "Norwich: places available",
    ]
    assert re.findall(r"</svg> ([^<]+)</li>", figure) == [
        "Places available", "Few places left", "Nothing to book",
    ]  # fmt: skip
    drawn = {room: re.sub(r"\s+", " ", shape) for room, shape in re.findall(PIN, figure)}
    assert drawn.keys() == {"many", "few", "none"}
    assert len(set(drawn.values())) == 3


def test_a_pin_of_several_sessions_has_their_number_and_the_best_of_their_news() -> None:
    it = supper_in("Norwich", "Norwich", "Kirkcaldy")
    figure = figure_of(it)
    assert titles(figure)[1] == "2 suppers in Norwich: places available"
    assert f'href="#{it.session.session_id}"' in figure, "where the list has the first one"
    assert "A number stands for several suppers close together." in figure


def test_a_pin_of_several_towns_leads_to_their_names_and_those_to_the_list() -> None:
    it = supper_in("Leeds", "Bradford", "Hebden Bridge", "Halifax", "Norwich", "Taunton", "Kirkcaldy")
    page = page_of(it)
    assert "4 suppers in Bradford, Halifax, Hebden Bridge and 1 more: places available" in page
    ids, led_to = set(re.findall(r' id="([^"]+)"', page)), set(re.findall(r'href="#([^"]+)"', page))
    assert led_to <= ids
    (names,) = re.findall(r'<p class="names" id="pin-0w\d+"[^>]*>(.*?)</p>', page)
    assert re.findall(r">([^<]+)</a>", names) == ["Bradford", "Halifax", "Hebden Bridge", "Leeds"]


def test_a_title_that_is_not_the_town_is_said_with_it_and_all_is_escaped() -> None:
    it = supper_in("Norwich")
    session_in(it, "At <b>Ann's</b>", 1, town="Hull")
    assert titles(figure_of(it))[0] == "Hull, At &lt;b&gt;Ann&#39;s&lt;/b&gt;: places available"


def test_those_who_made_the_data_are_named_under_the_map() -> None:
    figure = figure_of(supper_in("Norwich", "Hull"))
    assert "https://www.naturalearthdata.com" in figure
    assert re.search(r"GeoNames</a>, CC BY 4\.0", figure)


TARGETS = """() => [...document.querySelectorAll(".pins a rect")].filter(one => one.checkVisibility())
  .map(one => one.getBoundingClientRect()).map(at => [at.left, at.top, at.right, at.bottom])"""
SHEETS = """() => [...document.querySelectorAll(".chart")].map(one => one.getBoundingClientRect())
  .map(at => [at.left, at.top, at.right, at.bottom])"""


def targets(page: Page, width: int) -> list[list[float]]:
    page.set_viewport_size({"width": width, "height": 900})
    found: list[list[float]] = page.evaluate(TARGETS)
    return found


@pytest.mark.parametrize(
    ("towns", "elsewhere"),
    [
        (ISLES, {"Galway": "Europe/Dublin"}),
        (ISLES, {"Vancouver": "America/Vancouver"}),
        (NORTH, {}),
        ((), CAPITALS),
    ],
    ids=["on islands", "with one far off", "in a region", "in several countries"],
)
def test_no_target_is_small_or_covers_another_or_leaves_its_sheet_on_any_screen(
    browser: Browser, towns: tuple[str, ...], elsewhere: dict[str, str]
) -> None:
    it = supper_in("Leeds", *towns)
    for title, zone in elsewhere.items():
        session_in(it, title, zone=zone)
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.set_content(page_of(it))
        counts = []
        for width in WIDTHS:
            found = targets(page, width)
            counts.append(len(found))
            for place, (left, top, right, bottom) in enumerate(found):
                assert min(round(right - left), round(bottom - top)) >= 24
                assert not [
                    other
                    for other in found[:place]
                    if left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
                ]
                assert any(
                    left >= sheet[0] and top >= sheet[1] and right <= sheet[2] and bottom <= sheet[3]
                    for sheet in page.evaluate(SHEETS)
                )
        assert counts[0] == counts[2] <= counts[3] == counts[4]


def test_pins_are_reached_by_keyboard_in_order_and_lead_to_names_that_show_then(browser: Browser) -> None:
    it = supper_in("Leeds", "Bradford", "Norwich", "Taunton")
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        page.set_viewport_size({"width": 1280, "height": 900})
        page.set_content(page_of(it))
        page.locator(".pins.wide a").first.focus()
        reached = []
        for _ in range(3):
            reached.append(page.evaluate("document.activeElement.querySelector('title')?.textContent"))
            page.keyboard.press("Tab")
        assert [title.partition(":")[0] for title in reached] == [
            "2 suppers in Bradford, Leeds", "Norwich", "Taunton",
        ]  # fmt: skip
        assert page.locator(".names >> visible=true").count() == 0
        page.locator(".pins.wide a").first.focus()
        page.keyboard.press("Enter")
        shown = page.locator(".names >> visible=true")
        assert shown.locator("a").all_inner_texts() == ["Bradford", "Leeds"]
