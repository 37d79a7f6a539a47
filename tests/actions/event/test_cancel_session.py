"""actions/event/cancel_session.py."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.refusals import Closed, Forbidden, SessionOver
from chalicelib.store import capacity
from tests.actions.as_routes import cancel_session
from tests.actions.callers import NOW, owner_of, stored
from tests.making import booking_for, make_session
from tests.wire import requests_counted


def test_a_cancelled_session_takes_nobody_and_its_sequence_rises(table: Any) -> None:
    session = make_session()
    cancelled = cancel_session(owner_of(session), session.event_id, session.session_id, now=NOW)
    assert (cancelled.status, cancelled.sequence) == ("cancelled", 1)
    assert stored(session) == cancelled
    with pytest.raises(Closed):
        capacity.take(session, booking_for(session, "ada"))


def test_cancelling_what_is_cancelled_writes_nothing(table: Any) -> None:
    session = make_session(status="cancelled")
    with requests_counted() as sent:
        assert cancel_session(owner_of(session), session.event_id, session.session_id, now=NOW) == session
    assert sent == {"GetItem": 1}


def test_a_host_can_not_cancel(table: Any) -> None:
    session = make_session()
    with pytest.raises(Forbidden):
        cancel_session(owner_of(session, role="host"), session.event_id, session.session_id, now=NOW)
    assert stored(session) == session


def test_what_took_place_is_not_cancelled(table: Any) -> None:
    session = make_session()
    over = session.ends_at + timedelta(seconds=1)
    with pytest.raises(SessionOver):
        cancel_session(owner_of(session), session.event_id, session.session_id, now=over)
    assert stored(session) == session
    off = cancel_session(owner_of(session), session.event_id, session.session_id, now=session.ends_at)
    assert off.status == "cancelled"
    assert cancel_session(owner_of(session), session.event_id, session.session_id, now=over) == off
