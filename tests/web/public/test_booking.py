import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import deletion_refusals, door_refusals
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.refusals import Refusal
from chalicelib.store.bookings import every_booking
from tests import making
from tests.actions.as_routes import cancel_booking
from tests.engines import forget_process_state
from tests.faults import throttle
from tests.web.browsing import (
    Page,
    ann,
    book_by_form,
    book_by_json,
    bookings_path,
    get,
    header,
    options,
    post,
    problem_code,
)
from tests.web.conftest import NOW, Clock
from tests.web.refused import REFUSED, RETRY_AFTER, Scene, scene

pytestmark = pytest.mark.usefixtures("table")


def book(it: Scene, **headers: str) -> Any:
    response = book_by_json(it.event, it.session, it.body, **headers)
    assert response.status_code == 201, response.body
    return json.loads(response.body)


def only_booking(it: Scene) -> Any:
    (booking,) = every_booking(it.session.session_id)
    return booking


def test_whoever_books_is_told_the_reference_and_nothing_personal() -> None:
    it = scene()
    reply = book(it)
    assert reply == {
        "reference": only_booking(it).booking_id[:8].upper(),
        "status": "confirmed",
        "places": 2,
        "session_id": it.session.session_id,
        "replayed": False,
    }


def test_what_was_sent_is_what_is_booked() -> None:
    it = scene()
    it.body = ann(name="  Ann   Archer ", email=" ANN@Example.org ", places=3, guests=["Bo", "", "Cy Young"])
    book(it, Idempotency_Key="key-1")
    booking = only_booking(it)
    assert (booking.name, booking.address, booking.places) == ("Ann Archer", "ann@example.org", 3)
    assert (booking.guests, booking.idempotency_key) == (("Bo", "Cy Young"), "key-1")
    assert booking.created_at == NOW
    assert making.invariants_hold(it.session) == 3


def test_the_same_key_gets_the_same_reply_again_and_books_once() -> None:
    it = scene()
    first = book(it, Idempotency_Key="key-1")
    again = book_by_json(it.event, it.session, it.body, idempotency_KEY="key-1")
    assert again.status_code == 201
    assert header(again, "Idempotent-Replayed") == "true"
    assert json.loads(again.body) == {**first, "replayed": True}
    assert making.invariants_hold(it.session) == 2


def test_a_replay_of_a_booking_cancelled_since_says_so_and_does_not_book_again() -> None:
    it = scene()
    book(it, Idempotency_Key="key-1")
    booking = only_booking(it)
    cancel_booking(BookingAddress(booking.session_id, booking.key, booking.booking_id), now=NOW)
    reply = book(it, Idempotency_Key="key-1")
    assert (reply["status"], reply["replayed"]) == ("cancelled", True)
    assert making.invariants_hold(it.session) == 0


def test_without_a_key_the_second_request_is_a_second_try_to_book() -> None:
    it = scene()
    book(it)
    assert problem_code(book_by_json(it.event, it.session, it.body)) == "already_booked"


@pytest.mark.parametrize(("code", "status", "arrange"), REFUSED)
def test_each_refusal_is_a_problem_with_its_own_code_and_status(
    code: str, status: int, arrange: Callable[[], Scene]
) -> None:
    it = arrange()
    response = book_by_json(it.event, it.session, it.body, Idempotency_Key=it.idempotency_key)
    problem = json.loads(response.body)
    assert (problem_code(response), response.status_code, problem["status"]) == (code, status, status)
    assert problem["type"] == f"urn:turnout:problem:{code}"
    assert header(response, "Cache-Control") == "no-store"
    assert header(response, "Retry-After") == RETRY_AFTER.get(code)


def test_every_refusal_of_a_booking_is_among_those_tested() -> None:
    # The rest of the tree is refused to organisers, at the door, or by a link.
    elsewhere = {
        "forbidden", "link_expired", "below_booked", "slug_taken", "session_over",
        "precondition_required", "changed_meanwhile", "address_has_booking", "booking_not_live",
        "recipient_complained", "mailed_just_now", "too_many_tokens", "token_in_use", "token_made",
        "not_correctable",
        "not_your_turn", "no_queue",
    }  # fmt: skip
    others = {door_refusals.__name__, deletion_refusals.__name__}
    every = {each.code for each in Refusal.__subclasses__() if each.__module__ not in others}
    assert every - elsewhere == {code for code, *_ in REFUSED}


def test_an_invalid_request_is_told_of_each_field_by_its_pointer() -> None:
    it = scene()
    body = ann(name="x" * 81, email="ann@", places="two", guests=["Bo", "www.buy.com"], website="spam")
    response = book_by_json(it.event, it.session, body)
    errors = {error["pointer"]: error["code"] for error in json.loads(response.body)["errors"]}
    assert errors == {"/name": "value", "/email": "address", "/places": "value", "/guests/1": "name",
                      "/website": "honeypot"}  # fmt: skip


def test_a_filled_in_honeypot_books_nothing() -> None:
    it = scene()
    response = book_by_json(it.event, it.session, ann(website="https://spam.example"))
    assert problem_code(response) == "invalid"
    assert list(every_booking(it.session.session_id)) == []


def test_not_open_yet_says_when() -> None:
    it = scene(event={"opens_at": NOW + timedelta(hours=1)})
    problem = json.loads(book_by_json(it.event, it.session, it.body).body)
    assert problem["opens_at"] == "2027-06-01T13:00:00Z"


def test_booking_opens_by_itself_when_its_time_comes(clock: Clock) -> None:
    it = scene(event={"opens_at": NOW + timedelta(hours=1)})
    clock.now = NOW + timedelta(hours=1)
    book(it)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b'{"name": NaN}', b'"name"', b"\xff\xfe{}", b"[" * 50_000, b"name=Ann&a=b"],
)
def test_a_body_that_is_no_json_object_is_invalid(body: bytes) -> None:
    it = scene()
    response = book_by_json(it.event, it.session, body)
    assert (response.status_code, problem_code(response)) == (422, "invalid")


@pytest.mark.parametrize("content_type", ["Application/JSON", "application/json; charset=utf-8", None])
def test_json_is_read_however_its_content_type_is_spelled_and_without_one(content_type: str | None) -> None:
    it = scene()
    headers = {"Content-Type": content_type} if content_type else {}
    response = post(bookings_path(it.event, it.session), json.dumps(it.body).encode(), **headers)
    assert response.status_code == 201


@pytest.mark.parametrize("key", ["k" * 121, "two words", "clé"])
def test_an_idempotency_key_that_is_no_key_is_invalid(key: str) -> None:
    it = scene()
    response = book_by_json(it.event, it.session, it.body, Idempotency_Key=key)
    assert problem_code(response) == "invalid"
    assert json.loads(response.body)["errors"][0]["code"] == "idempotency_key"


def test_a_database_too_busy_to_be_read_is_busy_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    it = scene()
    forget_process_state()
    monkeypatch.setattr(
        "moto.core.botocore_stubber.BotocoreStubber.__call__",
        lambda *_, request, **__: throttle(request),
    )
    path = f"/book/{it.event.slug}"
    for response in (
        get(f"/events/{it.event.slug}", Origin="https://curry.example"),
        book_by_json(it.event, it.session, it.body, Origin="https://curry.example"),
        options(bookings_path(it.event, it.session), Origin="https://curry.example"),
    ):
        assert (response.status_code, problem_code(response)) == (503, "busy")
    form = book_by_form(it.event, it.session, it.body)
    for page in (form, get(path), get(f"{path}/{it.session.session_id}")):
        assert page.status_code == 503
        assert header(page, "Retry-After") == "2"
        assert "Please try again in a moment" in Page(page).text


def test_unknown_events_and_sessions_are_not_found_and_a_wrong_field_is_said_first() -> None:
    it = scene()
    body = json.dumps(it.body).encode()
    for slug, session_id in (("nothing", it.session.session_id), (it.event.slug, "nothing")):
        path = f"/events/{slug}/sessions/{session_id}/bookings"
        refused = post(path, body, Content_Type="application/json")
        assert (refused.status_code, problem_code(refused)) == (404, "not_found")
        refused = post(path, b"{}", Content_Type="application/json")
        assert (refused.status_code, problem_code(refused)) == (422, "invalid")
