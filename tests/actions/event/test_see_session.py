"""actions/event/see_session.py: any token that reaches a session may see it."""

from typing import Any

import pytest

from chalicelib.actions.event.see_session import see_session
from chalicelib.domain.refusals import NotFound
from tests.actions.callers import owner_of
from tests.making import make_session


def test_a_door_of_the_session_sees_it_and_one_of_another_does_not(table: Any) -> None:
    session, other = make_session(), make_session()
    scope = f"session:{session.event_id}:{session.session_id}"
    door = owner_of(session, role="door", scope=scope)
    assert see_session(door, session) == session
    for out_of_reach in (other, None):
        with pytest.raises(NotFound):
            see_session(door, out_of_reach)
