"""actions/event/see_event.py: any token that reaches an event may see it, a draft too."""

from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.actions.event.see_event import see_event
from chalicelib.domain.refusals import NotFound
from tests.actions.callers import owner_of
from tests.making import make_event


def test_a_door_sees_the_event_it_is_for_and_nobody_else_s(table: Any) -> None:
    event = make_event(status="draft")
    door = owner_of(event, role="door", scope=f"event:{event.event_id}")
    assert see_event(door, event) == event
    for out_of_reach in (replace(event, organiser_id="another"), replace(event, event_id="another"), None):
        with pytest.raises(NotFound):
            see_event(door, out_of_reach)
