"""What is passed on of an event, to search engines, other sites and people; and of whom nothing is."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from chalice.test import HTTPResponse
from playwright.sync_api import Browser, Route
from playwright.sync_api import Page as BrowserPage

from chalicelib.domain.colours import shades
from chalicelib.domain.session import Earlier
from tests import making
from tests.engines import forget_process_state
from tests.web.attendee.test_booking import booked, link
from tests.web.browsing import Page, ann, book_by_form, get, header
from tests.web.conftest import NOW, Clock
from tests.web.queue.test_pages import form_of, held_in, queue_scene
from tests.web.refused import Scene, scene

pytestmark = pytest.mark.usefixtures("table")

PICTURE = "https://hosts.example/curry.jpg"
BASE = "https://book.example.org/v1"
HOSTILE = "</script><!--<script>alert(1)</script>\"'&{{ 1 }}"
TRACES = ("og:", "twitter:", "ld+json", "canonical", "mailto:?", "sessions.ics")


def event_page(it: Scene) -> HTTPResponse:
    return get(f"/book/{it.event.slug}")


def session_page(it: Scene) -> HTTPResponse:
    return get(f"/book/{it.event.slug}/{it.session.session_id}")


def metas(answer: HTTPResponse) -> dict[str, str]:
    page = Page(answer)
    return {
        meta.get("property") or meta["name"]: meta["content"]
        for meta in page.all("meta")
        if "content" in meta
    }


def data_of(answer: HTTPResponse) -> Any:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', answer.body.decode(), re.S)
    (written,) = found
    return json.loads(written)


def test_the_pages_of_event_and_session_say_what_a_link_to_them_is_about() -> None:
    it = scene(event={"description": "Come as you are.\n\nBring bread.", "picture_url": PICTURE})
    event, session = metas(event_page(it)), metas(session_page(it))
    assert event["description"] == event["og:description"] == "Come as you are. Bring bread."
    assert (event["og:title"], session["og:title"]) == ("Social Care Curry", "Social Care Curry: Leicester")
    said = "Sunday 5 September 2027, 7pm to 10pm. The Copper Pot, 12 Example Street, Leicester"
    assert session["description"] == said.replace("10pm.", "10pm, UK time.")
    for answer, path in ((event_page(it), ""), (session_page(it), f"/{it.session.session_id}")):
        url = f"{BASE}/book/{it.event.slug}{path}"
        assert metas(answer)["og:url"] == url
        assert [have["href"] for have in Page(answer).all("link", rel="canonical")] == [url]
        assert metas(answer)["og:image"] == PICTURE
        assert metas(answer)["twitter:card"] == "summary_large_image"
    assert answer.body.decode().count(PICTURE) == 2  # its tag and its data: no page of ours shows it


def test_an_event_without_picture_or_description_is_told_by_its_sessions() -> None:
    it = scene()
    making.make_session(it.event, title="York")
    told = metas(event_page(it))
    assert told["description"] == "Leicester, York"
    assert told["twitter:card"] == "summary"
    assert "og:image" not in told


def test_a_long_description_is_cut_between_words() -> None:
    told = metas(event_page(scene(event={"description": "bread " * 100})))["description"]
    assert len(told) <= 200
    assert told.endswith("bread…")


@pytest.mark.parametrize(
    ("capacity", "booked_places", "availability"),
    [(20, 0, "InStock"), (20, 10, "InStock"), (20, 18, "LimitedAvailability"), (20, 20, "SoldOut")],
)
def test_the_data_says_of_places_what_the_page_says(
    capacity: int, booked_places: int, availability: str
) -> None:
    it = scene(event={"places_per_booking_max": 20}, capacity=capacity)
    if booked_places:
        assert book_by_form(it.event, it.session, ann(places=booked_places)).status_code == 303
    forget_process_state()
    for answer in (event_page(it), session_page(it)):
        data = data_of(answer)
        assert data["offers"]["availability"] == f"https://schema.org/{availability}"
        assert data["@type"] == "Event"
        assert data["startDate"] == "2027-09-05T19:00:00+01:00"
        assert data["location"]["name"] == "The Copper Pot"
        assert data["organizer"] == {"@type": "Organization", "name": "Curry Hosts"}
        assert data["url"] == f"{BASE}/book/{it.event.slug}/{it.session.session_id}"


@pytest.mark.parametrize(
    ("event", "session", "status"),
    [
        ({}, {}, "EventScheduled"),
        ({}, {"status": "cancelled"}, "EventCancelled"),
        ({"status": "cancelled"}, {}, "EventCancelled"),
        ({}, {"status": "closed"}, "EventScheduled"),
    ],
)
def test_the_data_says_what_became_of_a_session(
    event: dict[str, Any], session: dict[str, Any], status: str
) -> None:
    it = scene(event=event, **session)
    for answer in (event_page(it), session_page(it)):
        data = data_of(answer)
        assert data["eventStatus"] == f"https://schema.org/{status}"
        assert ("offers" in data) == (not event and not session)


def earlier(days: int, sequence: int = 0) -> Earlier:
    return Earlier(
        sequence=sequence,
        until=NOW,
        zone="Europe/London",
        starts_local=datetime(2027, 9, 5, 19) - timedelta(days=days),
        ends_local=datetime(2027, 9, 5, 22) - timedelta(days=days),
        venue="Elsewhere",
        address="1 Example Street",
    )


@pytest.mark.parametrize(
    ("changed", "previous"),
    [
        ({"earlier": (earlier(2), earlier(0, 1)), "sequence_at": NOW}, "2027-09-03T19:00:00+01:00"),
        ({"earlier": (earlier(0),), "sequence_at": NOW}, None),
        ({"earlier": (earlier(2),)}, None),
    ],
    ids=["another time", "another place", "told nobody"],
)
def test_a_session_that_people_were_told_is_at_another_time_is_rescheduled(
    changed: dict[str, Any], previous: str | None
) -> None:
    data = data_of(session_page(scene(sequence=2, **changed)))
    assert data.get("previousStartDate") == previous
    assert data["eventStatus"].endswith("EventRescheduled" if previous else "EventScheduled")


def test_an_event_of_several_sessions_lists_them_and_no_more_than_a_few() -> None:
    it = scene()
    for number in range(30):
        making.make_session(it.event, title=f"Town {number:02}", zone="America/Vancouver")
    data = data_of(event_page(it))
    assert (data["startDate"], data["endDate"]) == ("2027-09-05T19:00:00+01:00", "2027-09-05T22:00:00-07:00")
    assert len(data["subEvent"]) == 25
    assert data["subEvent"][0]["name"] == "Social Care Curry: Leicester"


def test_nothing_that_is_typed_ends_the_data_or_a_tag() -> None:
    it = scene(
        event={"title": HOSTILE, "description": HOSTILE, "organiser_name": HOSTILE},
        title=HOSTILE,
        venue=HOSTILE,
    )
    for answer in (event_page(it), session_page(it)):
        page = Page(answer)
        assert (len(page.all("data")), page.all("script")) == (1, [])
        assert data_of(answer)["organizer"]["name"] == HOSTILE
        assert metas(answer)["og:title"].startswith(HOSTILE)
        assert "alert(1)</script>" not in answer.body.decode()


@contextmanager
def visited(browser: Browser, path: str) -> Iterator[tuple[BrowserPage, list[str]]]:
    """Open a page as it is served, with its policy; give it with what it asked for and what was reported."""
    answer, noted = get(path), []

    def serve(route: Route) -> None:
        headers = {name: str(header(answer, name)) for name in ("Content-Type", "Content-Security-Policy")}
        route.fulfill(status=200, headers=headers, body=answer.body)

    with browser.new_context(color_scheme="dark") as context:
        context.route("**/*", serve)
        page = context.new_page()
        page.on("request", lambda request: noted.append(request.url))
        page.on("console", lambda message: noted.append(message.text))
        page.goto(BASE + path)
        yield page, noted


def test_a_browser_meets_nothing_that_the_policy_forbids_and_loads_nothing_else(browser: Browser) -> None:
    it = scene(event={"picture_url": PICTURE, "accent_colour": "#1d4f91", "description": HOSTILE})
    for path in (f"/book/{it.event.slug}", f"/book/{it.event.slug}/{it.session.session_id}"):
        with visited(browser, path) as (page, noted):
            assert noted == [BASE + path]
            button = page.evaluate(
                "getComputedStyle(document.querySelector('main .button, main button')).backgroundColor"
            )
            red, green, blue = bytes.fromhex(shades("#1d4f91")[1].brand[1:])
            assert button == f"rgb({red}, {green}, {blue})"
            # What a browser does with an icon, as far as the policy is concerned.
            page.evaluate(
                "new Promise((done, failed) => { const icon = new Image(); icon.onload = done;"
                "icon.onerror = failed; icon.src = document.querySelector('link[rel=icon]').href })"
            )
        assert noted[1:] == [url for url in noted[1:] if url.startswith("data:image/svg+xml,")]


def test_a_page_is_shared_by_email_and_by_its_address_without_a_script() -> None:
    it = scene(event={"title": "Curry & Rice?", "session_noun": "dinner"})
    for answer, url in (
        (event_page(it), f"{BASE}/book/{it.event.slug}"),
        (session_page(it), f"{BASE}/book/{it.event.slug}/{it.session.session_id}"),
    ):
        page = Page(answer)
        mail = parse_qs(urlsplit(page.link("mailto:?")).query)
        assert mail["subject"][0].startswith("Curry & Rice?")
        assert mail["body"][0].splitlines()[-1] == url
        (field,) = page.all("input", id="share-link")
        assert field["value"] == url
        assert "readonly" in field
    assert Page(event_page(it)).link("sessions.ics") == f"{BASE}/events/{it.event.slug}/sessions.ics"
    assert "Share this dinner" in page.text


@pytest.mark.parametrize("event", [{"status": "cancelled"}, {}])
def test_nobody_is_asked_to_share_what_is_cancelled(event: dict[str, Any]) -> None:
    it = scene(event=event, status="cancelled")
    assert "mailto:?" not in session_page(it).body.decode()
    assert ("mailto:?" in event_page(it).body.decode()) == (not event)


def test_a_page_that_is_somebodys_own_holds_nothing_of_it(clock: Clock) -> None:
    it, booking = booked()
    done = get(str(header(book_by_form(it.event, it.session, ann(email="bo@example.org")), "Location")))
    turn = queue_scene()
    held = held_in(form_of(turn, clock))
    own = f"/book/{turn.event.slug}/{turn.session.session_id}?admission={held['admission']}"
    pages = {
        "manage": get(link("manage", booking)),
        "ticket": get(link("ticket", booking)),
        "done": done,
        "refused": book_by_form(it.event, it.session, ann(email="nobody")),
        "in turn": get(own),
    }
    for name, answer in pages.items():
        shown = answer.body.decode()
        assert "<main" in shown
        assert [trace for trace in TRACES if trace in shown] == [], name
    for name in ("manage", "ticket", "done"):
        assert "noindex" in str(header(pages[name], "X-Robots-Tag")), name


def test_nothing_of_a_draft_is_passed_on() -> None:
    it = scene(
        event={"status": "draft", "title": "Secret", "picture_url": PICTURE, "accent_colour": "#1d4f91"}
    )
    for answer in (event_page(it), session_page(it), get(f"/events/{it.event.slug}/sessions.ics")):
        shown = answer.body.decode()
        assert answer.status_code == 404
        assert not [trace for trace in (*TRACES, "Secret", PICTURE, "#1d4f91") if trace in shown]
