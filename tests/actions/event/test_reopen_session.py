"""actions/event/reopen_session.py."""

from typing import Any

import pytest

from chalicelib.domain.refusals import Cancelled
from chalicelib.store import capacity
from tests.actions.as_routes import close_session, reopen_session
from tests.actions.callers import owner_of, stored
from tests.making import booking_for, invariants_hold, make_session
from tests.wire import requests_counted


def test_a_reopened_session_can_be_booked_again(table: Any) -> None:
    session = make_session()
    close_session(owner_of(session), session.event_id, session.session_id)
    reopened = reopen_session(owner_of(session), session.event_id, session.session_id)
    assert reopened.status == "open"
    assert stored(session) == reopened
    capacity.take(reopened, booking_for(session, "ada", places=3))
    assert invariants_hold(session) == 3


def test_reopening_what_is_open_writes_nothing(table: Any) -> None:
    session = make_session()
    with requests_counted() as sent:
        assert reopen_session(owner_of(session), session.event_id, session.session_id) == session
    assert sent == {"GetItem": 1}


def test_what_is_cancelled_stays_cancelled(table: Any) -> None:
    session = make_session(status="cancelled")
    with pytest.raises(Cancelled):
        reopen_session(owner_of(session), session.event_id, session.session_id)
