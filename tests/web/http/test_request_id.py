"""Every line that is logged while a request is answered says which request that was: by an id of our side."""

import json
from typing import Any

import pytest

from app import app
from chalicelib import logs
from chalicelib.web.public import event as public_event

EVENT = {
    "resource": "/events/{slug}",
    "path": "/events/nothing",
    "httpMethod": "GET",
    "headers": {},
    "multiValueHeaders": {},
    "multiValueQueryStringParameters": None,
    "pathParameters": {"slug": "nothing"},
    "stageVariables": None,
    "body": None,
    "isBase64Encoded": False,
}


def answer(request_id: str | None) -> int:
    """Return the status with which the API answers this request, as Lambda calls it."""
    context = {
        "resourcePath": "/events/{slug}",
        "httpMethod": "GET",
        "path": "/events/nothing",
        "identity": {},
    }
    if request_id is not None:
        context["extendedRequestId"] = request_id
        context["requestId"] = "ann@example.org"
    status: int = app({**EVENT, "requestContext": context}, None)["statusCode"]
    return status


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("JKJaXmPLvHcESHA=", "JKJaXmPLvHcESHA"),
        ("fj-H_E_BoAMEQ5g=", "fj-H_E_BoAMEQ5g"),
        ("c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "c6af9ac6-7b61-11"),
        ("ann@example.org", None),
        ("a b", None),
        ("ä", None),
        ("=", None),
        ("", None),
    ],
)
def test_an_id_that_could_not_be_a_tag_of_a_mail_is_none(
    table: Any, capsys: pytest.CaptureFixture[str], given: str, expected: str | None
) -> None:
    assert answer(given) == 404
    (line,) = logged(capsys)
    assert (line["message"], line.get("request_id")) == ("Refusals", expected)


def test_a_failure_is_logged_with_it_too_and_the_next_request_with_its_own(
    table: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(_: str) -> None:
        raise RuntimeError

    monkeypatch.setattr(public_event, "cached_event_by_slug", break_down)
    assert answer("first") == answer("second") == 500
    assert [line["request_id"] for line in logged(capsys)] == ["first", "second"]


def test_a_line_outside_of_any_request_has_no_such_id(capsys: pytest.CaptureFixture[str]) -> None:
    logs.info("a line")
    with logs.about_request("outer"):
        with logs.about_request("inner"):
            logs.info("a line")
        logs.metric("ALine")
    logs.error("a line")
    assert [line.get("request_id") for line in logged(capsys)] == [None, "inner", "outer", None]


def test_a_request_without_an_id_is_answered_all_the_same(table: Any) -> None:
    assert answer(None) == 404
