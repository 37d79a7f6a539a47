"""The page with all calls: what it holds, and its search in a browser, with scripts and without."""

import base64
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

import pytest
from chalice.test import HTTPResponse
from playwright.sync_api import Browser, Locator, Page, Route, expect

from infra.apidoc.every_call import EVERY_CALL
from infra.apidoc.start import TASKS
from tests.web import browsing
from tests.web.browsing import get, header

CALLS_COUNT = sum(len(calls) for calls in EVERY_CALL.values())
BASE_URL = "https://book.example.org/v1"
SCRIPT_BYTES_MAX = 1500


def policy(answer: HTTPResponse) -> dict[str, str]:
    """Return the page's policy by directive."""
    directives = str(header(answer, "Content-Security-Policy")).split("; ")
    return dict(directive.partition(" ")[::2] for directive in directives)


def test_its_one_script_is_allowed_by_its_hash_and_may_ask_for_nothing() -> None:
    answer = get("/docs")
    (script,) = re.findall(r"<script>(.*?)</script>", answer.body.decode(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy(answer)["script-src"] == f"'sha256-{digest}'"
    assert "connect-src" not in policy(answer)
    assert policy(answer)["default-src"] == "'none'"
    assert "unsafe" not in str(header(answer, "Content-Security-Policy"))
    assert len(script.encode()) < SCRIPT_BYTES_MAX


def test_all_its_addresses_begin_with_the_one_base_url() -> None:
    body = get("/docs").body.decode()
    ours = {address for address in re.findall(r"https?://[\w.-]+[\w./-]*", body) if "example.org" in address}
    elsewhere = {
        "https://www.example.org",
        "https://www.example.org/thanks",
        "https://www.example.org/privacy",
        "https://www.example.org/soup.jpg",
    }
    assert ours - elsewhere
    assert {address for address in ours - elsewhere if not address.startswith(BASE_URL)} == set()


class Terms(HTMLParser):
    """The terms of each description list of a page."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.lists: list[list[str]] = []
        self._reading = False
        self.feed(body)

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        if tag == "dl":
            self.lists.append([])
        if tag == "dt":
            self.lists[-1].append("")
        self._reading = tag == "dt" or (self._reading and tag == "span")

    def handle_endtag(self, tag: str) -> None:
        self._reading = self._reading and tag != "dt"

    def handle_data(self, data: str) -> None:
        if self._reading:
            self.lists[-1][-1] += data


def test_what_the_objects_of_a_list_hold_is_named_with_their_list() -> None:
    page = browsing.Page(get("/docs")).text
    for field in ("questions.kind", "questions.sensitive", "bookings.version"):
        assert field in page


def test_no_list_of_it_names_a_term_twice() -> None:
    lists = Terms(get("/docs").body.decode()).lists
    assert len(lists) > CALLS_COUNT
    assert [terms for terms in lists if len(terms) != len(set(terms))] == []


def test_it_begins_with_the_first_tasks_each_with_its_calls_and_an_example() -> None:
    page = browsing.Page(get("/docs"))
    links = [link["href"] for link in page.all("a")]
    for task in TASKS:
        assert task.title in page.text
        assert page.all("pre", **{"aria-label": f"Example: {task.title}"})
        assert task.calls
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    # The list of calls comes after them, and what is told of a call after that.
    anchors = ["start", "task-1", "task-5", "list", "all"]
    assert sorted(anchors, key=ids.index) == anchors
    assert links.count("#post_admin_events") == 2


@contextmanager
def opened(browser: Browser, *, scripts: bool = True) -> Iterator[Page]:
    """Open the page as it is served, with its policy."""
    answer = get("/docs")

    def serve(route: Route) -> None:
        headers = {name: str(header(answer, name)) for name in ("Content-Type", "Content-Security-Policy")}
        route.fulfill(status=200, headers=headers, body=answer.body)

    with browser.new_context(java_script_enabled=scripts) as context:
        context.route("**/*", serve)
        page = context.new_page()
        page.goto(f"{BASE_URL}/docs")
        yield page


def listed(page: Page) -> Locator:
    return page.locator("nav li:visible")


def told(page: Page) -> Locator:
    return page.locator("article.call:visible")


def test_typing_narrows_the_list_and_the_calls_below_and_nothing_typed_shows_all(browser: Browser) -> None:
    with opened(browser) as page:
        box = page.get_by_label("Find a call")
        expect(page.get_by_role("status")).to_have_text(f"{CALLS_COUNT} of {CALLS_COUNT} calls")
        box.fill("slug_taken")
        expect(listed(page)).to_have_count(1)
        expect(told(page).get_by_role("heading", level=3)).to_have_text("Create an event")
        expect(page.get_by_role("status")).to_have_text(f"1 of {CALLS_COUNT} calls")
        # A heading without a call below it is not shown either.
        expect(page.locator("section[data-calls]:visible")).to_have_count(1)
        box.fill("there is no such call")
        expect(listed(page)).to_have_count(0)
        box.fill("")
        expect(listed(page)).to_have_count(CALLS_COUNT)
        expect(told(page)).to_have_count(CALLS_COUNT)


@pytest.mark.parametrize(
    ("typed", "summary"),
    [
        ("/publish", "Publish an event"),
        ("POST  queue/ADMISSION", "Exchange a ticket for an admission"),
        ("mailed_just_now", "Send a booking's email again"),
        ("return_url places_per_booking", "Change an event"),
        ("check in a party", "Check in a party or part of it"),
    ],
)
def test_a_call_is_found_by_path_method_code_field_and_summary(
    browser: Browser, typed: str, summary: str
) -> None:
    with opened(browser) as page:
        page.get_by_label("Find a call").fill(typed)
        expect(listed(page).filter(has_text=summary)).to_have_count(1)
        assert listed(page).count() < 4


def test_the_search_works_by_keyboard_alone(browser: Browser) -> None:
    with opened(browser) as page:
        page.get_by_role("link", name="All calls", exact=True).press("Enter")
        page.keyboard.press("Tab")
        box = page.get_by_label("Find a call")
        expect(box).to_be_focused()
        page.keyboard.type("slug_taken")
        expect(listed(page)).to_have_count(1)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{BASE_URL}/docs#post_admin_events")
        expect(page.locator("#post_admin_events")).to_be_in_viewport()
        box.focus()
        page.keyboard.press("Escape")
        expect(box).to_have_value("")
        expect(listed(page)).to_have_count(CALLS_COUNT)


def test_a_link_to_a_call_that_is_not_shown_shows_it(browser: Browser) -> None:
    with opened(browser) as page:
        page.get_by_label("Find a call").fill("slug_taken")
        page.locator("#task-2 ~ p").get_by_role("link", name="Book places").click()
        expect(page.get_by_role("heading", name="Book places")).to_be_in_viewport()
        expect(page.get_by_label("Find a call")).to_have_value("")


def test_a_link_shows_its_call_also_if_the_address_is_that_link_s_already(browser: Browser) -> None:
    with opened(browser) as page:
        link = page.locator("#task-2 ~ p").get_by_role("link", name="Book places")
        link.click()
        page.get_by_label("Find a call").fill("slug_taken")
        link.click()
        expect(page.get_by_role("heading", name="Book places")).to_be_in_viewport()
        expect(page.get_by_label("Find a call")).to_have_value("")


@pytest.mark.parametrize(
    "typed", ["<img src=x onerror=alert(1)>", "(?:a+)+$", "[", "\\", "__proto__", "x" * 5000]
)
def test_a_search_for_anything_is_only_a_search(browser: Browser, typed: str) -> None:
    with opened(browser) as page:
        said: list[str] = []
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.get_by_label("Find a call").fill(typed)
        expect(page.get_by_role("status")).to_have_text(f"0 of {CALLS_COUNT} calls")
        page.get_by_label("Find a call").press("Enter")
        expect(page).to_have_url(f"{BASE_URL}/docs")
        assert page.locator("img").count() == 0
        assert said == []


def test_without_scripts_all_calls_are_there_and_no_search(browser: Browser) -> None:
    with opened(browser, scripts=False) as page:
        expect(listed(page)).to_have_count(CALLS_COUNT)
        expect(told(page)).to_have_count(CALLS_COUNT)
        expect(page.get_by_label("Find a call")).to_be_hidden()
        expect(page.get_by_role("status")).to_be_hidden()
