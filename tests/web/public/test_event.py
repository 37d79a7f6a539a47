import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests import making
from tests.engines import forget_process_state
from tests.web.browsing import (
    ann,
    book_by_json,
    bookings_path,
    get,
    header,
    options,
    problem_code,
)
from tests.web.conftest import NOW
from tests.web.refused import REFUSED, Scene, scene

pytestmark = pytest.mark.usefixtures("table")


def book(it: Scene, **headers: str) -> Any:
    response = book_by_json(it.event, it.session, it.body, **headers)
    assert response.status_code == 201, response.body
    return json.loads(response.body)


def test_the_event_is_shown_with_its_sessions_the_next_one_first() -> None:
    it = scene()
    later = making.make_session(
        it.event, title="Leeds", starts_local=it.session.starts_local + timedelta(days=1),
        ends_local=it.session.ends_local + timedelta(days=1), zone="America/Vancouver", latitude=None,
    )  # fmt: skip
    shown = json.loads(get(f"/events/{it.event.slug}").body)
    assert shown["title"] == it.event.title
    assert [session["session_id"] for session in shown["sessions"]] == [
        it.session.session_id, later.session_id,
    ]  # fmt: skip
    first, second = shown["sessions"]
    assert (first["starts_at"], first["starts_local"]) == ("2027-09-05T18:00:00Z", "2027-09-05T19:00:00")
    assert (second["starts_at"], second["zone"]) == ("2027-09-07T02:00:00Z", "America/Vancouver")
    assert (first["bookable"], first["not_bookable"], first["places_left"]) == (True, None, "many")
    assert first["links"]["bookings"] == f"https://book.example.org/v1{bookings_path(it.event, it.session)}"


def test_a_session_says_where_it_is_and_whether_that_is_only_its_town() -> None:
    it = scene()
    towns: list[dict[str, Any]] = [
        {"title": "Leeds"},
        {"title": "Ann's", "town": "Hull"},
        {"title": "Who knows where"},
    ]
    for where in towns:
        making.make_session(it.event, latitude=None, longitude=None, **where)
    sessions = json.loads(get(f"/events/{it.event.slug}").body)["sessions"]
    shown = {session["title"]: session for session in sessions}
    leicester, leeds, hull = (shown[title]["located"] for title in ("Leicester", "Leeds", "Ann's"))
    assert leicester == {
        "town": "Leicester", "country": "GB", "latitude": 52.6369, "longitude": -1.1398, "approximate": False,
    }  # fmt: skip
    assert (shown["Leeds"]["latitude"], leeds["approximate"]) == (None, True)
    assert (round(leeds["latitude"], 1), round(leeds["longitude"], 1)) == (53.8, -1.5)
    assert (hull["town"], hull["country"], hull["approximate"]) == ("Hull", "GB", True)
    assert shown["Who knows where"]["located"] == {
        "town": "Who knows where", "country": "GB", "latitude": None, "longitude": None, "approximate": False,
    }  # fmt: skip


def test_the_event_says_who_is_behind_it_and_what_its_sessions_are_called() -> None:
    face = {
        "organiser_name": "Leicester Hosts",
        "contact": "0116 496 0123",
        "privacy_url": "https://example.org/privacy",
        "price": "You pay the restaurant",
        "session_noun": "dinner",
    }
    shown = json.loads(get(f"/events/{scene(event=face).event.slug}").body)
    assert {name: shown[name] for name in face} == face


@pytest.mark.parametrize(("booked", "band"), [(0, "many"), (10, "some"), (15, "few"), (20, "none")])
def test_places_left_are_shown_in_bands_and_never_counted(booked: int, band: str) -> None:
    it = scene(event={"places_per_booking_max": 20})
    if booked:
        it.body = ann(places=booked)
        book(it)
    (session,) = json.loads(get(f"/events/{it.event.slug}").body)["sessions"]
    assert session["places_left"] == band
    assert session["bookable"] == (band != "none")
    assert not {"capacity", "free", "counters"} & session.keys()


@pytest.mark.parametrize(
    ("code", "arrange"),
    [(code, arrange) for code, _, arrange in REFUSED if code in {"cancelled", "not_open_yet", "closed"}],
)
def test_a_session_that_cannot_be_booked_says_why(code: str, arrange: Callable[[], Scene]) -> None:
    it = arrange()
    (session,) = json.loads(get(f"/events/{it.event.slug}").body)["sessions"]
    assert (session["bookable"], session["not_bookable"]) == (False, code)


@pytest.mark.parametrize(
    ("changes", "paused"),
    [
        ({}, False),
        ({"paused_until": NOW + timedelta(seconds=7)}, True),
        ({"paused_until": NOW}, False),
        ({"paused_until": NOW + timedelta(hours=1)}, False),
        ({"paused_until": NOW + timedelta(seconds=7), "status": "closed"}, False),
    ],
)
def test_a_session_says_while_bookings_wait_for_a_change_of_its_capacity(
    changes: dict[str, Any], paused: bool
) -> None:
    it = scene(**changes)
    (session,) = json.loads(get(f"/events/{it.event.slug}").body)["sessions"]
    assert session["paused"] == paused
    assert session["bookable"] == ("status" not in changes)


@pytest.mark.parametrize("slug", ["nothing-here", "UPPER", "a" * 3000, "%00", "..%2f.."])
def test_an_event_nobody_has_is_not_found(slug: str) -> None:
    response = get(f"/events/{slug}")
    if response.status_code == 308:
        # It may have been typed wrongly.
        response = get(response.headers["Location"])
    assert (response.status_code, problem_code(response)) == (404, "not_found")


def test_a_draft_is_not_shown() -> None:
    it = scene(event={"status": "draft", "title": "Secret"})
    response = get(f"/events/{it.event.slug}")
    assert (response.status_code, problem_code(response)) == (404, "not_published")
    assert b"Secret" not in response.body


def test_the_event_may_be_kept_five_seconds_and_is_not_sent_again_unchanged() -> None:
    it = scene()
    first = get(f"/events/{it.event.slug}")
    tag = header(first, "ETag")
    assert tag is not None
    assert header(first, "Cache-Control") == "public, max-age=5"
    for asked in (tag, f"W/{tag}", f'"other", {tag}'):
        again = get(f"/events/{it.event.slug}", If_None_Match=asked)
        assert (again.status_code, again.body, header(again, "ETag")) == (304, b"", tag)
    it.body = ann(places=6)
    for number in range(3):
        it.body = ann(places=6, email=f"ann{number}@example.org")
        book(it)
    forget_process_state()
    changed = get(f"/events/{it.event.slug}", If_None_Match=tag)
    assert changed.status_code == 200
    assert header(changed, "ETag") != tag


HOME = "https://curry.example"


@pytest.mark.parametrize(
    "origin", [HOME, "https://evil.example", "null", "https://curry.example.evil.example"]
)
def test_only_scripts_of_listed_sites_may_read_an_answer_refusals_included(origin: str) -> None:
    it = scene(event={"allowed_origins": (HOME,)})
    answers = [
        get(f"/events/{it.event.slug}", Origin=origin),
        book_by_json(it.event, it.session, it.body, Origin=origin),
        book_by_json(it.event, it.session, {}, Origin=origin),
    ]
    for answer in answers:
        allowed = header(answer, "Access-Control-Allow-Origin")
        assert allowed == (HOME if origin == HOME else None)
        assert header(answer, "Vary") == "Origin"


def test_a_preflight_of_a_listed_site_is_let_through_and_any_other_is_not() -> None:
    it = scene(event={"allowed_origins": (HOME,)})
    for path, method in ((bookings_path(it.event, it.session), "POST"), (f"/events/{it.event.slug}", "GET")):
        allowed = options(path, Origin=HOME, Access_Control_Request_Method=method)
        assert allowed.status_code == 204
        assert header(allowed, "Access-Control-Allow-Origin") == HOME
        assert header(allowed, "Access-Control-Allow-Methods") == method
        assert "Idempotency-Key" in (header(allowed, "Access-Control-Allow-Headers") or "")
        other = options(path, Origin="https://evil.example", Access_Control_Request_Method=method)
        assert not any(name.lower().startswith("access-control") for name in other.headers)
