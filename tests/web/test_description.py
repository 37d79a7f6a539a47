"""The description of all calls: whole, valid, and true."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from app import app
from chalicelib.domain.organiser import ROLES
from chalicelib.web.event.urls import EVENT, EVENTS, SESSIONS
from chalicelib.web.http import describe
from chalicelib.web.http.replies import HTTP_STATUS
from chalicelib.web.organiser.slices import SLICE_LENGTH_MAX
from infra.apidoc.calls import Call
from infra.apidoc.every_call import EVERY_CALL
from tests.described import check, described, operation_at, valid
from tests.web.admin import another_token
from tests.web.browsing import Page, get, header
from tests.web.conftest import NOW, Clock
from tests.web.example_scene import FORM, JSON, Scene, described_call, send_example

PREFLIGHT = "OPTIONS "
"""How the name of a browser's CORS preflight begins. Browsers send those, people who write calls never do."""

CALLS = {f"{call.method} {call.path}": call for calls in EVERY_CALL.values() for call in calls}

each_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
each_admin_call = pytest.mark.parametrize(
    "call",
    [call for call in CALLS.values() if call.is_admin],
    ids=[n for n, c in CALLS.items() if c.is_admin],
)


def routes() -> set[str]:
    """Return the names of all routes but those that answer preflights."""
    names = {f"{method} {path}" for path, methods in app.routes.items() for method in methods}
    return {name for name in names if not name.startswith(PREFLIGHT)}


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert routes() - set(CALLS) == set(), "add a row in infra/apidoc/"
    assert set(CALLS) - routes() == set()


def test_preflights_alone_are_in_no_row_and_each_is_for_a_call_that_is() -> None:
    every = {f"{method} {path}" for path, methods in app.routes.items() for method in methods}
    preflights = every - routes()
    assert len(preflights) == 8
    described_paths = {call.path for call in CALLS.values()}
    assert {name.removeprefix(PREFLIGHT) for name in preflights} <= described_paths
    assert not [path for path, operations in described()["paths"].items() if "options" in operations]


def test_a_row_says_that_it_takes_a_token_exactly_where_the_route_does() -> None:
    for name in routes():
        method, path = name.split()
        takes_token = app.routes[path][method].authorizer is not None
        assert takes_token == CALLS[name].is_admin, name
        operation = described()["paths"][path][method.lower()]
        assert operation["security"] == ([{"token": []}] if takes_token else []), name


def test_a_row_names_the_content_types_that_its_route_takes() -> None:
    for name, call in CALLS.items():
        if call.body is not None:
            content = described()["paths"][call.path][call.method.lower()]["requestBody"]["content"]
            assert set(content) <= set(app.routes[call.path][call.method].content_types), name


def test_the_description_is_valid_openapi() -> None:
    assert list(OpenAPIV31SpecValidator(described()).iter_errors()) == []


def test_every_refusal_that_there_is_can_be_met_somewhere() -> None:
    assert set(HTTP_STATUS) == {refusal for call in CALLS.values() for refusal in call.all_refusals}


@each_call
def test_every_example_fits_its_schema(call: Call) -> None:
    operation = described()["paths"][call.path][call.method.lower()]
    contents = [operation.get("requestBody", {}).get("content", {})]
    contents += [answer.get("content", {}) for answer in operation["responses"].values()]
    shared = described()["components"]["examples"]
    for media in (media for content in contents for media in content.values()):
        examples = [shared[code]["value"] for code in media.get("examples", ())]
        examples += [media["example"]] if "example" in media else []
        assert all(valid(media["schema"], example) for example in examples)


def test_a_pages_length_is_a_number_between_its_bounds() -> None:
    limits = [
        parameter["schema"]
        for operations in described()["paths"].values()
        for operation in operations.values()
        for parameter in operation["parameters"]
        if parameter["name"] == "limit"
    ]
    assert limits == [{"type": "integer", "minimum": 1, "maximum": SLICE_LENGTH_MAX}] * 2


@each_call
def test_every_example_of_a_parameter_fits_its_schema(call: Call) -> None:
    for parameter in described()["paths"][call.path][call.method.lower()]["parameters"]:
        assert "example" not in parameter or valid(parameter["schema"], parameter["example"])


def test_it_is_served_with_a_tag_and_only_once_to_whoever_has_it() -> None:
    answer = get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json_body == described()
    assert answer.json_body["servers"] == [{"url": "https://book.example.org/v1"}]
    assert header(answer, "Cache-Control") == "public, max-age=300"
    again = get("/openapi.json", If_None_Match=str(header(answer, "ETag")))
    assert (again.status_code, again.body) == (304, b"")


def test_the_page_is_rendered_once_and_sent_only_once_to_whoever_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = get("/docs")
    monkeypatch.setattr(describe, "FOLDER", None)
    second = get("/docs")
    assert (second.status_code, second.body, second.headers) == (200, first.body, first.headers)
    again = get("/docs", If_None_Match=str(header(first, "ETag")))
    assert (again.status_code, again.body) == (304, b"")
    for path in ("/docs", "/openapi.json"):
        assert urlsplit(describe.BASE_URL).netloc.encode() not in get(path).body
    assert header(again, "Cache-Control") == header(first, "Cache-Control") == "public, max-age=300"


def test_the_page_shows_every_call_its_fields_and_its_refusals() -> None:
    page = Page(get("/docs"))
    for name, call in CALLS.items():
        # A path may be broken after each slash, which this reads as a space.
        shown = f"{call.method} {call.path} {call.summary}"
        assert "".join(shown.split()) in "".join(page.text.split()), name
        if call.body is not None and call.body.struct is not None:
            assert all(field in page.text for field in call.body.struct.__struct_fields__)
        if not call.page:
            assert all(refusal.code in page.text for refusal in call.all_refusals)
    assert "`" not in page.text
    assert "".join(page.text.split()).count("Backtothelist") == len(CALLS)
    assert "OPTIONS" not in page.text
    targets = {link["href"].removeprefix("#") for link in page.all("a") if link["href"].startswith("#")}
    assert targets <= {attributes["id"] for _, attributes in page.tags if "id" in attributes}


@each_call
def test_every_example_is_answered_with_a_success_that_is_described(
    table: Any, clock: Clock, call: Call
) -> None:
    scene = Scene(clock)
    answer = send_example(call, scene, scene.admin)
    assert answer.status_code in {answer.status for answer in call.replies}, answer.body
    assert answer.status_code < 400


@pytest.mark.parametrize("call", [c for c in CALLS.values() if c.body and c.body.form])
def test_an_example_for_forms_is_taken_from_a_form_too(table: Any, clock: Clock, call: Call) -> None:
    scene = Scene(clock)
    assert send_example(call, scene, scene.admin, FORM).status_code == 303


@each_admin_call
def test_the_least_role_that_a_row_names_may_call_and_the_one_below_it_may_not(
    table: Any, clock: Clock, call: Call
) -> None:
    scene = Scene(clock)
    for role in ROLES:
        answer = send_example(call, scene, another_token(scene.admin, role=role))
        below = ROLES.index(role) > ROLES.index(call.who)
        assert (answer.status_code == 403) == below, f"{role}: {answer.body!r}"


def test_an_answer_that_is_not_described_is_noticed() -> None:
    path, at = "/admin/events", {"Content-Type": JSON, "Cache-Control": "x", "X-Content-Type-Options": "x"}
    check("GET", path, 200, at, b'{"events": []}')
    for status, headers, body in [
        (202, at, b'{"events": []}'),
        (200, at, b'{"events": [], "more": 1}'.replace(b"[]", b"[{}]")),
        (200, {**at, "Content-Type": "text/plain"}, b"hello"),
        (200, {**at, "X-Powered-By": "us"}, b'{"events": []}'),
        (200, {"Content-Type": JSON}, b'{"events": []}'),
        (409, {**at, "Content-Type": "application/problem+json"}, b'{"code": "sold_out"}'),
    ]:
        with pytest.raises(AssertionError):
            check("GET", path, status, headers, body)


def test_a_preflight_that_is_answered_with_more_than_headers_is_noticed() -> None:
    path, headers = "/events/soup-week", {"Vary": "Origin", "Access-Control-Max-Age": "600"}
    check("OPTIONS", path, 204, headers, b"")
    for status, more, body in [(200, {}, b""), (204, {}, b"hello"), (204, {"X-Powered-By": "us"}, b"")]:
        with pytest.raises(AssertionError):
            check("OPTIONS", path, status, headers | more, body)


def test_a_call_is_found_by_its_path_as_api_gateway_finds_it() -> None:
    assert operation_at("GET", "/admin/events/x/sessions?limit=2") is not None
    assert operation_at("GET", "/admin/events//sessions") is None
    assert operation_at("PUT", "/admin/events") is None
    assert NOW.year == 2027


@pytest.mark.parametrize(
    "call", [call for call in CALLS.values() if any(reply.body for reply in call.replies)]
)
def test_an_example_of_an_answer_fits_its_call(table: Any, clock: Clock, call: Call) -> None:
    operation = described_call(call)
    sent = operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("example", {})
    scene = Scene(clock)
    answer = send_example(call, scene, scene.admin)
    (media,) = operation["responses"][str(answer.status_code)]["content"].values()
    example = media.get("example")
    assert '"text"' not in json.dumps(example), "a word that stands for any"
    if not isinstance(example, dict):
        return
    told = {name for name in example if name in sent or name in {"status", "cancellation_reason"}}
    assert {name: example[name] for name in told} == {name: answer.json_body[name] for name in told}
    if call.method == "POST" and call.path == EVENTS:
        made = {"event_id", "public_url", "page_url"}
        assert {**example, **{name: answer.json_body[name] for name in made}} == answer.json_body
        assert example["page_url"].endswith("/book/soup-night")


def test_what_each_role_may_do_and_what_a_token_for_one_session_can_not_reach_is_described() -> None:
    roles = described()["components"]["schemas"]["TokenRequest"]["properties"]["role"]["description"]
    assert all(f"`{role}`: " in roles for role in ROLES)
    for path in (EVENTS, EVENT, SESSIONS):
        assert "A token for one session" in described()["paths"][path]["get"]["description"]
    consent = described()["components"]["schemas"]["BookingOnBehalf"]["properties"]["consent"]
    assert "default" not in consent, "it is ignored"


def test_a_token_for_one_session_finds_what_the_description_says(table: Any, clock: Clock) -> None:
    scene = Scene(clock)
    event, session = scene.event.event_id, scene.session.session_id
    door = another_token(scene.admin, role="door", scope=f"session:{event}:{session}")
    assert door.get(EVENTS).json_body == {"events": []}
    assert door.get(f"{EVENTS}/{event}").status_code == 404
    assert door.get(f"{EVENTS}/{event}/sessions").status_code == 404
    assert door.get(f"{EVENTS}/{event}/sessions/{session}").status_code == 200
