"""Who sees which figures, and that what is seen is what was counted."""

from typing import Any

import pytest

from chalicelib.actions.event.recount_session import recount_session
from chalicelib.actions.event.see_figures import see_figures
from chalicelib.domain.refusals import Forbidden, NotFound
from chalicelib.domain.session import Session
from chalicelib.store.recounts import watched_sessions
from tests.actions.callers import owner_of
from tests.making import make_event, make_session

pytestmark = pytest.mark.usefixtures("neighbours")


def counted(session: Session) -> None:
    [watched] = [found for found in watched_sessions() if found.session_id == session.session_id]
    assert recount_session(watched, now=session.starts_at) is not None


def test_a_token_of_one_session_sees_its_session_alone_and_the_door_none(table: Any) -> None:
    event = make_event()
    own, other = make_session(event), make_session(event)
    counted(own)
    counted(other)
    everything = see_figures(owner_of(event, role="host"), event.event_id)
    assert set(everything.figures) == {own.session_id, other.session_id}
    host = owner_of(event, role="host", scope=f"session:{event.event_id}:{own.session_id}")
    seen = see_figures(host, event.event_id)
    assert (seen.sessions, set(seen.figures)) == ([own], {own.session_id})
    with pytest.raises(NotFound):
        see_figures(host, make_event().event_id)
    for scope in ("organiser", host.scope):
        with pytest.raises(Forbidden):
            see_figures(owner_of(event, role="door", scope=scope), event.event_id)


def test_a_session_that_was_never_recounted_has_no_figures(table: Any) -> None:
    session = make_session()
    host = owner_of(session, scope=f"session:{session.event_id}:{session.session_id}")
    assert see_figures(host, session.event_id).figures == {}
    assert see_figures(owner_of(session), session.event_id).figures == {}
