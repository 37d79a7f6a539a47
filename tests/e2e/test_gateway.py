"""What API Gateway answers by itself: in our words, and readable for any site's script."""

from collections.abc import Iterator

import pytest

from infra.local.demo import SLUG
from tests.e2e.stack import Reply, Stack

ELSEWHERE = {"Origin": "https://social-care-curry.example"}


def require_problem(reply: Reply, status: int, code: str) -> None:
    """Fail unless this is API Gateway's own refusal as we word it."""
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    assert (reply.json["type"], reply.json["code"]) == (f"urn:turnout:problem:{code}", code)
    assert reply.json["status"] == status
    assert {"title", "detail"} <= reply.json.keys()
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in reply.headers
    assert reply.headers["cache-control"] == "no-store"


def test_without_a_token_a_site_s_script_reads_what_is_missing(stack: Stack) -> None:
    reply = stack.request("GET", "/admin/events", headers=ELSEWHERE)
    require_problem(reply, 401, "unauthorized")
    assert reply.headers["www-authenticate"] == "Bearer"


def test_a_token_that_opens_nothing_is_said_to(stack: Stack) -> None:
    token = "turnout_aaaaaaaaaaaaaaaa_aaaaaaaaaaaaaaaa_aaaaaaaaaaaaaaaaaaaaaaaa"
    reply = stack.request("GET", "/admin/events", headers={**ELSEWHERE, "Authorization": f"Bearer {token}"})
    require_problem(reply, 403, "token_refused")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/no/such/path"), ("DELETE", f"/events/{SLUG}"), ("PUT", f"/book/{SLUG}")]
)
def test_a_path_or_method_that_there_is_not_is_not_found(stack: Stack, method: str, path: str) -> None:
    require_problem(stack.request(method, path, headers=ELSEWHERE), 404, "not_found")


def test_there_is_one_stage_so_that_none_goes_round_the_throttle(stack: Stack) -> None:
    gateway = stack.client("apigateway")
    stages = [stage["stageName"] for stage in gateway.get_stages(restApiId=rest_api_id(stack))["item"]]
    assert stages == ["api"]


def rest_api_id(stack: Stack) -> str:
    apis = stack.client("apigateway").get_rest_apis()["items"]
    (found,) = [api["id"] for api in apis if api["name"] == "turnout-local"]
    return str(found)


@pytest.fixture
def no_requests_allowed(stack: Stack) -> Iterator[None]:
    """The stage's throttle, closed."""
    gateway = stack.client("apigateway")
    api_id = rest_api_id(stack)
    path = "/*/*/throttling"
    before = gateway.get_stage(restApiId=api_id, stageName="api")["methodSettings"]["*/*"]

    def limit(rate: float, burst: int) -> None:
        operations = [
            {"op": "replace", "path": f"{path}/rateLimit", "value": str(rate)},
            {"op": "replace", "path": f"{path}/burstLimit", "value": str(burst)},
        ]
        gateway.update_stage(restApiId=api_id, stageName="api", patchOperations=operations)

    # What the template set.
    assert (before["throttlingRateLimit"], before["throttlingBurstLimit"]) == (2000, 4000)
    limit(0, 0)
    yield
    limit(before["throttlingRateLimit"], before["throttlingBurstLimit"])


@pytest.mark.usefixtures("no_requests_allowed")
def test_one_request_too_many_is_told_when_to_try_again(stack: Stack) -> None:
    reply = stack.request("GET", f"/events/{SLUG}", headers=ELSEWHERE)
    require_problem(reply, 429, "too_many_requests")
    assert int(reply.headers["retry-after"]) == reply.json["retry_after"] > 0
    assert "Retry-After" in reply.headers["access-control-expose-headers"]
