"""actions/event/publish_event.py."""

from typing import Any

import pytest

from chalicelib.domain.refusals import Cancelled
from chalicelib.store.events import find_event
from tests.actions.as_routes import publish_event
from tests.actions.callers import owner_of
from tests.making import MADE_AT, make_event
from tests.wire import requests_counted


def test_a_draft_becomes_public(table: Any) -> None:
    event = make_event(status="draft")
    published = publish_event(owner_of(event), event.event_id, now=MADE_AT)
    assert (published.status, published.version) == ("published", 2)
    assert find_event(event.event_id) == published


def test_publishing_what_is_public_writes_nothing(table: Any) -> None:
    event = make_event()
    with requests_counted() as sent:
        assert publish_event(owner_of(event), event.event_id, now=MADE_AT) == event
    assert sent == {"GetItem": 1}


def test_what_is_cancelled_stays_cancelled(table: Any) -> None:
    event = make_event(status="cancelled")
    with pytest.raises(Cancelled):
        publish_event(owner_of(event), event.event_id, now=MADE_AT)
