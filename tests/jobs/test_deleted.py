"""The stream and the fan-out meet what was deleted: there is nothing to do, and nothing comes back."""

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.actions.event import cancel_event_sessions as module
from chalicelib.domain.session import Session
from chalicelib.store import capacity_changes, event_changes, events, session_deletion
from chalicelib.store.messages import CancelledEvent, send_work, slices_of_cancelled, slices_of_changed
from tests.actions.as_routes import delete_event
from tests.actions.callers import owner_of
from tests.jobs.test_fan_out import call_off
from tests.mail_chain import Chain
from tests.making import make_event, make_session

pytestmark = pytest.mark.usefixtures("neighbours")


@pytest.fixture
def chain(table: Any) -> Chain:
    return Chain(table)


def nothing_fails(chain: Chain, capsys: pytest.CaptureFixture[str]) -> None:
    """Assert that all that is waiting is done with, and that nothing of it is an error."""
    chain.settle()
    assert chain.waiting() == []
    assert '"ERROR"' not in capsys.readouterr().out


def test_what_was_created_changed_and_deleted_owes_nothing(
    chain: Chain, capsys: pytest.CaptureFixture[str]
) -> None:
    event = make_event(status="draft")
    session = make_session(event)
    make_session(event)
    call_off(session)
    delete_event(owner_of(event), event.event_id)
    nothing_fails(chain, capsys)
    assert events.find_event(event.event_id) is None


def test_work_on_a_session_that_is_gone_is_done(chain: Chain, capsys: pytest.CaptureFixture[str]) -> None:
    event = make_event()
    session = make_session(event)
    event_changes.save_event(replace(event, status="cancelled", version=2), 1)
    session_deletion.delete_session(session)
    send_work([*slices_of_cancelled(session), *slices_of_changed(session)])
    send_work([CancelledEvent(event_id=event.event_id, session_id=session.session_id)])
    send_work([CancelledEvent(event_id="gone"), CancelledEvent(event_id="gone", session_id="gone")])
    nothing_fails(chain, capsys)


def test_a_session_that_goes_while_its_event_is_cancelled_is_done(
    chain: Chain, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event()
    make_session(event)
    cancel = capacity_changes.cancel_session

    def overtaken(session: Session, **given: Any) -> Session:
        session_deletion.delete_session(session)
        return cancel(session, **given)

    monkeypatch.setattr(module, "cancel_session", overtaken)
    event_changes.save_event(replace(event, status="cancelled", version=2), 1)
    nothing_fails(chain, capsys)
    assert events.sessions_of(event.event_id) == []
