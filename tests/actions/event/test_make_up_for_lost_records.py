"""Records of the stream that never came: what they would have led to is done when the clock looks."""

import json
from datetime import timedelta
from typing import Any

import boto3
import pytest
from msgspec.structs import replace

from chalicelib.actions.event.make_up_for_lost_records import make_up_for_lost_records
from chalicelib.actions.event.recount_session import recount_session
from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.settings import settings
from chalicelib.store import event_changes
from chalicelib.store.recounts import watched_sessions
from tests.making import MADE_AT, make_event, make_session
from tests.wire import requests_counted

pytestmark = pytest.mark.usefixtures("neighbours")


def sent_for(session: Session, event: Event | None, due_version: int = 1) -> Any:
    with requests_counted() as sent:
        make_up_for_lost_records([(session, event, due_version)], MADE_AT)
    return sent


def test_where_nothing_was_lost_nothing_is_sent(table: Any) -> None:
    event = make_event()
    session = make_session(event)
    assert sent_for(session, event) == {}
    assert sent_for(session, None) == {}


def test_deadlines_are_stored_that_are_of_an_earlier_version_of_the_session(table: Any) -> None:
    event = make_event()
    session = replace(make_session(event), version=2)
    assert sent_for(session, event)["PutItem"] == 2
    assert sent_for(session, event, due_version=2) == {}


def queued() -> list[str]:
    """Take what is on the fan-out queue; return the ids of the sessions that it is about."""
    answer = boto3.client("sqs").receive_message(
        QueueUrl=settings().fan_out_queue_url, MaxNumberOfMessages=10
    )
    return [json.loads(message["Body"])["session_id"] for message in answer.get("Messages", [])]


def test_a_session_left_in_a_cancelled_event_is_queued_to_be_cancelled_unless_it_is_over(table: Any) -> None:
    event = replace(make_event(), status="cancelled")
    session = make_session(event)
    for other, now in (
        (session, session.ends_at + timedelta(minutes=1)),
        (replace(session, status="cancelled"), MADE_AT),
    ):
        make_up_for_lost_records([(other, event, 1)], now)
        assert queued() == []
    make_up_for_lost_records([(session, event, 1)], MADE_AT)
    assert queued() == [session.session_id]


def test_a_session_that_is_recounted_has_it_as_one_at_rest(table: Any) -> None:
    event = make_event()
    session = make_session(event)
    event_changes.save_event(replace(event, status="cancelled", version=2), 1)
    recount_session(watched_sessions()[0], now=MADE_AT)
    assert queued() == [session.session_id]
    assert watched_sessions()[0].due_version == session.version
