"""actions/people/list_tokens.py: tokens are for those to see who have one for everything."""

from typing import Any

import pytest

from chalicelib.actions.people.list_tokens import list_tokens
from chalicelib.domain.refusals import Forbidden
from tests.actions.callers import owner_of
from tests.making import make_event
from tests.web.admin import new_admin


def test_a_host_and_somebody_with_a_part_of_it_all_list_no_tokens(table: Any) -> None:
    event = make_event()
    for caller in (owner_of(event, role="host"), owner_of(event, scope=f"event:{event.event_id}")):
        with pytest.raises(Forbidden):
            list_tokens(caller)


def test_an_organiser_lists_its_own_tokens_alone(table: Any) -> None:
    admin, other = new_admin(), new_admin()
    event = make_event(organiser_id=admin.organiser_id)
    listed = [token.token_id for token in list_tokens(owner_of(event))]
    assert listed == [admin.token_id] != [other.token_id]
