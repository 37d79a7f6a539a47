"""What API Gateway answers by itself, as the template words it; tests/e2e/test_gateway.py hears it said."""

import json
from typing import Any

import pytest

from chalicelib.domain.refusals import Busy, NotFound, TooManyRequests
from chalicelib.web.http.replies import HTTP_STATUS
from tests.plain_words import not_plain

# All kinds that a REST API of API Gateway has, but for the two that stand for the rest of 4xx and 5xx.
# Source: API Gateway Developer Guide, "Gateway response types".
STATUSES = {
    "ACCESS_DENIED": 403,
    "BAD_REQUEST_BODY": 400,
    "BAD_REQUEST_PARAMETERS": 400,
    "EXPIRED_TOKEN": 403,
    "INTEGRATION_FAILURE": 503,
    "INTEGRATION_TIMEOUT": 503,
    "INVALID_API_KEY": 403,
    "INVALID_SIGNATURE": 403,
    "MISSING_AUTHENTICATION_TOKEN": 404,
    "QUOTA_EXCEEDED": 429,
    "REQUEST_TOO_LARGE": 413,
    "RESOURCE_NOT_FOUND": 404,
    "THROTTLED": 429,
    "UNAUTHORIZED": 401,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "WAF_FILTERED": 403,
    "DEFAULT_4XX": 400,
    "DEFAULT_5XX": 500,
}


@pytest.fixture(scope="module")
def answers(resources: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = resources["RestAPI"]["Properties"]["GatewayResponses"]
    return found


def body(answer: dict[str, Any]) -> dict[str, Any]:
    # "application/json" picks the template; the header below says what it is.
    (template,) = answer["ResponseTemplates"].values()
    problem: dict[str, Any] = json.loads(template)
    return problem


def test_each_kind_of_answer_has_the_status_that_means_it(answers: dict[str, Any]) -> None:
    assert {kind: answer["StatusCode"] for kind, answer in answers.items()} == STATUSES


@pytest.mark.parametrize("kind", STATUSES)
def test_every_answer_is_a_problem_with_a_stable_type_that_any_script_may_read(
    answers: dict[str, Any], kind: str
) -> None:
    problem = body(answers[kind])
    assert problem["type"] == f"urn:turnout:problem:{problem['code']}"
    assert problem["status"] == answers[kind]["StatusCode"]
    for words in (problem["title"], problem["detail"]):
        assert words
        assert not_plain(words) == []
    assert problem["title"] not in problem["detail"]
    headers = answers[kind]["ResponseParameters"]["Headers"]
    assert headers["Content-Type"] == "'application/problem+json'"
    assert headers["Access-Control-Allow-Origin"] == "'*'"
    assert "Access-Control-Allow-Credentials" not in headers
    # Nothing of the request comes back in it.
    assert all(value.startswith("'") and value.endswith("'") for value in headers.values())
    assert "$" not in json.dumps(problem)


@pytest.mark.parametrize(
    "kind", ["THROTTLED", "QUOTA_EXCEEDED", "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT"]
)
def test_whoever_may_try_again_is_told_when(answers: dict[str, Any], kind: str) -> None:
    seconds = body(answers[kind])["retry_after"]
    headers = answers[kind]["ResponseParameters"]["Headers"]
    assert headers["Retry-After"] == f"'{seconds}'"
    assert headers["Access-Control-Expose-Headers"] == "'Retry-After'"


@pytest.mark.parametrize(
    ("kind", "refusal"),
    [
        ("MISSING_AUTHENTICATION_TOKEN", NotFound),
        ("THROTTLED", TooManyRequests),
        ("INTEGRATION_FAILURE", Busy),
    ],
)
def test_a_code_of_ours_means_the_same_in_api_gateway_s_mouth(
    answers: dict[str, Any], kind: str, refusal: Any
) -> None:
    problem = body(answers[kind])
    assert (problem["code"], problem["status"]) == (refusal.code, HTTP_STATUS[refusal])


def test_the_one_stage_is_throttled_by_parameters_and_logs_no_requests(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    (settings,) = resources["RestAPI"]["Properties"]["MethodSettings"]
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert settings["ThrottlingRateLimit"] == {"Ref": "RequestsPerSecond"}
    assert settings["ThrottlingBurstLimit"] == {"Ref": "RequestsBurst"}
    assert (settings["LoggingLevel"], settings["DataTraceEnabled"]) == ("OFF", False)
    # What an account has for all its APIs: 10,000 a second, 5,000 at once.
    assert 0 < template["Parameters"]["RequestsPerSecond"]["Default"] < 10_000
    assert 0 < template["Parameters"]["RequestsBurst"]["Default"] < 5_000
    # Without it SAM adds a stage of its own, which nothing throttles.
    assert resources["RestAPI"]["Properties"]["OpenApiVersion"] == "2.0"


def test_who_sends_no_token_is_not_asked_for_an_organisers_because_a_host_or_a_door_has_another(
    answers: dict[str, Any],
) -> None:
    assert "organiser" not in body(answers["UNAUTHORIZED"])["detail"]
