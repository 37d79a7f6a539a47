"""actions/people/revoke_token.py."""

from typing import Any

import pytest

from chalicelib.actions.people.create_token import create_token
from chalicelib.actions.people.revoke_token import revoke_token
from chalicelib.domain.organiser import Caller
from chalicelib.domain.refusals import Forbidden, NotFound
from chalicelib.domain.token_request import TokenInUse, read_token_request
from chalicelib.store.tokens import find_token
from tests.actions.callers import NOW, owner_of
from tests.making import make_event

TOKEN = "t" * 16


def someone_with_a_token() -> Caller:
    """Somebody whose organiser has the token TOKEN; they call with another."""
    caller = owner_of(make_event())
    request = read_token_request({"name": "Front door", "role": "door"}, NOW)
    create_token(caller, request, now=NOW, token_id=TOKEN, secret="s" * 24)
    return caller


def test_a_revoked_token_is_gone_and_gone_once(table: Any) -> None:
    caller = someone_with_a_token()
    revoke_token(caller, TOKEN)
    assert find_token(caller.organiser_id, TOKEN) is None
    with pytest.raises(NotFound):
        revoke_token(caller, TOKEN)


@pytest.mark.parametrize("token_id", ["", "a" * 16, "TOKEN", "t" * 16 + "#", "é", "a" * 2000])
def test_a_token_that_is_not_there_is_not_found(table: Any, token_id: str) -> None:
    caller = someone_with_a_token()
    with pytest.raises(NotFound):
        revoke_token(caller, token_id)
    assert find_token(caller.organiser_id, TOKEN) is not None


def test_the_token_one_calls_with_stays(table: Any) -> None:
    caller = someone_with_a_token()
    with pytest.raises(TokenInUse):
        revoke_token(caller, caller.token_id)


def test_who_may_not_revokes_nothing(table: Any) -> None:
    caller = someone_with_a_token()
    event = make_event(organiser_id=caller.organiser_id)
    with pytest.raises(NotFound):
        revoke_token(owner_of(make_event()), TOKEN)
    for other in (owner_of(event, role="host"), owner_of(event, scope=f"event:{event.event_id}")):
        with pytest.raises(Forbidden):
            revoke_token(other, TOKEN)
    assert find_token(caller.organiser_id, TOKEN) is not None
