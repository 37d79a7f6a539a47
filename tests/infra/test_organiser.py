"""`make organiser`, with a table that is deployed."""

import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.ids import token_hash
from chalicelib.domain.organiser import claimed_token
from infra.local.ministack import MiniStack
from tests.infra.playing import outputs, run


@pytest.fixture(scope="module")
def table(played_aws: MiniStack, first: subprocess.CompletedProcess[str]) -> str:
    return outputs(played_aws, "live")["TableName"]


def stored(played_aws: MiniStack, table: str, text: str) -> tuple[str, dict[str, str]]:
    """Return whose token this is, and what the table holds of it."""
    claim = claimed_token(text)
    assert claim is not None
    key = {"PK": {"S": f"ORG#{claim.organiser_id}"}, "SK": {"S": f"TOKEN#{claim.token_id}"}}
    item = played_aws.client("dynamodb").get_item(TableName=table, Key=key)["Item"]
    return claim.organiser_id, {name: next(iter(value.values())) for name, value in item.items()}


def test_who_lost_the_first_token_gets_another_by_the_organiser_s_id(
    played_aws: MiniStack, table: str
) -> None:
    made = run(played_aws, "organiser", "Soup Society", TURNOUT_TABLE=table)
    assert made.returncode == 0, made.stderr
    organiser_id, _ = stored(played_aws, table, made.stdout.strip())
    assert f"make organiser ID={organiser_id}" in made.stderr
    assert f"{datetime.now(UTC) + timedelta(days=365):%Y-%m}" in made.stderr
    more = run(played_aws, "organiser", "--id", organiser_id, TURNOUT_TABLE=table)
    assert more.returncode == 0, more.stderr
    owner, token = stored(played_aws, table, more.stdout.strip())
    assert (owner, token["role"], token["scope"]) == (organiser_id, "organiser", "organiser")
    assert token["token_hash"] == token_hash(more.stdout.strip())
    assert more.stdout != made.stdout


@pytest.mark.parametrize(
    ("arguments", "named", "said"),
    [
        (["--id", "nobody"], None, "no organiser nobody"),
        (["Soup Society"], "turnout-typo", "no table 'turnout-typo'"),
        (["buy at www.example.org"], None, "name"),
        ([], None, "--id"),
    ],
)
def test_what_is_wrong_is_said_in_words(
    played_aws: MiniStack, table: str, arguments: list[str], named: str | None, said: str
) -> None:
    refused = run(played_aws, "organiser", *arguments, TURNOUT_TABLE=named or table)
    assert refused.returncode != 0
    assert said in refused.stderr, refused.stderr
    assert (refused.stdout, "Traceback" in refused.stderr) == ("", False)
