"""Looking for the right session on an event's page: by words and numbers in its address, and near one."""

import base64
import hashlib
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from chalicelib.domain.geography import Point
from chalicelib.domain.session import Session
from chalicelib.store import capacity
from tests import making
from tests.web.browsing import Page as Shown
from tests.web.browsing import get, header
from tests.web.refused import Scene, scene
from tests.wire import requests_counted

pytestmark = pytest.mark.usefixtures("table")

HULL = Point(53.74, -0.33)
HOSTILE = "\"'><script>alert(1)</script>{{ 'tem' ~ 'plated' }}"


def supper_in(*titles: str, **event: Any) -> Scene:
    """An event with a session in each of these towns, none of them with a pin."""
    it = scene(event={"session_noun": "supper", **event}, title=titles[0], latitude=None, longitude=None)
    for title in titles[1:]:
        session_in(it, title)
    return it


def session_in(it: Scene, title: str, **changes: Any) -> Session:
    return making.make_session(it.event, **{"title": title, "latitude": None, "longitude": None, **changes})


def page_of(it: Scene, **query: str) -> str:
    return get(f"/book/{it.event.slug}?{urlencode(query)}").body.decode()


def titles(page: str) -> list[str]:
    """The titles of the cards, in the order of the list."""
    return re.findall(r'<h[34] lang="en">([^<]+)</h[34]>', page)


def test_who_looks_for_a_town_sees_what_is_near_it_first_and_how_far_it_is() -> None:
    it = supper_in("Norwich", "Leeds", "Who knows where")
    page = page_of(it, near="Hull")
    assert titles(page) == ["Leeds", "Norwich", "Who knows where"]
    assert '<p class="far">50 miles from Kingston upon Hull</p>' in page
    assert "Sorted by distance from <strong>Kingston upon Hull, England</strong>." in page
    text = Shown(get(f"/book/{it.event.slug}?near=Hull")).text
    assert "We don't know how far away 1 supper is." in text
    assert Shown(get(f"/book/{it.event.slug}?near=Hull")).field("near") == "Hull"
    assert titles(page_of(it)) == ["Leeds", "Norwich", "Who knows where"]


def test_what_is_in_the_town_itself_is_not_said_to_be_some_way_from_it() -> None:
    page = page_of(supper_in("Hull", "Leeds"), near="hull")
    assert titles(page) == ["Hull", "Leeds"]
    assert re.findall('<p class="far">([^<]+)</p>', page) == ["50 miles from Hull"]


def test_the_search_is_a_form_that_works_without_a_script_and_leads_to_the_list() -> None:
    it = supper_in("Norwich", "Leeds")
    (form,) = Shown(get(f"/book/{it.event.slug}")).all("form", role="search")
    assert form["method"] == "get"
    assert form["action"] == f"https://book.example.org/v1/book/{it.event.slug}#found"


def test_there_is_no_search_where_all_is_in_one_place_or_cancelled() -> None:
    for it in (supper_in("Norwich", "Norwich"), supper_in("Norwich", "Leeds", status="cancelled")):
        page = page_of(it)
        assert 'role="search"' not in page
        assert 'id="near-me"' not in page
        assert "script-src" not in str(header(get(f"/book/{it.event.slug}"), "Content-Security-Policy"))


def test_a_name_of_several_towns_is_asked_back_with_links_that_keep_the_number_of_places() -> None:
    it = supper_in("Cardiff", "Leeds")
    response = get(f"/book/{it.event.slug}?near=Newport&places=2")
    assert "Which one do you mean?" in Shown(response).text
    links = [link["href"] for link in Shown(response).all("a") if "near=Newport" in link["href"]]
    assert len(links) == 3
    assert links[0].endswith(f"/book/{it.event.slug}?near=Newport%2C+Wales&places=2#found")
    followed = get(links[0].partition("#")[0]).body.decode()
    assert "from <strong>Newport, Wales</strong>" in followed
    assert titles(followed) == ["Cardiff", "Leeds"]


def test_what_is_not_found_is_said_plainly_over_the_whole_list() -> None:
    it = supper_in("Norwich", "Leeds")
    text = Shown(get(f"/book/{it.event.slug}?near=Xyzzy")).text
    assert "Sorry, we could not find “Xyzzy”. Here is the whole list." in " ".join(text.split())
    assert titles(page_of(it, near="Xyzzy")) == ["Leeds", "Norwich"]


def test_with_room_for_a_party_comes_first_and_few_left_may_be_too_few() -> None:
    it = supper_in("Norwich", "Leeds", places_per_booking_max=6)
    capacity.take(it.session, making.booking_for(it.session, "ada", places=19))
    session_in(it, "Hull", capacity=0)
    page = page_of(it, places="4")
    assert titles(page) == ["Leeds", "Norwich", "Hull"]
    assert re.findall(r"<h3>([^<]+)</h3>", page) == ["Room for 4", "Perhaps room for 4", "No room for 4"]
    assert "Few places are left. There may not be enough for 4." in page
    assert '<option value="4" selected>4</option>' in page


@pytest.mark.parametrize(
    "query",
    [
        "near=" + "x" * 10_000,
        "near=" + "%C3%A9" * 3_000,
        "near=%00%ff%fe",
        "near=%ED%A0%80",
        "near=" + quote(HOSTILE),
        "near=" + "a%2C" * 60,
        "near=%20&places=%20",
        "near=&places=",
        "places=abc",
        "places=" + "9" * 10_000,
        "places=%D9%A3",
        "near=Leeds&near=Hull&places=1&places=2",
        "near",
        "nearby=Hull",
    ],
)
def test_nothing_that_is_typed_breaks_the_page_or_gets_into_it_unescaped(query: str) -> None:
    it = supper_in("Norwich", "Leeds")
    response = get(f"/book/{it.event.slug}?{query}")
    assert response.status_code == 200
    assert sorted(titles(response.body.decode())) == ["Leeds", "Norwich"]
    assert b"<script>alert" not in response.body
    assert b"templated" not in response.body
    assert len(response.body) < len(get(f"/book/{it.event.slug}").body) + 2_000


def test_a_number_that_nobody_can_book_is_said_so() -> None:
    it = supper_in("Norwich", "Leeds", places_per_booking_max=6)
    assert "Choose a number of places from 1 to 6." in page_of(it, places="7")


def test_each_search_is_kept_by_itself_with_a_tag_of_its_own() -> None:
    it = supper_in("Norwich", "Leeds")
    tags = set()
    for query in ("", "?near=Hull", "?near=London", "?places=2"):
        path = f"/book/{it.event.slug}{query}"
        first = get(path)
        assert header(first, "Cache-Control") == "public, max-age=5"
        tags.add(header(first, "ETag"))
        assert get(path, If_None_Match=str(header(first, "ETag"))).status_code == 304
    assert len(tags) == 4


def test_countries_are_headings_over_their_towns() -> None:
    it = supper_in("Norwich", "Leeds")
    session_in(it, "Galway", zone="Europe/Dublin")
    page = page_of(it)
    assert re.findall(r'<h3 id="in-(\w+)">([^<]+)</h3>', page) == [
        ("IE", "Ireland"),
        ("GB", "United Kingdom"),
    ]
    assert re.findall(r'<h4 lang="en">([^<]+)</h4>', page) == ["Galway", "Leeds", "Norwich"]


def test_a_town_that_is_not_in_the_title_is_said_with_it() -> None:
    it = supper_in("Norwich")
    session_in(it, "At Ann's", town="<Hull>")
    assert '<p class="eyebrow" lang="en">&lt;Hull&gt;</p>' in page_of(it)


@pytest.mark.parametrize(
    ("full", "heading"), [({"capacity": 0}, "sold out"), ({"status": "cancelled"}, "has been cancelled")]
)
def test_the_page_of_what_is_sold_out_or_cancelled_names_the_nearest_with_room(
    full: dict[str, Any], heading: str
) -> None:
    it = supper_in("Norwich", "York", "Leeds", "Exeter", "Hull")
    gone = session_in(it, "Bradford", **full)
    session_in(it, "Halifax", capacity=0)
    session_in(it, "Skipton", status="cancelled")
    page = get(f"/book/{it.event.slug}/{gone.session_id}")
    assert heading in Shown(page).text
    assert "These are the nearest suppers with places left:" in Shown(page).text
    named = re.findall(r'<li><a href="([^"]+)" lang="en">(\w+)</a>: ([^,]+),', page.body.decode())
    assert [(title, far) for _, title, far in named] == [
        ("Leeds", "8 miles"), ("York", "30 miles"), ("Hull", "58 miles"),
    ]  # fmt: skip
    assert get(named[0][0]).status_code == 200


def test_a_page_that_can_be_booked_or_has_no_other_names_none() -> None:
    it = supper_in("Norwich", "Leeds")
    assert "nearest" not in get(f"/book/{it.event.slug}/{it.session.session_id}").body.decode()
    alone = scene(capacity=0)
    assert "nearest" not in get(f"/book/{alone.event.slug}/{alone.session.session_id}").body.decode()


def test_the_nearest_cost_no_request_where_the_list_was_just_shown() -> None:
    it = supper_in("Norwich", "Leeds")
    gone = session_in(it, "Bradford", capacity=0)
    path = f"/book/{it.event.slug}/{gone.session_id}"
    get(path)
    with requests_counted() as requests:
        assert "nearest suppers" in get(path).body.decode()
    assert requests.total() == 0


def test_the_page_runs_its_own_script_alone_which_may_ask_nobody() -> None:
    response = get(f"/book/{supper_in('Norwich', 'Leeds').event.slug}")
    (script,) = re.findall(r"<script>(.*?)</script>", response.body.decode(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = dict(one.split(" ", 1) for one in str(header(response, "Content-Security-Policy")).split("; "))
    assert policy["script-src"] == f"'sha256-{digest}'"
    assert policy["default-src"] == "'none'"
    assert "connect-src" not in policy


def near_me(browser: Browser, it: Scene, query: str = "", *, granted: bool = True) -> Page:
    """Return the page after "Near me", in a browser that is in Hull and says so if that is granted."""
    context = browser.new_context(
        geolocation={"latitude": HULL.latitude, "longitude": HULL.longitude},
        permissions=["geolocation"] if granted else [],
    )
    response = get(f"/book/{it.event.slug}{query}")
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    policy = str(header(response, "Content-Security-Policy"))
    headers = {"Content-Type": "text/html", "Content-Security-Policy": policy}
    page.route("**/*", lambda route: route.fulfill(body=response.body, headers=headers))
    page.goto("https://book.example.org/")
    page.get_by_role("button", name="Near me").click()
    expect(page.locator("#near-me-says")).not_to_have_text("")
    expect(page.locator("#near-me-says")).not_to_have_text("Looking for where you are.")
    assert asked == ["https://book.example.org/"]
    return page


def test_near_me_sorts_in_the_browser_as_the_server_would_and_sends_nothing(browser: Browser) -> None:
    it = supper_in("Norwich", "Leeds", "Who knows where")
    session_in(it, "Galway", zone="Europe/Dublin")
    began, ended = (time - timedelta(days=300) for time in (it.session.starts_local, it.session.ends_local))
    session_in(it, "Beverley", starts_local=began, ends_local=ended)
    page = near_me(browser, it)
    expect(page.locator("#near-me-says")).to_have_text("Sorted by distance from you.")
    assert page.locator(".card h4").all_inner_texts() == [
        "Leeds", "Norwich", "Galway", "Who knows where", "Beverley",
    ]  # fmt: skip
    far = page.locator(".card .far").all_inner_texts()
    assert far == ["50 miles from you", "102 miles from you", "578 km from you"]
    assert page.locator("h3 >> visible=true").count() == 0
    assert "Kirkcaldy" not in near_me(browser, it, "?near=Kirkcaldy").locator("#found").inner_text()


def test_near_me_keeps_those_with_room_in_front(browser: Browser) -> None:
    it = supper_in("Leeds", "Norwich", "Exeter")
    session_in(it, "Beverley", capacity=0)
    page = near_me(browser, it, "?places=2")
    assert page.locator(".card h4").all_inner_texts() == ["Leeds", "Norwich", "Exeter", "Beverley"]


def test_near_me_says_so_when_the_browser_does_not_tell(browser: Browser) -> None:
    page = near_me(browser, supper_in("Norwich", "Leeds"), granted=False)
    expect(page.locator("#near-me-says")).to_have_text("Your browser did not tell us where you are.")
    assert page.locator(".card h3").all_inner_texts() == ["Leeds", "Norwich"]


def test_without_a_script_there_is_no_button_that_needs_one(browser: Browser) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.set_content(page_of(supper_in("Norwich", "Leeds")))
        assert page.get_by_role("button").all_inner_texts() == ["Find"]
