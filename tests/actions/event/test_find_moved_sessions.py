"""The round over the sessions at rest: what the stream lost is found, and each has its turn once a day."""

import json
from datetime import timedelta
from typing import Any

import boto3
import msgspec
import pytest

from chalicelib.actions.event import find_moved_sessions as module
from chalicelib.actions.event.find_moved_sessions import find_moved_sessions
from chalicelib.domain.figures import mark_of
from chalicelib.domain.session import Session
from chalicelib.settings import settings
from chalicelib.store import capacity, event_changes, session_deletion
from chalicelib.store.directory import DIRECTORY, remember_listed
from chalicelib.store.due import remember_written
from chalicelib.store.keys import session_key
from chalicelib.store.recounts import Watched, remember_recount, versions_of, watched_sessions
from chalicelib.store.table import RecountItem, SessionItem
from tests.making import MADE_AT, booking_for, make_event, make_session
from tests.wire import requests_counted

pytestmark = pytest.mark.usefixtures("neighbours")

MINUTE = timedelta(minutes=1)


def at_rest(*sessions: Session) -> None:
    for session in sessions:
        versions = versions_of([session])[session.session_id]
        remember_recount(session.session_id, asks=0, versions=versions, counted_for=mark_of(()))
        remember_written(session)
        remember_listed(session.session_id, 0)


def found(minute: int = 0) -> list[str]:
    """Look once, a minute after the other; return the ids of the sessions that have moved."""
    now = MADE_AT + minute * MINUTE
    resting = [session for session in watched_sessions() if not session.presses(now)]
    return [moved.session_id for moved in find_moved_sessions(resting, now)]


def test_a_session_that_moved_without_a_word_is_found_and_presses_from_then_on(table: Any) -> None:
    quiet, moved = make_session(), make_session(capacity=60)
    at_rest(quiet, moved)
    assert found() == []
    capacity.take(moved, booking_for(moved, "ada"))
    assert found() == [moved.session_id]
    pressing = [session.session_id for session in watched_sessions() if session.presses(MADE_AT)]
    assert pressing == [moved.session_id]


def test_as_many_as_fit_are_looked_at_in_a_minute_those_first_that_waited_longest(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 3)
    sessions = [make_session() for _ in range(7)]
    at_rest(*sessions)
    for session in sessions:
        capacity.take(session, booking_for(session, "ada"))
    each_minute = [found(minute) for minute in range(4)]
    assert [len(ids) for ids in each_minute] == [3, 3, 1, 0]
    assert {one for ids in each_minute for one in ids} == {session.session_id for session in sessions}


def test_the_round_goes_on_where_nothing_has_moved(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    at_rest(*(make_session() for _ in range(5)))
    for minute in range(3):
        assert found(minute) == []
    moments = sorted(session.looked_at for session in watched_sessions())
    first = int(MADE_AT.timestamp() * 1000)
    # The last of them came in the third minute, and the first of them again.
    assert [(moment - first) // 60_000 for moment in moments] == [0, 1, 1, 2, 2]


def test_where_all_are_looked_at_each_minute_nothing_is_written(table: Any) -> None:
    event = make_event()
    at_rest(*(make_session(event, capacity=60) for _ in range(25)))
    with requests_counted() as sent:
        assert found() == []
    assert sent == {"Query": 1, "BatchGetItem": 3}, "sessions, events and counters"


def test_deadlines_that_are_not_stored_for_a_session_as_it_is_now_are_stored_when_its_turn_comes(
    table: Any,
) -> None:
    session = make_session()
    at_rest(session)
    RecountItem("RECOUNT", session.session_id).update([RecountItem.due_version.remove()])
    for puts in (2, 0):
        with requests_counted() as sent:
            assert found() == []
        assert sent["PutItem"] == puts
    assert watched_sessions()[0].due_version == session.version
    event_changes.save_session(msgspec.structs.replace(session, version=2), 1)
    with requests_counted() as sent:
        assert found() == []
    assert sent["PutItem"] == 2


def test_however_many_there_are_each_has_its_turn_once_a_day(table: Any) -> None:
    many = [Watched(session_id=f"s{number}", event_id="e") for number in range(28 * 1440 + 1)]
    with requests_counted() as sent:
        assert find_moved_sessions(many, MADE_AT) == []
    assert sent["UpdateItem"] == 29


def test_a_session_that_was_deleted_has_not_moved(table: Any) -> None:
    session = make_session()
    at_rest(session)
    watched = watched_sessions()
    session_deletion.delete_session(session)
    assert find_moved_sessions(watched, MADE_AT) == []
    assert watched_sessions() == []


def test_a_session_at_rest_whose_event_is_cancelled_is_queued_to_be_cancelled_if_it_is_not_over(
    table: Any,
) -> None:
    event = make_event()
    coming, other = make_session(event), make_session()
    at_rest(coming, other)
    event_changes.save_event(msgspec.structs.replace(event, status="cancelled", version=2), 1)
    assert found() == []
    assert find_moved_sessions(watched_sessions(), coming.ends_at + MINUTE) == []
    answer = boto3.client("sqs").receive_message(
        QueueUrl=settings().fan_out_queue_url, MaxNumberOfMessages=10
    )
    (message,) = answer["Messages"]
    assert json.loads(message["Body"])["session_id"] == coming.session_id


def test_sessions_whose_bookings_are_not_listed_as_now_are_recounted_some_at_a_time(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 3)
    sessions = [make_session() for _ in range(7)]
    at_rest(*sessions)
    older = [session.session_id for session in sessions[:5]]
    # As a release with other entries, or without any, has left them.
    for session_id in older[:3]:
        RecountItem("RECOUNT", session_id).update([RecountItem.directory.remove()])
    for session_id in older[3:]:
        RecountItem("RECOUNT", session_id).update([RecountItem.directory.set(DIRECTORY - 1)])
    each_minute = [found(minute) for minute in range(4)]
    assert sorted(one for ids in each_minute for one in ids) == sorted(older)
    assert all(len(ids) <= 3 for ids in each_minute)


def test_a_session_that_is_gone_is_not_asked_to_be_listed(table: Any) -> None:
    session = make_session()
    at_rest(session)
    RecountItem("RECOUNT", session.session_id).update([RecountItem.directory.set(0)])
    SessionItem(*session_key(session.event_id, session.session_id)).delete()
    assert found() == []
