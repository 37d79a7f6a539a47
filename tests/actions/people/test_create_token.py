"""actions/people/create_token.py."""

from typing import Any

import pytest

from chalicelib.actions.people import create_token as module
from chalicelib.actions.people.create_token import create_token
from chalicelib.domain.organiser import Caller, Token, caller_with
from chalicelib.domain.refusals import Forbidden, Invalid
from chalicelib.domain.token_request import TokenRequest, TooManyTokens, read_token_request
from chalicelib.store.tokens import find_token, tokens_of
from tests.actions.callers import NOW, owner_of
from tests.making import make_event, make_session

IDS = {"token_id": "t" * 16, "secret": "s" * 24}


def asking(**changes: Any) -> TokenRequest:
    return read_token_request({"name": "Front door", "role": "door", **changes}, NOW)


def create(caller: Caller, **changes: Any) -> tuple[Token, str]:
    return create_token(caller, asking(**changes), now=NOW, once=None, **IDS)


def test_the_text_opens_the_token_and_is_kept_nowhere(table: Any) -> None:
    session = make_session()
    named = {"event_id": session.event_id, "session_id": session.session_id}
    token, text = create(owner_of(session), **named)
    assert find_token(session.organiser_id, IDS["token_id"]) == token
    caller = caller_with(text, token, NOW)
    assert caller is not None
    assert (caller.role, caller.token_name) == ("door", "Front door")
    assert caller.reaches(session.event_id, session.session_id)
    assert not caller.reaches(session.event_id, "another")
    assert IDS["secret"] not in str(token)


def test_only_what_is_the_callers_own_can_be_a_scope(table: Any) -> None:
    mine, theirs = make_session(), make_session()
    for named, pointer in (
        ({"event_id": theirs.event_id}, "/event_id"),
        ({"event_id": theirs.event_id, "session_id": theirs.session_id}, "/event_id"),
        ({"event_id": "nowhere"}, "/event_id"),
        ({"event_id": "not:an:id"}, "/event_id"),
        ({"event_id": mine.event_id, "session_id": theirs.session_id}, "/session_id"),
        ({"event_id": mine.event_id, "session_id": "nowhere"}, "/session_id"),
    ):
        with pytest.raises(Invalid) as refused:
            create(owner_of(mine), **named)
        assert [(error.pointer, error.code) for error in refused.value.errors] == [(pointer, "not_found")]
    assert tokens_of(mine.organiser_id) == []


def test_only_a_token_for_everything_makes_tokens(table: Any) -> None:
    event = make_event()
    for caller in (
        owner_of(event, role="host"),
        owner_of(event, role="door"),
        owner_of(event, scope=f"event:{event.event_id}"),
        owner_of(event, scope=f"session:{event.event_id}:ssss"),
    ):
        with pytest.raises(Forbidden):
            create(caller)
    assert tokens_of(event.organiser_id) == []


def test_there_can_be_only_so_many(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOKENS_MAX", 2)
    caller = owner_of(make_event())
    for first in "ab":
        create_token(caller, asking(), now=NOW, token_id=first * 16, secret=IDS["secret"])
    with pytest.raises(TooManyTokens):
        create(caller)
    assert len(tokens_of(caller.organiser_id)) == 2
