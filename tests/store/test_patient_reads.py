"""Reads that fail are read again, and not for ever."""

import time
from typing import Any

import pytest
from pynamodb.connection import Connection

from chalicelib.domain.refusals import Busy
from chalicelib.store import events
from chalicelib.store.keys import counter_key
from chalicelib.store.table import CounterItem
from tests.faults import weather
from tests.making import make_session


def test_a_read_on_a_wire_that_fails_now_and_then_gets_through(dynamodb_local: Any) -> None:
    session = make_session()
    with weather(5, throttles=0.3, never_sent=0.2) as bad:
        for _ in range(10):
            assert events.find_session(session.event_id, session.session_id) == session
    assert bad.seen.total() > 0


def test_a_read_that_always_fails_is_busy(dynamodb_local: Any) -> None:
    session = make_session()
    with weather(0, throttles=1.0), pytest.raises(Busy):
        events.find_session(session.event_id, session.session_id)


def test_a_batch_of_which_nothing_ever_comes_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def nothing(_self: Connection, operation: str, options: dict[str, Any]) -> dict[str, Any]:
        calls.append(operation)
        return {"Responses": {name: [] for name in options["RequestItems"]}, "UnprocessedKeys": {"any": {}}}

    monkeypatch.setattr(Connection, "_make_api_call", nothing)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with pytest.raises(Busy):
        list(CounterItem.batch_get([counter_key("session", 0)]))
    assert calls == ["BatchGetItem"] * 8
