"""Whose credentials, and which region."""

import boto3
import pytest
from botocore.exceptions import UnauthorizedSSOTokenError
from moto import mock_aws

from infra.preflight.account import credentials, region
from infra.preflight.aws import Aws
from infra.preflight.check import CannotTell
from tests.infra.preflight.written import WrittenAws


@mock_aws
def test_credentials_that_aws_accepts_are_shown_by_their_account_and_not_by_their_person() -> None:
    found = credentials(Aws(boto3.Session(region_name="eu-west-2")))
    assert (found.mark, found.found) == ("ok", "account 123456789012")


def test_the_root_user_is_to_be_replaced(written: WrittenAws) -> None:
    written.caller("arn:aws:iam::123456789012:root")
    found = credentials(written.aws)
    assert found.mark == "to do"
    assert "root user" in found.found


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId"])
def test_credentials_that_aws_does_not_accept_are_to_be_renewed(written: WrittenAws, code: str) -> None:
    written.refuses("sts", "get_caller_identity", code)
    found = credentials(written.aws)
    assert (found.mark, found.paste[-1]) == ("to do", "aws sso login")
    assert "user/pat" not in str(found)


def test_a_first_sign_in_is_set_up_under_a_name_and_that_name_is_chosen(written: WrittenAws) -> None:
    written.refuses("sts", "get_caller_identity", "InvalidClientTokenId")
    assert credentials(written.aws).paste == (
        "aws configure sso --profile turnout",
        "export AWS_PROFILE=turnout",
        "aws sso login",
    )


def test_a_sign_in_that_has_ended_is_only_to_be_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(self: Aws, service: str) -> None:
        raise UnauthorizedSSOTokenError

    monkeypatch.setattr(Aws, "_client", ended)
    found = credentials(Aws(boto3.Session(region_name="eu-west-2")))
    assert (found.mark, found.paste) == ("to do", ("aws sso login",))


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("SignatureDoesNotMatch", "Signature expired: 20261130T1331Z is now earlier than 20261130T1350Z"),
        ("InvalidSignatureException", "Signature not yet current: 20261130T1331Z is still later than ..."),
        ("RequestTimeTooSkewed", "The difference is too large"),
    ],
)
def test_a_clock_that_is_wrong_is_named_and_no_new_sign_in_is_asked_for(
    written: WrittenAws, code: str, sentence: str
) -> None:
    written.refuses("sts", "get_caller_identity", code, sentence)
    with pytest.raises(CannotTell, match="this computer's clock is wrong"):
        credentials(written.aws)
    # What comes next would get the same answer, so it is not asked.
    with pytest.raises(CannotTell, match="the problem above"):
        written.aws.ask("a service that is not there", "", "")


def test_without_credentials_aws_is_not_asked_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    aws = Aws(boto3.Session(region_name="eu-west-2"))
    assert credentials(aws).mark == "to do"
    # Whatever would come next: there is nothing to ask with.
    with pytest.raises(CannotTell, match="because of the problem above"):
        aws.ask("a service that is not there", "", "")


def test_without_a_network_it_can_t_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(CannotTell, match="in eu-west-2: check its network, and the region"):
        credentials(Aws(boto3.Session(region_name="eu-west-2")))


def test_a_region_with_all_that_turnout_needs_is_ok(written: WrittenAws) -> None:
    assert region(written.aws).mark == "ok"


def test_a_region_that_lacks_something_is_to_be_changed_and_others_are_named() -> None:
    found = region(WrittenAws("ap-east-1").aws)
    assert (found.mark, found.found) == ("to do", "ap-east-1 lacks sesv2")
    assert "eu-west-2" in found.why
    assert "ap-east-1" not in found.why


@pytest.mark.parametrize("chosen", ["eu-west-22", "London"])
def test_a_region_that_is_mistyped_is_not_known(chosen: str) -> None:
    found = region(Aws(boto3.Session(region_name=chosen)))
    assert (found.mark, found.found) == ("to do", f"{chosen} is not known")
    assert "eu-west-2," in found.why


def test_a_region_outside_the_usual_partition_is_looked_up_in_its_own() -> None:
    assert region(Aws(boto3.Session(region_name="us-gov-west-1"))).mark == "ok"


def test_without_a_region_one_is_to_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    found = region(WrittenAws(None).aws)
    assert (found.mark, found.paste) == ("to do", ("export AWS_REGION=eu-west-2",))
