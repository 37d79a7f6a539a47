"""The session our clients are made by does for our calls all that botocore's own does."""

from typing import Any

import pytest
from botocore.config import Config
from botocore.handlers import BUILTIN_HANDLERS
from botocore.session import get_session

from chalicelib import aws
from chalicelib.store.connection import connection
from infra import service_data
from infra.vendor import ROOT

CALLS = [
    f"{service}.{operation}"
    for service, operations in service_data.operations((ROOT / ".chalice").glob("policy-*.json")).items()
    for operation in operations
]


def handled(session: Any, event: str) -> list[Any]:
    """Return what handles this event, in order."""
    return list(session.get_component("event_emitter")._emitter._handlers.prefix_search(event))


@pytest.mark.parametrize("call", CALLS)
def test_every_call_of_ours_is_handled_as_by_botocore_itself(call: str) -> None:
    ours, whole = aws._new_session(), get_session()
    stages = {event.partition(".")[0] for event, *_ in BUILTIN_HANDLERS} - {"docs"}
    for event in (f"{stage}.{call}" for stage in stages):
        assert handled(ours, event) == handled(whole, event)
    assert any(handled(ours, f"{stage}.{call}") for stage in stages)


def test_what_is_done_for_other_services_alone_is_left_out() -> None:
    ours, whole = aws._new_session(), get_session()
    assert handled(whole, "before-call.s3.DeleteObjects") != handled(ours, "before-call.s3.DeleteObjects")


def test_a_client_of_ours_names_the_library_in_the_same_words_for_each_request() -> None:
    client = aws.client("sqs", Config(connect_timeout=1))
    named = client.meta.config.user_agent
    assert named.startswith("Botocore/")
    assert client._user_agent_creator.to_string() == named


def test_all_clients_of_a_thread_are_made_by_one_session(table: Any) -> None:
    assert connection().session is aws.session()
