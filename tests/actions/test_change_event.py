"""actions/change_event.py."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from chalicelib.actions.change_event import change_event
from chalicelib.domain.refusals import Busy, Cancelled, ChangedMeanwhile, Forbidden, NotFound
from chalicelib.store import events
from tests.actions.callers import owner_of
from tests.making import make_event
from tests.wire import overtaken_by

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)
SEED = "5e" * 32
BESIDE: Any = {"now": NOW, "line_seed": SEED}


def test_a_change_is_stored_one_version_on(table: Any) -> None:
    event = make_event()
    changed = change_event(owner_of(event), event.event_id, {"title": "New"}, expected_version=1, **BESIDE)
    assert (changed.title, changed.version) == ("New", 2)
    assert events.find_event(event.event_id) == changed


def test_a_change_that_was_overtaken_is_not_stored_over_the_other(table: Any) -> None:
    event = make_event()
    other = msgspec.structs.replace(event, title="Theirs", version=2)
    with overtaken_by(lambda: events.save_event(other, 1)), pytest.raises(Busy):
        change_event(owner_of(event), event.event_id, {"title": "Ours"}, expected_version=None, **BESIDE)
    assert events.find_event(event.event_id) == other


def test_who_may_not_is_told_before_what_is_wrong_with_the_change(table: Any) -> None:
    event = make_event(status="cancelled")
    wrong: dict[str, object] = {"title": 7}
    with pytest.raises(NotFound):
        change_event(owner_of(make_event()), event.event_id, wrong, expected_version=9, **BESIDE)
    with pytest.raises(Forbidden):
        change_event(owner_of(event, role="host"), event.event_id, wrong, expected_version=9, **BESIDE)
    with pytest.raises(Cancelled):
        change_event(owner_of(event), event.event_id, wrong, expected_version=9, **BESIDE)
    live = make_event()
    with pytest.raises(ChangedMeanwhile):
        change_event(owner_of(live), live.event_id, wrong, expected_version=9, **BESIDE)
