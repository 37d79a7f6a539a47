"""actions/event/close_session.py."""

from typing import Any

import pytest

from chalicelib.domain.refusals import Cancelled, Closed
from chalicelib.store import capacity
from tests.actions.as_routes import close_session
from tests.actions.callers import owner_of, stored
from tests.making import booking_for, invariants_hold, make_session
from tests.wire import requests_counted


def test_a_closed_session_takes_nobody_even_from_who_has_not_heard_of_it(table: Any) -> None:
    session = make_session()
    capacity.take(session, booking_for(session, "ada"))
    closed = close_session(owner_of(session), session.event_id, session.session_id)
    assert closed.status == "closed"
    assert stored(session) == closed
    with pytest.raises(Closed):
        capacity.take(session, booking_for(session, "bob"))
    assert invariants_hold(session) == 1


def test_closing_what_is_closed_writes_nothing(table: Any) -> None:
    session = make_session(status="closed")
    with requests_counted() as sent:
        assert close_session(owner_of(session), session.event_id, session.session_id) == session
    assert sent == {"GetItem": 1}


def test_what_is_cancelled_stays_cancelled(table: Any) -> None:
    session = make_session(status="cancelled")
    with pytest.raises(Cancelled):
        close_session(owner_of(session), session.event_id, session.session_id)
