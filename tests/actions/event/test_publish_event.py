"""actions/event/publish_event.py."""

from typing import Any

import pytest

from chalicelib.domain.event import Event
from chalicelib.domain.refusals import Cancelled, Invalid
from chalicelib.store.events import find_event
from tests.actions.as_routes import change_event, publish_event
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


def test_an_event_is_published_once_it_says_who_is_behind_it_and_how_to_reach_them(table: Any) -> None:
    event = make_event(status="draft", organiser_name=None, contact=None)
    with pytest.raises(Invalid) as refused:
        publish_event(owner_of(event), event.event_id, now=MADE_AT)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [
        ("/organiser_name", "missing"),
        ("/contact", "missing"),
    ]
    assert all("PATCH" in error.detail and "publish" in error.detail for error in refused.value.errors)
    assert find_event(event.event_id) == event
    change(event, {"organiser_name": "Curry Hosts"})
    with pytest.raises(Invalid) as refused:
        publish_event(owner_of(event), event.event_id, now=MADE_AT)
    assert [error.pointer for error in refused.value.errors] == ["/contact"]
    change(event, {"contact": "0116 496 0123"})
    assert publish_event(owner_of(event), event.event_id, now=MADE_AT).status == "published"


def test_an_event_that_was_public_before_we_asked_stays_public_and_can_be_changed(table: Any) -> None:
    event = make_event(organiser_name=None, contact=None)
    assert publish_event(owner_of(event), event.event_id, now=MADE_AT) == event
    changed = change(event, {"title": "Curry again"})
    assert (changed.status, changed.title, changed.contact) == ("published", "Curry again", None)


@pytest.mark.parametrize("field", ["organiser_name", "contact"])
def test_who_is_behind_a_published_event_can_change_but_not_be_removed(table: Any, field: str) -> None:
    event = make_event()
    with pytest.raises(Invalid) as refused:
        change(event, {field: None})
    assert [error.pointer for error in refused.value.errors] == [f"/{field}"]
    assert getattr(change(event, {field: "hello@example.org"}), field) == "hello@example.org"


def change(event: Event, patch: dict[str, Any]) -> Event:
    return change_event(
        owner_of(event), event.event_id, patch, expected_version=None, now=MADE_AT, line_seed="5e" * 32
    )
