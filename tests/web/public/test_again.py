"""Asking for the email of a booking again: one answer for everybody, as a page and as JSON."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from chalice.test import HTTPResponse

from chalicelib.domain.attendee import NOT_AN_ADDRESS
from chalicelib.settings import settings
from chalicelib.store import capacity_changes
from chalicelib.web.event.urls import event_page_url
from tests import making
from tests.mail_chain import Chain, mails_to
from tests.web.browsing import Page, ann, ask_again, book_by_form, get, header, options, post, problem_code
from tests.web.conftest import NOW, Clock
from tests.web.refused import Scene, scene
from tests.wire import requests_counted

pytestmark = pytest.mark.usefixtures("table")

ANSWER = "If this address has a booking here, we'll try to send its email again."
JSON = {"Content_Type": "application/json"}


def json_path(it: Scene) -> str:
    return f"/events/{it.event.slug}/sessions/{it.session.session_id}/again"


def by_form(it: Scene, address: str) -> HTTPResponse:
    return ask_again(it.event, it.session, address)


def by_json(it: Scene, address: str, **headers: str) -> HTTPResponse:
    return post(json_path(it), json.dumps({"email": address}).encode(), **JSON, **headers)


BOTH = pytest.mark.parametrize("ask", [by_form, by_json])
Ask = Callable[[Scene, str], HTTPResponse]


@BOTH
@pytest.mark.parametrize("several", [1, 3])
def test_an_attendee_and_a_stranger_get_the_same_answer_after_the_same_write(ask: Ask, several: int) -> None:
    it = scene(event={"bookings_per_address_max": several})
    book_by_form(it.event, it.session, ann())
    ask(it, "warm@example.org")
    answers = []
    for address in ("ann@example.org", "stranger@example.org"):
        with requests_counted() as sent:
            answers.append(ask(it, address))
        assert sent == {"PutItem": 1}
    assert answers[0].body == answers[1].body
    assert answers[0].headers == answers[1].headers
    assert [answer.status_code for answer in answers] == [202, 202]
    assert ANSWER in answers[0].body.decode().replace("&#39;", "'")
    assert header(answers[0], "Cache-Control") == "no-store"


@BOTH
@pytest.mark.usefixtures("neighbours")
def test_whoever_lost_the_email_gets_it_again_when_all_is_sold_and_nobody_else_gets_any(
    table: Any, clock: Clock, ask: Ask
) -> None:
    it = scene(capacity=2)
    chain = Chain(table)
    book_by_form(it.event, it.session, ann())
    chain.settle()
    capacity_changes.close(it.session)
    clock.now = NOW + timedelta(minutes=11)
    for address in ("Ann@Example.org", "stranger@example.org"):
        assert ask(it, address).status_code == 202
    chain.settle()
    assert (mails_to("ann@example.org"), mails_to("stranger@example.org")) == (2, 0)
    assert making.invariants_hold(it.session) == 2


def test_a_refusal_sends_nothing(table: Any, clock: Clock) -> None:
    it = scene(capacity=4)
    before = Chain(table)
    book_by_form(it.event, it.session, ann(idempotency_key="1"))
    before.changes()
    clock.now = NOW + timedelta(minutes=11)
    for changes in ({}, {"places": 9}, {"places": 6}):
        assert book_by_form(it.event, it.session, ann(idempotency_key="2", **changes)).status_code > 400
    assert before.changes() == {"Records": []}


def test_a_mistyped_address_comes_back_to_be_put_right() -> None:
    it = scene()
    page = Page(answer := by_form(it, "nobody"))
    assert answer.status_code == 422
    assert NOT_AN_ADDRESS in page.text
    assert page.field("email") == "nobody"
    assert page.all("a", href="#again-email")
    assert "Please enter your email address." in Page(by_form(it, "")).text
    assert problem_code(by_json(it, "nobody")) == "invalid"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "cancelled"}, "cancelled"),
        ({"event": {"status": "cancelled"}}, "cancelled"),
        ({"event": {"status": "draft"}}, "not_published"),
    ],
)
def test_where_there_is_nothing_to_send_everybody_hears_why(changes: dict[str, Any], code: str) -> None:
    it = scene(**changes)
    answer = by_json(it, "ann@example.org")
    assert problem_code(answer) == code
    page = by_form(it, "ann@example.org")
    assert page.status_code == answer.status_code
    assert Page(page).all("form") == []


def test_once_it_is_over_nobody_is_pointed_to_it(clock: Clock) -> None:
    it = scene()
    path = f"/book/{it.event.slug}/{it.session.session_id}"
    assert "Send my email again" in Page(get(path)).text
    clock.now = it.session.ends_at
    assert "Send my email again" in Page(get(path)).text
    clock.now += timedelta(seconds=1)
    assert "Send my email again" not in Page(get(path)).text
    assert problem_code(by_json(it, "ann@example.org")) == "session_over"


def test_once_it_is_over_the_page_says_so_and_has_no_form(clock: Clock) -> None:
    it = scene(event={"session_noun": "dinner"})
    clock.now = it.session.ends_at + timedelta(seconds=1)
    for answer in (
        get(f"/book/{it.event.slug}/{it.session.session_id}/again"),
        by_form(it, "ann@example.org"),
    ):
        page = Page(answer)
        assert "This dinner is over" in page.text
        assert page.all("form") == []
        assert page.all("a", href=event_page_url(it.event))
        assert "<title>Over: " in answer.body.decode()


@BOTH
def test_a_flood_is_held_up_as_one_of_bookings_is_and_writes_nothing(ask: Ask) -> None:
    it = scene()
    for number in range(settings().bookings_per_source_minute):
        assert ask(it, f"{number}@example.org").status_code == 202
    with requests_counted() as sent:
        answer = ask(it, "ann@example.org")
    assert (answer.status_code, header(answer, "Retry-After"), sent) == (429, "60", {})
    # It is one count with that of bookings.
    assert book_by_form(it.event, it.session, ann()).status_code == 429


def test_the_scripts_of_listed_sites_may_ask() -> None:
    it = scene(event={"allowed_origins": ("https://curry.example",)})
    allowed = options(json_path(it), Origin="https://curry.example")
    assert header(allowed, "Access-Control-Allow-Methods") == "POST"
    answer = by_json(it, "ann@example.org", Origin="https://curry.example")
    assert header(answer, "Access-Control-Allow-Origin") == "https://curry.example"
    other = by_json(it, "ann@example.org", Origin="https://other.example")
    assert header(other, "Access-Control-Allow-Origin") is None


@pytest.mark.parametrize(
    ("organiser_name", "contact", "words"),
    [
        (None, None, "contact the organiser"),
        ("Ludlow Soup", "soup@example.org", "contact Ludlow Soup : soup@example.org"),
    ],
)
def test_who_gets_no_email_is_told_whom_to_ask(
    organiser_name: str | None, contact: str | None, words: str
) -> None:
    it = scene(event={"organiser_name": organiser_name, "contact": contact})
    done = get(f"/book/{it.event.slug}/{it.session.session_id}/done")
    for page in (Page(done), Page(by_form(it, "ann@example.org"))):
        assert words in page.text
        assert bool(page.all("a", href="mailto:soup@example.org")) == bool(contact)


def test_refusals_and_the_thanks_page_and_the_api_lead_there() -> None:
    it = scene(capacity=2)
    here = f"https://book.example.org/v1/book/{it.event.slug}/{it.session.session_id}"
    assert Page(get(here)).link("/again") == f"{here}/again"
    book_by_form(it.event, it.session, ann(idempotency_key="1"))
    assert Page(get(f"{here}/done")).link("/again") == f"{here}/again"
    refused = Page(book_by_form(it.event, it.session, ann(email="bo@example.org", name="")))
    assert refused.link("/again") == f"{here}/again"
    sold_out = Page(book_by_form(it.event, it.session, ann(email="bo@example.org")))
    assert sold_out.all("form", action=f"{here}/again")
    assert Page(get(f"{here}/again")).all("form", action=f"{here}/again")
    (session,) = json.loads(get(f"/events/{it.event.slug}").body)["sessions"]
    assert session["links"]["again"] == "https://book.example.org/v1" + json_path(it)
