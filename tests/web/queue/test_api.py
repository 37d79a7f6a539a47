"""The queue over HTTP: joined, asked, left for a booking; the seed is told to nobody before its time."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.event import Event
from chalicelib.settings import settings
from chalicelib.store import events
from chalicelib.store.queues import save_event_and_queue
from chalicelib.web.http import sources
from tests import engines
from tests.making import make_event, make_event_with_queue, make_session
from tests.web.admin import new_admin
from tests.web.browsing import ann, book_by_json, get, options, post
from tests.web.conftest import NOW, Clock
from tests.wire import requests_counted

OPENS = NOW + timedelta(hours=1)
SEED = "5e" * 32
JSON: dict[str, str] = {"Content_Type": "application/json"}


def send(event: Event, what: str, **body: Any) -> Any:
    return post(f"/events/{event.slug}/queue{what}", json.dumps(body).encode(), **JSON)


@pytest.fixture
def event(table: Any) -> Event:
    made = make_event_with_queue(opens_at=OPENS, line_seed=SEED)
    make_session(made)
    return made


def test_somebody_joins_waits_is_admitted_and_books(event: Event, clock: Clock) -> None:
    session = events.sessions_of(event.event_id)[0]
    joined = send(event, "", email="ann@example.org")
    assert joined.status_code == 201
    ticket = joined.json_body["ticket"]
    assert joined.json_body["early"] is True
    assert send(event, "/position", ticket=ticket).json_body["state"] == "draw"
    refused = send(event, "/admission", ticket=ticket)
    assert (refused.status_code, refused.json_body["code"]) == (409, "not_open_yet")
    clock.now = OPENS + timedelta(seconds=5)
    engines.forget_process_state()
    position = send(event, "/position", ticket=ticket).json_body
    assert (position["state"], position["number"], position["ahead"]) == ("served", 0, 0)
    given = send(event, "/admission", ticket=ticket)
    assert given.status_code == 201
    refused = book_by_json(event, session, ann())
    assert (refused.status_code, refused.json_body["why_not"]) == (403, "missing")
    assert book_by_json(event, session, ann(admission=given.json_body["admission"])).status_code == 201


def test_who_waits_is_told_their_number_and_when_to_ask_again(table: Any, clock: Clock) -> None:
    event = make_event_with_queue(opens_at=OPENS, admissions_per_second=1)
    make_session(event, capacity=100)
    clock.now = OPENS + timedelta(seconds=1)
    for n in range(30):
        send(event, "", email=f"person{n}@example.org")
    clock.now = OPENS + timedelta(seconds=2)
    engines.forget_process_state()
    ticket = send(event, "", email="late@example.org").json_body["ticket"]
    position = send(event, "/position", ticket=ticket).json_body
    assert position["state"] == "waiting"
    assert position["number"] >= 28
    assert position["ahead"] == position["number"] - position["serving"]
    assert position["estimate_seconds"] == position["ahead"] + 1
    refused = send(event, "/admission", ticket=ticket)
    assert (refused.status_code, refused.json_body["code"]) == (409, "not_your_turn")
    assert refused.headers["Retry-After"] == str(position["ask_again_seconds"])


def test_the_seed_is_told_to_nobody_before_a_minute_after_the_opening(event: Event, clock: Clock) -> None:
    admin = new_admin()
    path = admin.new_event(admission="queue", opens_at="2100-06-01T09:00:00Z")
    hers = events.find_event(path.split("/")[-1])
    assert hers is not None
    assert len(hers.line_seed) == 64
    shown = [admin.get(path), admin.get("/admin/events"), admin.post(path + "/publish")]
    shown += [get(f"/events/{hers.slug}"), get(f"/events/{hers.slug}/queue"), get(f"/book/{hers.slug}")]
    assert all(hers.line_seed.encode() not in answer.body for answer in shown)
    for seconds, seed in ((-1, None), (59, None), (60, SEED)):
        clock.now = OPENS + timedelta(seconds=seconds)
        engines.forget_process_state()
        answer = get(f"/events/{event.slug}/queue")
        assert answer.json_body["seed"] == seed
        assert answer.json_body["seed_hash"] == hashlib.sha256(bytes.fromhex(SEED)).hexdigest()
        assert (SEED.encode() in answer.body) is (seed is not None)


def test_the_seed_is_still_told_when_booking_is_over_and_nobody_can_come_in_any_more(
    event: Event, clock: Clock
) -> None:
    ticket = send(event, "", email="ann@example.org").json_body["ticket"]
    session = events.sessions_of(event.event_id)[0]
    clock.now = session.starts_at
    engines.forget_process_state()
    answer = get(f"/events/{event.slug}/queue")
    assert (answer.status_code, answer.json_body["seed"], answer.json_body["early"]) == (200, SEED, 1)
    assert answer.json_body["sold_out"] is True
    for what in ("/position", "/admission"):
        refused = send(event, what, ticket=ticket)
        assert (refused.status_code, refused.json_body["code"]) == (409, "closed")


def test_the_queue_is_read_without_a_request_when_warm_and_not_sent_twice(event: Event, clock: Clock) -> None:
    first = get(f"/events/{event.slug}/queue")
    assert first.headers["Cache-Control"] == "public, max-age=2"
    clock.now += timedelta(seconds=1)
    with requests_counted() as sent:
        again = get(f"/events/{event.slug}/queue", If_None_Match=first.headers["ETag"])
    assert (again.status_code, sent) == (304, {})
    # What is being served follows from the time, so an older answer is not what one needs.
    clock.now += timedelta(seconds=1)
    again = get(f"/events/{event.slug}/queue", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.json_body["now"]) == (200, f"{clock.now:%Y-%m-%dT%H:%M:%SZ}")


def test_whoever_reads_the_queue_again_hears_what_is_served_by_then(table: Any, clock: Clock) -> None:
    event = make_event_with_queue(opens_at=OPENS, admissions_per_second=1)
    make_session(event, capacity=100)
    tag, served = "", []
    for seconds in (10, 70, 130):
        clock.now = OPENS + timedelta(seconds=seconds)
        engines.forget_process_state()
        answer = get(f"/events/{event.slug}/queue", If_None_Match=tag)
        queue, tag = answer.json_body, answer.headers["ETag"]
        passed = datetime.fromisoformat(queue["now"]) - datetime.fromisoformat(queue["at"])
        served.append(queue["number"] + queue["rate"] * passed.total_seconds())
    assert served == [10, 70, 130]


def test_an_event_without_a_queue_says_so_and_tells_who_still_waits_to_book(event: Event) -> None:
    ticket = send(event, "", email="ann@example.org").json_body["ticket"]
    plain = make_event()
    for answer in (get(f"/events/{plain.slug}/queue"), send(plain, "", email="ann@example.org")):
        assert (answer.status_code, answer.json_body["code"]) == (409, "no_queue")
    admin_off = events.find_event(event.event_id)
    assert admin_off is not None
    _switch_off(admin_off)
    assert send(event, "/position", ticket=ticket).json_body["state"] == "open"


def _switch_off(event: Event) -> None:
    save_event_and_queue(replace(event, admission="open", version=event.version + 1), event, NOW)


def test_what_is_no_ticket_is_not_found_and_never_an_error(event: Event) -> None:
    for what in ("/position", "/admission"):
        for ticket in ("", "x", "a.b.c.d.e", "....", "é.é.é.é.é", "." * 400):
            answer = send(event, what, ticket=ticket)
            assert (answer.status_code, answer.json_body["code"]) == (404, "not_found")
        assert send(event, what).status_code == 422
    assert send(event, "", email="nobody").status_code == 422


def test_a_source_that_joins_too_often_is_stopped_and_those_who_only_look_may_go_on(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "network_of", lambda _: "192.0.2.7")
    allowed = settings().bookings_per_source_minute
    ticket = send(event, "", email="ann@example.org").json_body["ticket"]
    for _ in range(allowed - 1):
        send(event, "", email="nobody")
    assert send(event, "", email="ann@example.org").status_code == 429
    for _ in range(allowed + 1):
        assert send(event, "/position", ticket=ticket).status_code == 200


@pytest.mark.parametrize("what", ["/position", "/admission"])
def test_a_source_that_looks_or_asks_for_admission_too_often_is_stopped_too(
    event: Event, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(sources, "network_of", lambda _: "192.0.2.7")
    monkeypatch.setattr(sources, "LOOKS_PER_BOOKING", 0.05)
    ticket = send(event, "", email="ann@example.org").json_body["ticket"]
    allowed = int(0.05 * settings().bookings_per_source_minute)
    answers = [send(event, what, ticket=ticket).status_code for _ in range(allowed + 1)]
    assert (429 in answers[:-1], answers[-1]) == (False, 429)


def test_another_sites_script_may_wait_if_the_event_lists_it(table: Any) -> None:
    event = make_event_with_queue(opens_at=OPENS, allowed_origins=("https://www.example.org",))
    for what, methods in (("", "GET, POST"), ("/position", "POST"), ("/admission", "POST")):
        path = f"/events/{event.slug}/queue{what}"
        allowed = options(path, Origin="https://www.example.org")
        assert allowed.headers["Access-Control-Allow-Methods"] == methods
        assert "Access-Control-Allow-Origin" not in options(path, Origin="https://evil.example").headers
    answer = get(f"/events/{event.slug}/queue", Origin="https://www.example.org")
    assert answer.headers["Access-Control-Allow-Origin"] == "https://www.example.org"
