"""An event's counter on its page, as JSON, and in a frame of any site."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.actions.event.recount_session import recount_session
from chalicelib.domain.event import COUNTER_PARTS, CounterPart, Event
from chalicelib.store.bookings import every_booking
from chalicelib.store.capacity import give_back
from chalicelib.store.recounts import watched_sessions
from tests import making
from tests.engines import forget_process_state
from tests.web.admin import new_admin
from tests.web.browsing import Page, ann, book_by_json, get, header, options, problem_code
from tests.web.conftest import NOW
from tests.web.refused import Scene, scene
from tests.wire import requests_counted

pytestmark = pytest.mark.usefixtures("neighbours")

WORDS = {"hosts": "2 hosts", "towns": "2 towns", "booked": "5 booked", "places_left": "35 places left"}


def a_campaign(**event: Any) -> Scene:
    """Two dinners, after three bookings of which one was cancelled, and after the recount that follows."""
    it = scene(event={"session_noun": "dinner", **event})
    leeds = making.make_session(it.event, title="Leeds")
    for session, name, places in ((it.session, "ann", 3), (it.session, "bo", 4), (leeds, "cy", 2)):
        body = ann(places=places, email=f"{name}@example.org")
        assert book_by_json(it.event, session, body).status_code == 201
    (bo,) = [each for each in every_booking(it.session.session_id) if each.places == 4]
    give_back(bo, NOW)
    recount()
    return it


def recount() -> None:
    for watched in watched_sessions():
        recount_session(watched, now=NOW + timedelta(minutes=1))
    forget_process_state()


def json_of(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(get(f"/events/{event.slug}/counter").body)
    return found


def said_on(path: str) -> list[str]:
    listed = re.search(r'<ul class="counter">(.*?)</ul>', get(path).body.decode(), re.DOTALL)
    items = re.findall(r"<li>(.*?)</li>", listed[1]) if listed else []
    return [re.sub(r"<[^>]*>", "", each) for each in items]


def test_the_page_the_json_and_the_frame_say_what_a_recount_has_found() -> None:
    it = a_campaign()
    assert json_of(it.event) == {
        "words": "2 hosts, 2 towns, 5 booked, 35 places left",
        "hosts": 2, "towns": 2, "booked": 5, "places_left": 35,
    }  # fmt: skip
    for path in (f"/book/{it.event.slug}", f"/book/{it.event.slug}/counter/embed"):
        assert said_on(path) == list(WORDS.values())


def test_who_books_and_cancels_is_counted_at_the_next_recount() -> None:
    it = a_campaign()
    book_by_json(it.event, it.session, ann(places=6, email="di@example.org"))
    recount()
    assert (json_of(it.event)["booked"], json_of(it.event)["places_left"]) == (11, 29)


@pytest.mark.parametrize("hidden", COUNTER_PARTS)
def test_what_the_organiser_hides_is_in_no_answer(hidden: CounterPart) -> None:
    it = a_campaign(counter=tuple(part for part in COUNTER_PARTS if part != hidden))
    shown = [words for part, words in WORDS.items() if part != hidden]
    assert json_of(it.event).keys() == {"words", *COUNTER_PARTS} - {hidden}
    assert json_of(it.event)["words"] == ", ".join(shown)
    for path in (f"/book/{it.event.slug}", f"/book/{it.event.slug}/counter/embed"):
        assert said_on(path) == shown


def test_an_organiser_hides_all_of_it_with_an_empty_list() -> None:
    admin = new_admin()
    path = admin.new_event()
    assert admin.get(path).json_body["counter"] == list(COUNTER_PARTS)
    twice = {"counter": ["booked", "booked", "towns"]}
    assert admin.send("PATCH", path, twice, If_Match="*").json_body["counter"] == ["booked", "towns"]
    assert admin.send("PATCH", path, {"counter": ["guests"]}, If_Match="*").status_code == 422
    it = a_campaign(counter=())
    assert "counter" not in get(f"/book/{it.event.slug}").body.decode().partition("</style>")[2]
    assert problem_code(get(f"/events/{it.event.slug}/counter")) == "not_found"
    assert get(f"/book/{it.event.slug}/counter/embed").status_code == 404
    assert "counter" not in json.loads(get(f"/events/{it.event.slug}").body)["links"]


def test_an_event_without_a_booking_says_nothing_of_bookings() -> None:
    it = scene(event={"session_noun": "dinner"})
    recount()
    assert said_on(f"/book/{it.event.slug}") == ["1 host", "1 town", "20 places left"]
    assert json_of(it.event)["booked"] == 0


def test_a_cancelled_event_counts_nothing_up() -> None:
    it = scene(event={"status": "cancelled"})
    assert said_on(f"/book/{it.event.slug}") == []
    assert "Sorry, this event has been cancelled." in Page(get(f"/book/{it.event.slug}/counter/embed")).text


def test_a_page_asks_once_more_when_it_is_new_and_never_what_it_asked_a_moment_ago() -> None:
    paths = {counter: f"/book/{a_campaign(counter=counter).event.slug}" for counter in ((), COUNTER_PARTS)}
    spent = {}
    for counter, path in paths.items():
        forget_process_state()
        with requests_counted() as sent:
            get(path)
        spent[counter] = sent.copy()
        with requests_counted() as again:
            get(path)
        assert not again
    assert sum(spent[COUNTER_PARTS].values()) - sum(spent[()].values()) == 1


def test_every_site_may_frame_the_counter_alone_which_has_no_script_and_no_form() -> None:
    it = a_campaign()
    answer = get(f"/book/{it.event.slug}/counter/embed")
    policy = str(header(answer, "Content-Security-Policy"))
    assert "frame-ancestors *;" in policy
    assert "script-src" not in policy
    page = Page(answer)
    assert not page.all("script")
    assert not page.all("form")
    assert page.all("a", target="_top", href=f"https://book.example.org/v1/book/{it.event.slug}")
    assert len(answer.body) < 2500
    elsewhere = str(header(get(f"/book/{it.event.slug}"), "Content-Security-Policy"))
    assert "frame-ancestors 'none'" in elsewhere


def test_its_title_is_escaped_and_its_colour_is_the_events() -> None:
    it = a_campaign(title="<b>Curry</b>", accent_colour="#0b5d1e")
    body = get(f"/book/{it.event.slug}/counter/embed").body.decode()
    assert "&lt;b&gt;Curry&lt;/b&gt;" in body
    assert "#0b5d1e" in body


def test_it_may_be_kept_five_seconds_and_scripts_of_every_site_may_read_it() -> None:
    it = a_campaign()
    answer = get(f"/events/{it.event.slug}/counter", Origin="https://a-blog.example")
    assert header(answer, "Access-Control-Allow-Origin") == "*"
    assert header(answer, "Cache-Control") == "public, max-age=5"
    again = get(f"/events/{it.event.slug}/counter", If_None_Match=str(header(answer, "ETag")))
    assert (again.status_code, again.body) == (304, b"")
    asked = options(f"/events/{it.event.slug}/counter", Origin="https://a-blog.example")
    assert (asked.status_code, header(asked, "Access-Control-Allow-Origin")) == (204, "*")


def test_a_draft_has_no_counter() -> None:
    it = scene(event={"status": "draft"})
    assert problem_code(get(f"/events/{it.event.slug}/counter")) == "not_published"
    assert get(f"/book/{it.event.slug}/counter/embed").status_code == 404
