"""actions/event/create_session.py."""

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.refusals import Cancelled
from chalicelib.domain.session_request import read_session_request
from chalicelib.store import events
from tests.actions.as_routes import create_session
from tests.actions.callers import NOW, owner_of
from tests.making import invariants_hold, make_event
from tests.web.admin import SESSION
from tests.wire import Died, dying_before_write, requests_counted

REQUEST = read_session_request(SESSION, NOW)


def test_a_session_starts_with_all_of_its_places(table: Any) -> None:
    event = make_event()
    session = create_session(owner_of(event), event.event_id, REQUEST, session_id="ssss")
    assert session.ends_at - session.starts_at == timedelta(hours=3)
    assert events.sessions_of(event.event_id) == [session]
    assert invariants_hold(session) == 0


def test_a_session_is_never_there_without_its_places(table: Any) -> None:
    event = make_event()
    with dying_before_write(1), pytest.raises(Died):
        create_session(owner_of(event), event.event_id, REQUEST, session_id="ssss")
    assert events.sessions_of(event.event_id) == []
    # Its places are there already, for a session that never came to be; a new one is a new try.
    create_session(owner_of(event), event.event_id, REQUEST, session_id="tttt")
    assert [session.session_id for session in events.sessions_of(event.event_id)] == ["tttt"]


def test_a_cancelled_event_gets_no_session_and_no_places(table: Any) -> None:
    event = make_event(status="cancelled")
    with requests_counted() as sent, pytest.raises(Cancelled):
        create_session(owner_of(event), event.event_id, REQUEST, session_id="ssss")
    assert sent == {"GetItem": 1}
