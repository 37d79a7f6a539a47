"""What the deployed API says no to, and that API Gateway agrees."""

import http.client

import pytest

from infra.local.demo import SLUG
from tests.e2e.stack import Stack


def path_of(stack: Stack) -> str:
    return f"/events/{SLUG}/sessions/{stack.notes['session_id']}/bookings"


def test_a_body_that_is_neither_json_nor_a_form_is_not_taken(stack: Stack) -> None:
    assert stack.request("POST", path_of(stack), "hello", {"Content-Type": "text/plain"}).status == 415


def test_broken_json_is_answered_with_problem_details(stack: Stack) -> None:
    reply = stack.request("POST", path_of(stack), "{", {"Content-Type": "application/json"})
    assert (reply.status, reply.headers["content-type"]) == (422, "application/problem+json")
    assert reply.json["code"] == "invalid"


def test_every_wrong_field_is_named_by_its_pointer(stack: Stack) -> None:
    wrong = {"name": "", "email": "nobody", "places": 0, "consent": False, "answers": {"diet": "Halal"}}
    reply = stack.post_json(path_of(stack), wrong)
    assert reply.status == 422
    assert {"/name", "/email", "/places", "/consent"} <= {error["pointer"] for error in reply.json["errors"]}


def test_an_event_that_there_is_not_is_not_found(stack: Stack) -> None:
    reply = stack.request("GET", "/events/no-such-event")
    assert (reply.status, reply.json["code"]) == (404, "not_found")


def test_a_link_that_we_did_not_sign_opens_nothing(stack: Stack) -> None:
    assert stack.request("GET", "/manage/a.b.c.1.k1.d").status == 404


def test_without_a_token_no_admin_endpoint_answers(stack: Stack) -> None:
    assert stack.request("GET", "/admin/events").status == 401


@pytest.mark.parametrize(
    "token", ["nonsense", "turnout_aaaaaaaaaaaaaaaa_aaaaaaaaaaaaaaaa_aaaaaaaaaaaaaaaaaaaaaaaa"]
)
def test_a_token_that_is_not_ours_opens_no_admin_endpoint(stack: Stack, token: str) -> None:
    reply = stack.request("GET", "/admin/events", headers={"Authorization": f"Bearer {token}"})
    assert reply.status == 403


def test_an_answer_of_the_api_holds_no_link_and_no_name(stack: Stack) -> None:
    wanted = {"name": "Quentin Secret", "email": "quiet@example.org", "places": 1, "consent": True}
    session_id = stack.new_session()
    reply = stack.post_json(f"/events/{SLUG}/sessions/{session_id}/bookings", wanted, idempotency_key="quiet")
    assert reply.status == 201
    assert not [word for word in ("Quentin", "quiet@", "manage", "http") if word in reply.text]


def test_one_connection_carries_many_requests(stack: Stack) -> None:
    port = int(stack.notes["base_url"].split(":")[2].split("/")[0])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(3):
        connection.request("GET", f"/api/events/{SLUG}")
        reply = connection.getresponse()
        assert (reply.status, len(reply.read()) > 0) == (200, True)
    connection.close()
