"""domain/organiser.py: what a token is, and how far it reaches."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.event import Event
from chalicelib.domain.ids import ID_ENTROPY_BYTES, SHORT_ID_ENTROPY_BYTES, new_id, token_hash
from chalicelib.domain.organiser import (
    ROLES,
    Caller,
    Role,
    Token,
    TokenClaim,
    caller_with,
    claimed_token,
    require_event,
    require_role,
    require_session,
    token_text,
)
from chalicelib.domain.refusals import Forbidden, NotFound
from chalicelib.domain.session import Session

NOW = datetime(2027, 6, 1, 9, tzinfo=UTC)
TEXT = token_text("o" * 16, "t" * 16, "s" * 24)
TOKEN = Token(
    token_id="t" * 16,
    organiser_id="o" * 16,
    name="Front door",
    role="host",
    scope="event:eeee",
    token_hash=token_hash(TEXT),
    created_at=NOW - timedelta(days=1),
    expires_at=NOW + timedelta(days=1),
)
EVENT = Event(event_id="eeee", organiser_id="oooo", slug="curry", title="Curry")
SESSION = Session(
    session_id="ssss",
    event_id="eeee",
    organiser_id="oooo",
    title="Leicester",
    venue="The Copper Pot",
    address="12 Example Street",
    zone="Europe/London",
    starts_local=datetime(2027, 9, 5, 19),  # wall-clock time in the zone
    ends_local=datetime(2027, 9, 5, 22),
    capacity=20,
    counters=1,
)


def caller(**changes: Any) -> Caller:
    base = Caller(
        organiser_id="oooo", role="organiser", scope="organiser", token_id="tttt", token_name="Desk"
    )
    return msgspec.structs.replace(base, **changes)


ids = st.binary(min_size=SHORT_ID_ENTROPY_BYTES, max_size=SHORT_ID_ENTROPY_BYTES).map(new_id)
secrets = st.binary(min_size=ID_ENTROPY_BYTES, max_size=ID_ENTROPY_BYTES).map(new_id)


@given(ids, ids, secrets)
def test_a_token_names_itself_whatever_its_parts(organiser_id: str, token_id: str, secret: str) -> None:
    text = token_text(organiser_id, token_id, secret)
    assert claimed_token(text) == TokenClaim(organiser_id, token_id)


@pytest.mark.parametrize(
    "text", ["", "turnout", TEXT + "\n", " " + TEXT, TEXT.upper(), TEXT[:-1], TEXT + "s"]
)
def test_what_is_not_a_token_names_none(text: str) -> None:
    assert claimed_token(text) is None


def test_who_has_the_token_is_its_caller_until_it_expires() -> None:
    assert caller_with(TEXT, TOKEN, NOW) == Caller(
        organiser_id="o" * 16, role="host", scope="event:eeee", token_id="t" * 16, token_name="Front door"
    )
    assert caller_with(TEXT[:-1] + "t", TOKEN, NOW) is None
    assert caller_with(TEXT, TOKEN, TOKEN.expires_at - timedelta(seconds=1)) is not None
    assert caller_with(TEXT, TOKEN, TOKEN.expires_at) is None


@pytest.mark.parametrize(
    ("scope", "reaches_event", "reaches_session"),
    [
        ("organiser", True, True),
        ("event:eeee", True, True),
        ("event:ffff", False, False),
        ("session:eeee:ssss", False, True),
        ("session:eeee:other", False, False),
        ("session:ffff:ssss", False, False),
        ("", False, False),
        ("*", False, False),
        ("event:", False, False),
        ("event:eeee:ssss", False, False),
        ("organiser:eeee", False, False),
    ],
)
def test_a_scope_reaches_what_it_names_and_nothing_when_it_is_unknown(
    scope: str, reaches_event: bool, reaches_session: bool
) -> None:
    scoped = caller(scope=scope)
    assert scoped.reaches("eeee") is reaches_event
    assert scoped.reaches("eeee", "ssss") is reaches_session


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("least", ROLES)
def test_each_role_may_do_what_those_after_it_may(role: Role, least: Role) -> None:
    if ROLES.index(role) <= ROLES.index(least):
        require_role(caller(role=role), least)
    else:
        with pytest.raises(Forbidden):
            require_role(caller(role=role), least)


def test_what_is_out_of_reach_is_not_found_even_for_a_role_that_may_nothing() -> None:
    for stranger in (
        caller(organiser_id="other"),
        caller(scope="event:ffff"),
        caller(role="door", organiser_id="other"),
    ):
        with pytest.raises(NotFound):
            require_event(stranger, EVENT, "organiser")
        with pytest.raises(NotFound):
            require_session(stranger, SESSION, "organiser")
    with pytest.raises(NotFound):
        require_event(caller(), None, "door")
    with pytest.raises(NotFound):
        require_session(caller(), None, "door")


def test_what_is_in_reach_is_forbidden_to_a_lesser_role() -> None:
    host = caller(role="host", scope="event:eeee")
    assert require_event(host, EVENT, "host") is EVENT
    assert require_session(host, SESSION, "host") is SESSION
    with pytest.raises(Forbidden):
        require_event(host, EVENT, "organiser")
    with pytest.raises(Forbidden):
        require_session(host, SESSION, "organiser")
