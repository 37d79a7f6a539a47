"""actions/event/create_event.py."""

from typing import Any

import pytest

from chalicelib.actions.event.create_event import create_event
from chalicelib.domain.event_request import read_event_request
from chalicelib.domain.organiser import Caller
from chalicelib.domain.refusals import Forbidden
from chalicelib.store.events import find_event

REQUEST = read_event_request({"slug": "curry", "title": "Curry"})
CALLER = Caller(organiser_id="oooo", role="organiser", scope="organiser", token_id="tttt", token_name="Desk")


def test_an_event_belongs_to_whoever_created_it(table: Any) -> None:
    event = create_event(CALLER, REQUEST, event_id="eeee", line_seed="5e" * 32).made
    assert (event.organiser_id, event.status) == ("oooo", "draft")
    assert find_event("eeee") == event


def test_only_an_organiser_with_all_of_its_events_in_reach_creates_one(table: Any) -> None:
    for role, scope in (("host", "organiser"), ("door", "organiser"), ("organiser", "event:ffff")):
        caller = Caller(organiser_id="oooo", role=role, scope=scope, token_id="tttt", token_name="Desk")  # type: ignore[arg-type]
        with pytest.raises(Forbidden):
            create_event(caller, REQUEST, event_id="eeee", line_seed="5e" * 32)
    assert find_event("eeee") is None
