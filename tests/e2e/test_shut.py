"""The public is shut out, and let in again, of the deployed package."""

from collections.abc import Iterator

import pytest

from infra.local.demo import SLUG
from infra.template import SHUT
from tests.e2e.stack import Stack
from tests.e2e.test_gateway import rest_api_id

BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def shut(stack: Stack) -> Iterator[None]:
    """What `make shut` and `make reopen` do at API Gateway."""
    gateway, api_id = stack.client("apigateway"), rest_api_id(stack)
    before = gateway.get_stage(restApiId=api_id, stageName="api")["variables"]["public"]
    outputs = stack.client("cloudformation").describe_stacks(StackName="turnout")["Stacks"][0]["Outputs"]
    (closed,) = [one["OutputValue"] for one in outputs if one["OutputKey"] == "ShutName"]

    def let_answer(function: str) -> None:
        operation = {"op": "replace", "path": "/variables/public", "value": function}
        gateway.update_stage(restApiId=api_id, stageName="api", patchOperations=[operation])

    let_answer(closed)
    yield
    let_answer(before)


def test_while_shut_browsers_are_shown_a_page_and_programs_told_when_to_come_again(
    stack: Stack, shut: None
) -> None:
    page = stack.request("GET", f"/book/{SLUG}", headers=BROWSER)
    assert (page.status, page.text) == (503, (SHUT / "page.html").read_text().strip())
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for reply in (
        stack.request("GET", f"/events/{SLUG}"),
        stack.post_json(f"/events/{SLUG}/sessions/{stack.notes['session_id']}/bookings", {"name": "Ann"}),
    ):
        assert (reply.status, reply.json["code"]) == (503, "shut")
        assert reply.headers["retry-after"] == "120"
        assert reply.headers["content-type"] == "application/problem+json"


def test_while_shut_organisers_are_let_in(stack: Stack, shut: None) -> None:
    token = {"Authorization": f"Bearer {stack.notes['token']}"}
    assert stack.request("GET", "/admin/events", headers=token).status == 200


def test_afterwards_all_is_as_it_was(stack: Stack) -> None:
    assert stack.request("GET", f"/events/{SLUG}").status == 200
    assert stack.request("GET", f"/book/{SLUG}", headers=BROWSER).status == 200
