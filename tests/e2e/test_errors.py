"""Whoever sees a 500, or waits for a mail in vain, finds the reason where `make run` was started."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.e2e.stack import Stack, eventually
from tests.e2e.test_booking import book, booking_of

TICK = {
    "version": "0",
    "id": "tick",
    "source": "aws.events",
    "account": "000000000000",
    "region": "us-east-1",
    "time": "2026-01-01T00:00:00Z",
    "resources": [],
    "detail-type": "Scheduled Event",
    "detail": {},
}


@contextmanager
def broken_item(stack: Stack, partition: str, sort: str) -> Iterator[None]:
    """Have an item in the table that nothing can be read from."""
    key = {"PK": {"S": partition}, "SK": {"S": sort}}
    table = stack.client("dynamodb")
    table.put_item(TableName=stack.notes["table"], Item=key)
    yield
    table.delete_item(TableName=stack.notes["table"], Key=key)


def call(stack: Stack, function: str, event: Any) -> None:
    stack.client("lambda").invoke(FunctionName=stack.function(function), Payload=json.dumps(event))


def wait_for(stack: Stack, words: str, about: str = "") -> list[str]:
    """Wait until the terminal says this, and ``about`` what; return that line and what follows."""

    def found() -> list[str] | None:
        said = enumerate(stack.said)
        return next((stack.said[at:] for at, line in said if line.startswith(words) and about in line), None)

    return eventually(found, words)


def test_why_the_api_answered_500_is_told_with_the_line_that_raised_it(stack: Stack) -> None:
    with broken_item(stack, "SLUG#broken", "SLUG"):
        assert stack.request("GET", "/events/broken").status == 500
    told = wait_for(stack, "ERROR in APIHandler: a route failed")
    assert "view get_event)" in told[0]
    assert any("chalicelib/store/lately.py:" in line for line in told)


def test_why_a_mail_was_not_sent_is_told(stack: Stack) -> None:
    call(stack, "Mailer", {"Records": [{"messageId": "m1", "body": "no notice"}]})
    # On a busy machine another email may have met an error before.
    assert wait_for(stack, "ERROR in Mailer: notice_not_sent", about="(message_id m1)")


def test_why_the_clock_could_not_go_on_is_told_both_where_it_was_caught_and_where_it_was_not(
    stack: Stack,
) -> None:
    with broken_item(stack, "EVENT#broken", "EVENT"), broken_item(stack, "LINES", "broken"):
        call(stack, "Clock", TICK)
    wait_for(stack, "ERROR in Clock: queue_failed")
    assert "TickFailed" in wait_for(stack, "ERROR in Clock: not caught")[0]


def test_all_that_functions_log_is_in_one_file(stack: Stack) -> None:
    log = stack.build / "functions.log"
    eventually(lambda: '"message": "tick"' in log.read_text(), "tick in the functions' log")
    for line in log.read_text().splitlines():
        assert json.loads(line)["function"].startswith("turnout-")


def test_what_became_of_a_booking_is_found_by_the_id_of_its_request(stack: Stack) -> None:
    session_id = stack.new_session()
    book(stack, session_id, "followed@example.org")
    stack.wait_for_mail("followed@example.org", "confirmation")
    booking_id = booking_of(stack, session_id, "followed@example.org")["booking_id"]

    def lines() -> list[dict[str, Any]]:
        logged = (stack.build / "functions.log").read_text().splitlines()
        return [json.loads(line) for line in logged if line.endswith("}")]

    sent = eventually(
        lambda: [line for line in lines() if line.get("booking_id") == booking_id], "the mail's line"
    )
    (request_id,) = {line["request_id"] for line in sent}
    assert len(request_id) == 16
    # It says so at its end, when the email may be gone already.
    batches = eventually(
        lambda: [line for line in lines() if request_id in line.get("request_ids", ())], "its batch"
    )
    assert {line["message"] for line in batches} == {"booking_stream"}
    eventually(
        lambda: (
            {line["message"] for line in lines() if line.get("request_id") == request_id}
            >= {"notice", "mail_event"}
        ),
        "what SES said of it",
    )
