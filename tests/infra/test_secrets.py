"""Making the secrets of a deployment, and rotating one."""

import json
from argparse import Namespace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.store.secrets import TOKEN_SECRETS_KEPT_SECONDS
from infra.secrets import READ_BY_ALL_AFTER, create_secrets, drop, rotate, run
from infra.stack import CannotDeploy


def test_both_secrets_are_made_encrypted_and_long() -> None:
    with mock_aws():
        ssm = boto3.client("ssm", region_name="us-east-1")
        assert create_secrets(ssm, "live") == ["/turnout/live/key-secret", "/turnout/live/token-secret"]
        key = ssm.get_parameter(Name="/turnout/live/key-secret", WithDecryption=True)["Parameter"]
        token = ssm.get_parameter(Name="/turnout/live/token-secret", WithDecryption=True)["Parameter"]
    assert {key["Type"], token["Type"]} == {"SecureString"}
    assert len(bytes.fromhex(key["Value"])) == 32
    secrets = json.loads(token["Value"])
    assert len(bytes.fromhex(secrets["secrets"][secrets["current"]])) == 32


@pytest.mark.parametrize("lost", ["key-secret", "token-secret"])
def test_a_secret_that_exists_is_never_changed(lost: str) -> None:
    kept = {"key-secret": "token-secret", "token-secret": "key-secret"}[lost]
    with mock_aws():
        ssm = boto3.client("ssm", region_name="us-east-1")
        create_secrets(ssm, "live")
        before = ssm.get_parameter(Name=f"/turnout/live/{kept}", WithDecryption=True)["Parameter"]["Value"]
        ssm.delete_parameter(Name=f"/turnout/live/{lost}")
        assert create_secrets(ssm, "live") == [f"/turnout/live/{lost}"]
        after = ssm.get_parameter(Name=f"/turnout/live/{kept}", WithDecryption=True)["Parameter"]["Value"]
    assert after == before


def token_secret(ssm: Any) -> dict[str, Any]:
    value = ssm.get_parameter(Name="/turnout/live/token-secret", WithDecryption=True)["Parameter"]["Value"]
    held: dict[str, Any] = json.loads(value)
    return held


def test_a_new_key_signs_links_only_when_every_process_has_read_it_and_old_ones_stay() -> None:
    with mock_aws():
        ssm = boto3.client("ssm", region_name="us-east-1")
        create_secrets(ssm, "live")
        first = token_secret(ssm)
        now = datetime.now(UTC)
        assert "Added the key k2" in rotate(ssm, "live", now)
        assert token_secret(ssm)["current"] == "k1"
        with pytest.raises(CannotDeploy, match="not every process"):
            rotate(ssm, "live", now + timedelta(minutes=1))
        assert token_secret(ssm)["current"] == "k1"
        assert "k2 signs" in rotate(ssm, "live", now + READ_BY_ALL_AFTER + timedelta(minutes=1))
        held = token_secret(ssm)
        assert (held["current"], held["secrets"]["k1"]) == ("k2", first["secrets"]["k1"])
        assert held["secrets"]["k2"] != held["secrets"]["k1"]
    assert timedelta(seconds=TOKEN_SECRETS_KEPT_SECONDS) < READ_BY_ALL_AFTER


def test_a_key_is_dropped_unless_it_is_the_one_that_signs() -> None:
    with mock_aws():
        ssm = boto3.client("ssm", region_name="us-east-1")
        create_secrets(ssm, "live")
        with pytest.raises(CannotDeploy, match="Rotate first"):
            drop(ssm, "live", "k1")
        rotate(ssm, "live", datetime.now(UTC))
        rotate(ssm, "live", datetime.now(UTC) + timedelta(hours=1))
        for missing in ("k9", ""):
            with pytest.raises(CannotDeploy, match=f"no key '{missing}'. There are k1, k2."):
                drop(ssm, "live", missing)
        assert "Dropped k1" in drop(ssm, "live", "k1")
        assert token_secret(ssm)["secrets"].keys() == {"k2"}


def test_an_empty_key_to_drop_rotates_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with mock_aws():
        ssm = boto3.client("ssm", region_name="us-east-1")
        create_secrets(ssm, "live")
        before = token_secret(ssm)
        with pytest.raises(CannotDeploy, match="no key ''"):
            run(Namespace(stage="live", drop=""))
        assert token_secret(ssm) == before
