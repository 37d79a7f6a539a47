"""store/tokens.py: organisers and tokens come back as stored."""

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.organiser import Organiser, Token
from chalicelib.domain.refusals import Busy
from chalicelib.store.tokens import create_organiser, create_token, find_token, tokens_of
from tests.wire import answered_with, losing

MADE_AT = datetime(2027, 6, 1, 9, tzinfo=UTC)
ORGANISER = Organiser(organiser_id="oooo", name="Social Care Curry", created_at=MADE_AT)
TOKEN = Token(
    token_id="tttt",
    organiser_id="oooo",
    name="Front door",
    role="organiser",
    scope="organiser",
    token_hash="0" * 64,
    created_at=MADE_AT,
    expires_at=datetime(2028, 6, 1, 9, tzinfo=UTC),
)


def test_a_token_comes_back_as_it_was_stored(table: Any) -> None:
    create_organiser(ORGANISER, TOKEN)
    assert find_token("oooo", "tttt") == TOKEN


def test_a_token_is_found_under_its_own_organiser_only(table: Any) -> None:
    create_organiser(ORGANISER, TOKEN)
    assert find_token("another", "tttt") is None
    assert find_token("oooo", "another") is None


def test_an_organiser_is_never_overwritten(table: Any) -> None:
    create_organiser(ORGANISER, TOKEN)
    with pytest.raises(Busy):
        create_organiser(ORGANISER, TOKEN)


def test_of_a_lost_answer_the_table_says_whether_a_token_was_stored(table: Any) -> None:
    with answered_with(losing(done=False)), pytest.raises(Busy):
        create_token(TOKEN)
    with answered_with(losing(done=True)):
        create_token(TOKEN)
    assert tokens_of("oooo") == [TOKEN]
    with pytest.raises(Busy):
        # Another one under the same id.
        create_token(replace(TOKEN, token_hash="1" * 64))
