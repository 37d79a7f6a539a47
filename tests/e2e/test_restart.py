"""A mail owed before the stop is sent after the start."""

import time
from collections.abc import Iterator

import pytest

from chalicelib.actions.event.recount_session import GRACE
from tests.e2e.stack import Stack, eventually
from tests.e2e.test_booking import book, booking_of


@pytest.fixture(scope="module")
def restarted(stack: Stack) -> Iterator[float]:
    """A stop and a start amid an outage of the stream, after somebody booked; yields when that was."""
    let_stream(stack, flow=False)
    empty_mail_queue(stack)
    session_id = stack.new_session()
    book(stack, session_id, "owed@example.org")
    booked_at = time.monotonic()
    stack.stop()
    assert stack.mails_to("owed@example.org") == []
    stack.start(keep=True)
    assert booking_of(stack, session_id, "owed@example.org")["status"] == "confirmed"
    yield booked_at
    let_stream(stack, flow=True)


def let_stream(stack: Stack, *, flow: bool) -> None:
    functions = stack.client("lambda")
    name = stack.function("BookingStream")
    (mapping,) = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=flow)


def empty_mail_queue(stack: Stack) -> None:
    """Leave no message of other tests: the reconciler looks for lost mails when the queue holds none."""
    sqs = stack.client("sqs")
    for url in sqs.list_queues()["QueueUrls"]:
        if "-MailQueue-" in url:
            sqs.purge_queue(QueueUrl=url)


def test_a_booking_whose_change_never_left_the_stream_is_mailed_after_the_restart(
    stack: Stack, restarted: float
) -> None:
    time.sleep(max(0, GRACE.total_seconds() + 1 - (time.monotonic() - restarted)))

    def mailed() -> bool:
        # A minute's tick, now.
        stack.client("lambda").invoke(FunctionName=stack.function("Clock"), Payload=TICK)
        return bool(stack.mails_to("owed@example.org"))

    eventually(mailed, "mail that was owed")
    assert len(stack.mails_to("owed@example.org")) == 1


def test_what_is_booked_after_the_restart_is_mailed_at_once(stack: Stack, restarted: float) -> None:
    let_stream(stack, flow=True)
    session_id = stack.new_session()
    book(stack, session_id, "afterwards@example.org")
    stack.wait_for_mail("afterwards@example.org", "confirmation", seconds=30)


TICK = (
    b'{"version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events", "account": "1", '
    b'"time": "2027-01-01T00:00:00Z", "region": "us-east-1", "resources": [], "detail": {}}'
)
