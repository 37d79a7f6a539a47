"""One running stack for all end-to-end tests: starting it takes longer than most of them.

What takes a minute to happen is begun early and looked for late, so that other tests run meanwhile.
"""

import time
from collections.abc import Iterator

import pytest

from tests.e2e.revoked import RevokedDoor, revoke_a_door
from tests.e2e.stack import Stack
from tests.e2e.test_booking import book, booking_of


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The packaged zip, deployed with our own template, each function held to its role."""
    running = Stack(tmp_path_factory.mktemp("stack"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def revoked_door(stack: Stack) -> RevokedDoor:
    """A token that opened an event, and was then revoked."""
    return revoke_a_door(stack)


@pytest.fixture(scope="package")
def restarted(stack: Stack) -> float:
    """A stop and a start amid an outage of the stream, after somebody booked; returns when that was."""
    _let_stream(stack, flow=False)
    stack.empty_mail_queue()
    session_id = stack.new_session()
    book(stack, session_id, "owed@example.org")
    booked_at = time.monotonic()
    stack.stop()
    assert stack.mails_to("owed@example.org") == []
    stack.start(keep=True)
    assert booking_of(stack, session_id, "owed@example.org")["status"] == "confirmed"
    _let_stream(stack, flow=True)
    return booked_at


def _let_stream(stack: Stack, *, flow: bool) -> None:
    functions = stack.client("lambda")
    name = stack.function("BookingStream")
    (mapping,) = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=flow)
