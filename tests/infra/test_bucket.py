"""Where `make deploy` puts the code: in a bucket of this account, or nowhere."""

from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from infra.bucket import CodeBucket
from infra.stack import CannotDeploy

ACCOUNT = "123456789012"


def uploaded(refusal: str | None) -> dict[str, dict[str, Any]]:
    """Upload something; return what each call was given. ``refusal`` is the answer to whether it is there."""
    sent: dict[str, dict[str, Any]] = {}

    def answer(client: BaseClient, operation: str, given: dict[str, Any]) -> dict[str, Any]:
        sent[operation] = given
        if operation == "HeadBucket" and refusal:
            raise ClientError({"Error": {"Code": refusal, "Message": "no"}}, operation)
        return {}

    session = boto3.Session("AKIAEXAMPLE", "example", region_name="eu-west-2")
    with mock.patch.object(BaseClient, "_make_api_call", answer):
        CodeBucket(session, "code", ACCOUNT).put(b"PK", "zip")
    return sent


def test_every_call_but_the_one_that_makes_the_bucket_names_its_owner() -> None:
    sent = uploaded("404")
    assert sent.keys() == {"HeadBucket", "CreateBucket", "PutPublicAccessBlock", "PutObject"}
    del sent["CreateBucket"]
    assert {given.get("ExpectedBucketOwner") for given in sent.values()} == {ACCOUNT}


def test_a_bucket_that_is_somebody_elses_is_refused_in_words() -> None:
    with pytest.raises(CannotDeploy, match="The bucket code is not account 123456789012's"):
        uploaded("403")
