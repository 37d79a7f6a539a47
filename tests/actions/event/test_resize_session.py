"""actions/event/resize_session.py."""

from typing import Any

import pytest

from chalicelib.domain.refusals import BelowBooked, Cancelled, Forbidden
from chalicelib.store import capacity
from tests.actions.as_routes import resize_session
from tests.actions.callers import owner_of, stored
from tests.making import booking_for, invariants_hold, make_session
from tests.wire import requests_counted


def test_a_session_grows_and_shrinks_down_to_what_is_booked(table: Any) -> None:
    session = make_session(capacity=20)
    capacity.take(session, booking_for(session, "ada", places=4))
    for places in (60, 4):
        resized = resize_session(owner_of(session), session.event_id, session.session_id, places)
        assert resized.capacity == places
        assert stored(session) == resized
        assert invariants_hold(session) == 4
    with pytest.raises(BelowBooked):
        resize_session(owner_of(session), session.event_id, session.session_id, 3)
    assert stored(session).capacity == 4


def test_the_same_capacity_again_writes_nothing(table: Any) -> None:
    session = make_session(capacity=20)
    with requests_counted() as sent:
        assert resize_session(owner_of(session), session.event_id, session.session_id, 20) == session
    assert sent == {"GetItem": 1}


def test_neither_a_host_nor_a_cancellation_lets_it_happen(table: Any) -> None:
    session = make_session(status="cancelled")
    with pytest.raises(Forbidden):
        resize_session(owner_of(session, role="host"), session.event_id, session.session_id, 40)
    with pytest.raises(Cancelled):
        resize_session(owner_of(session), session.event_id, session.session_id, 40)
