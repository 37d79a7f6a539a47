"""actions/event/list_events.py: a caller lists the events in its scope, and no others."""

from typing import Any

from chalicelib.actions.event.list_events import list_events
from tests.actions.callers import owner_of
from tests.making import make_event


def test_a_caller_lists_what_it_reaches_by_slug(table: Any) -> None:
    second = make_event(slug="second")
    first = make_event(slug="first", organiser_id=second.organiser_id)
    make_event(slug="theirs", organiser_id="somebody-else")
    assert list_events(owner_of(first)) == [first, second]
    assert list_events(owner_of(first, scope=f"event:{second.event_id}")) == [second]
    assert list_events(owner_of(first, scope=f"session:{first.event_id}:ssss")) == []
