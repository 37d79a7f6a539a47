"""Where a booking comes from, and how many one source may send."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from chalice.app import Request
from msgspec.structs import replace

from chalicelib.domain.refusals import TooManyRequests
from chalicelib.settings import settings
from chalicelib.store.bookings import every_booking
from chalicelib.web.http import sources
from chalicelib.web.http.sources import Gate, network_of
from tests.web.browsing import ann, book_by_form, book_by_json, bookings_path, header, post, problem_code
from tests.web.conftest import NOW, Clock
from tests.web.refused import scene
from tests.wire import requests_counted

AT = datetime(2027, 6, 1, 12, 0, 15, tzinfo=UTC)


def request(context: dict[str, Any], headers: dict[str, str] | None = None) -> Request:
    return Request(
        {
            "multiValueQueryStringParameters": None,
            "headers": headers or {},
            "pathParameters": {},
            "requestContext": {"httpMethod": "POST", "resourcePath": "/", **context},
            "body": b"",
            "stageVariables": None,
        }
    )


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("nonsense", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_source_is_an_ipv4_address_or_the_network_of_an_ipv6_address(
    address: str | None, network: str
) -> None:
    assert network_of(request({"identity": {"sourceIp": address}})) == network


@pytest.mark.parametrize("context", [{}, {"identity": None}, {"identity": {}}])
def test_a_request_that_api_gateway_says_nothing_of_has_no_source(context: dict[str, Any]) -> None:
    assert network_of(request(context)) == ""


def test_what_the_caller_says_of_itself_is_not_its_source() -> None:
    told = {"X-Forwarded-For": "198.51.100.1", "Forwarded": "for=198.51.100.1"}
    assert network_of(request({"identity": {"sourceIp": "203.0.113.7"}}, told)) == "203.0.113.7"


SECRET = "what only our distribution sends"


@pytest.fixture
def behind_cloudfront(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        sources, "settings", lambda: replace(settings(), edge_secret_hash=sha256(SECRET.encode()).hexdigest())
    )


def through_cloudfront(proof: str | None, viewer: str | None) -> Request:
    headers = {"x-turnout-edge": proof, "cloudfront-viewer-address": viewer}
    sent = {name: value for name, value in headers.items() if value is not None}
    return request({"identity": {"sourceIp": "130.176.0.9"}}, sent)


@pytest.mark.parametrize(
    ("viewer", "network"),
    [
        ("203.0.113.7:46532", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6:443", "2001:db8:1:2::/64"),
        ("oh", "130.176.0.9"),
    ],
)
@pytest.mark.usefixtures("behind_cloudfront")
def test_behind_our_own_distribution_a_source_is_whom_that_saw(viewer: str, network: str) -> None:
    assert network_of(through_cloudfront(SECRET, viewer)) == network


@pytest.mark.parametrize("proof", ["", "something else", None])
@pytest.mark.usefixtures("behind_cloudfront")
def test_who_can_not_prove_to_come_from_there_is_counted_where_api_gateway_saw_it(proof: str | None) -> None:
    assert network_of(through_cloudfront(proof, "203.0.113.7:46532")) == "130.176.0.9"


def test_without_a_distribution_nothing_proves_anything() -> None:
    assert settings().edge_secret_hash == ""
    assert network_of(through_cloudfront("", "203.0.113.7:46532")) == "130.176.0.9"
    assert network_of(through_cloudfront(SECRET, "203.0.113.7:46532")) == "130.176.0.9"


def test_a_source_over_its_bookings_waits_until_the_minute_is_over_and_others_do_not() -> None:
    gate = Gate()
    for _ in range(3):
        gate.allow("203.0.113.7", AT, bookings_max=3)
    with pytest.raises(TooManyRequests) as refused:
        gate.allow("203.0.113.7", AT, bookings_max=3)
    assert refused.value.retry_after_seconds == 45
    gate.allow("203.0.113.8", AT, bookings_max=3)
    gate.allow("203.0.113.7", AT + timedelta(seconds=45), bookings_max=3)


def test_the_gate_remembers_a_bounded_number_of_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "SOURCES_MAX", 10)
    gate = Gate()
    for number in range(95):
        gate.allow(f"source {number}", AT, bookings_max=1)
    assert len(gate._counts) <= 10
    with pytest.raises(TooManyRequests):
        gate.allow("source 94", AT, bookings_max=1)


@pytest.mark.usefixtures("table")
def test_a_flood_of_json_costs_no_request_and_any_site_may_read_why_it_is_refused() -> None:
    it = scene()
    for _ in range(settings().bookings_per_source_minute):
        post("/events/none/sessions/none/bookings", b"", Content_Type="application/json")
    with requests_counted() as sent:
        path = bookings_path(it.event, it.session)
        response = post(path, b"", Content_Type="application/json", Origin="https://blog.example.org")
    assert sent.total() == 0
    assert problem_code(response) == "too_many_requests"
    assert header(response, "Access-Control-Allow-Origin") == "*"


@pytest.mark.usefixtures("table")
def test_a_flood_is_over_when_its_minute_is(clock: Clock) -> None:
    it = scene()
    for _ in range(settings().bookings_per_source_minute + 1):
        refused = book_by_json(it.event, it.session, b"")
    assert refused.status_code == 429
    clock.now = NOW + timedelta(minutes=1)
    assert book_by_json(it.event, it.session, it.body).status_code == 201


@pytest.mark.usefixtures("table")
def test_a_booking_keeps_a_hash_of_its_source_and_not_the_source() -> None:
    it = scene()
    book_by_json(it.event, it.session, ann(email="json@example.org"))
    book_by_form(it.event, it.session, ann(email="form@example.org"))
    one, other = every_booking(it.session.session_id)
    assert one.source == other.source
    assert len(one.source) == 16
    assert "127.0.0.1" not in repr(one)
