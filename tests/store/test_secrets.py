"""The secrets: read seldom, rotated without a restart, and Busy when they can't be read just now."""

import json
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from chalicelib.domain.refusals import Busy
from chalicelib.store import secrets
from chalicelib.store.recent import Recent


def test_a_throttled_read_of_a_secret_is_busy(table: Any) -> None:
    with Stubber(secrets._client()) as stub:
        stub.add_client_error("get_parameter", "ThrottlingException", http_status_code=400)
        with pytest.raises(Busy):
            secrets.key_secret()


def test_a_new_token_secret_is_read_without_a_restart(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_token_secrets", Recent(0.0, entries_max=1))
    assert set(secrets.token_secrets()) == {"k1"}
    rotated = {"current": "k2", "secrets": {"k1": "22" * 32, "k2": "33" * 32}}
    boto3.client("ssm").put_parameter(
        Name="/turnout/test/token-secret", Value=json.dumps(rotated), Type="SecureString", Overwrite=True
    )
    assert set(secrets.token_secrets()) == {"k1", "k2"}
    assert secrets.current_token_secret().secret_id == "k2"
