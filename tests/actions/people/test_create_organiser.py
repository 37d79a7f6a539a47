"""actions/people/create_organiser.py."""

from typing import Any

import pytest

from chalicelib.actions.people.create_organiser import create_organiser
from chalicelib.domain.organiser import TOKEN_LIFETIME, Caller, caller_with
from chalicelib.domain.refusals import Busy, Invalid
from chalicelib.store.table import OrganiserItem
from chalicelib.store.tokens import find_token
from tests.actions.callers import NOW

IDS = {"organiser_id": "o" * 16, "token_id": "t" * 16, "secret": "s" * 24}


def test_an_organisers_first_token_opens_everything_of_its_for_a_year(table: Any) -> None:
    text = create_organiser("  Social  Care Curry", now=NOW, **IDS)
    token = find_token("o" * 16, "t" * 16)
    assert token is not None
    everything = Caller(
        organiser_id="o" * 16,
        role="organiser",
        scope="organiser",
        token_id="t" * 16,
        token_name="First token",
    )
    assert caller_with(text, token, NOW) == everything
    assert caller_with(text, token, NOW + TOKEN_LIFETIME) is None
    assert OrganiserItem.get(f"ORG#{'o' * 16}", "ORG").name == "Social Care Curry"


@pytest.mark.parametrize("name", ["", "  ", "a" * 81, "buy at www.example.org", "a\x7fb"])
def test_a_name_that_no_mail_can_carry_makes_no_organiser(table: Any, name: str) -> None:
    with pytest.raises(Invalid):
        create_organiser(name, now=NOW, **IDS)
    assert find_token("o" * 16, "t" * 16) is None


def test_ids_that_are_taken_are_not_taken_over(table: Any) -> None:
    create_organiser("First", now=NOW, **IDS)
    with pytest.raises(Busy):
        create_organiser("Second", now=NOW, **{**IDS, "token_id": "u" * 16})
    assert find_token("o" * 16, "u" * 16) is None
    assert OrganiserItem.get(f"ORG#{'o' * 16}", "ORG").name == "First"
