"""Where our commands act on AWS, and what they say when they can't."""

import subprocess
from pathlib import Path

import pytest

from infra.account import open_account, refusals_in_words
from infra.local.ministack import MiniStack
from infra.stack import CannotDeploy
from tests.infra.playing import run

COMMANDS = (
    ("deploy", "--stage=live", "--mail-from=a@b.example"),
    ("restore", "--stage=live"),
    ("stop", "--stage=live"),
    ("start", "--stage=live"),
    ("shut", "--stage=live"),
    ("reopen", "--stage=live"),
    ("rotate", "--stage=live"),
    ("organiser", "Soup Society"),
)
SAID = {"TURNOUT_TABLE": "table"}
NO_PROFILES = {"AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere"}


def test_the_region_is_aws_region_then_the_default_then_the_profile_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("[default]\nregion = eu-west-3\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    both = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}
    assert open_account(both).region_name == "eu-west-1"
    assert open_account({**both, "AWS_REGION": ""}).region_name == "eu-west-2"
    assert open_account({}).region_name == "eu-west-3"
    (tmp_path / "config").unlink()
    with pytest.raises(CannotDeploy, match="AWS_REGION="):
        open_account({})


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_without_a_region_says_how_to_name_one(
    played_aws: MiniStack, command: tuple[str, ...]
) -> None:
    refused = run(played_aws, *command, **SAID, **NO_PROFILES, AWS_DEFAULT_REGION="")
    assert_in_words(refused, "AWS_REGION=eu-west-2")


@pytest.mark.parametrize("command", [COMMANDS[2], COMMANDS[-1]], ids=" ".join)
def test_a_command_without_credentials_says_so(played_aws: MiniStack, command: tuple[str, ...]) -> None:
    nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"}
    refused = run(played_aws, *command, **SAID, **NO_PROFILES, **nobody)
    assert_in_words(refused, "credentials")


def test_a_command_acts_in_aws_region_although_another_is_the_default(
    played_aws: MiniStack, first: subprocess.CompletedProcess[str]
) -> None:
    refused = run(played_aws, "stop", "--stage=live", AWS_REGION="eu-west-1")
    assert_in_words(refused, "turnout-live")


def test_an_endpoint_that_is_no_url_is_named_and_other_mistakes_keep_their_trace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nowhere")
    with (
        pytest.raises(SystemExit, match=r"Invalid endpoint: nowhere\. See AWS_ENDPOINT_URL"),
        refusals_in_words(),
    ):
        open_account({"AWS_REGION": "eu-west-2"}).client("sts")
    with pytest.raises(ValueError, match="ours"), refusals_in_words():
        raise ValueError("ours")


def assert_in_words(refused: subprocess.CompletedProcess[str], said: str) -> None:
    assert refused.returncode == 1, refused.stdout
    assert said in refused.stderr, refused.stderr
    assert "Traceback" not in refused.stderr
