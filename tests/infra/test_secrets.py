"""Making the secrets of a deployment."""

import json

import boto3
import pytest
from moto import mock_aws

from infra.secrets import create_secrets


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
