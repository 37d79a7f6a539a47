"""actions/event/cancel_event.py."""

from typing import Any

import pytest

from chalicelib.domain.deletion_refusals import StillDraft
from chalicelib.domain.refusals import ChangedMeanwhile, Forbidden, NotFound
from chalicelib.store import events
from tests.actions.as_routes import cancel_event
from tests.actions.callers import owner_of
from tests.making import MADE_AT, make_event, make_session
from tests.wire import requests_counted


def test_a_cancelled_event_is_marked_and_nothing_else_is_done_in_the_call(table: Any) -> None:
    event = make_event()
    session = make_session(event)
    with requests_counted() as sent:
        cancelled = cancel_event(owner_of(event), event.event_id, now=MADE_AT)
    assert (cancelled.status, cancelled.version) == ("cancelled", 2)
    assert events.find_event(event.event_id) == cancelled
    assert events.find_session(event.event_id, session.session_id) == session
    assert sent == {"GetItem": 1, "PutItem": 1}


def test_cancelling_what_is_cancelled_writes_nothing(table: Any) -> None:
    event = make_event(status="cancelled")
    with requests_counted() as sent:
        assert cancel_event(owner_of(event), event.event_id, now=MADE_AT, expected_version=9) == event
    assert sent == {"GetItem": 1}


def test_a_draft_which_nobody_has_seen_is_not_cancelled_and_so_does_not_become_public(table: Any) -> None:
    event = make_event(status="draft")
    with pytest.raises(StillDraft):
        cancel_event(owner_of(event), event.event_id, now=MADE_AT)
    assert events.find_event(event.event_id) == event


def test_who_may_not_or_read_another_version_cancels_nothing(table: Any) -> None:
    event = make_event()
    with pytest.raises(Forbidden):
        cancel_event(owner_of(event, role="host"), event.event_id, now=MADE_AT)
    with pytest.raises(NotFound):
        cancel_event(owner_of(event, scope="event:another"), event.event_id, now=MADE_AT)
    with pytest.raises(ChangedMeanwhile):
        cancel_event(owner_of(event), event.event_id, now=MADE_AT, expected_version=2)
    assert events.find_event(event.event_id) == event
