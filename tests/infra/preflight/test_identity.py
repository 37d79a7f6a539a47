"""What SES knows of the sender."""

import boto3
import pytest
from moto import mock_aws

from infra.preflight.aws import Aws
from infra.preflight.check import CannotTell
from infra.preflight.identity import identity, signing
from infra.preflight.sender import sender_in
from tests.infra.preflight.written import SENDER, TOKENS, WrittenAws

CREATE = "aws sesv2 create-email-identity --email-identity larder.example --region eu-west-2"


@mock_aws
def test_a_domain_that_ses_does_not_know_is_to_be_made_known() -> None:
    found = identity(Aws(boto3.Session(region_name="eu-west-2")), SENDER)
    assert (found.mark, found.paste) == ("to do", (CREATE,))


@mock_aws
def test_a_domain_in_another_region_is_not_known_in_this_one() -> None:
    boto3.client("sesv2", region_name="eu-west-1").create_email_identity(EmailIdentity="larder.example")
    assert "does not know" in identity(Aws(boto3.Session(region_name="eu-west-2")), SENDER).found
    assert "not verified yet" in identity(Aws(boto3.Session(region_name="eu-west-1")), SENDER).found


def test_a_verified_domain_is_ok(written: WrittenAws) -> None:
    written.identity()
    assert identity(written.aws, SENDER).mark == "ok"


def test_a_domain_above_the_sender_s_is_enough(written: WrittenAws) -> None:
    written.no_identity("post.larder.example")
    written.identity("larder.example")
    found = identity(written.aws, sender_in("bookings@post.larder.example"))
    assert (found.mark, found.found) == ("ok", "larder.example is verified")


def test_a_domain_that_waits_for_its_records_is_to_do_without_a_command(written: WrittenAws) -> None:
    written.identity(VerifiedForSendingStatus=False, VerificationStatus="PENDING")
    found = identity(written.aws, SENDER)
    assert (found.mark, found.paste) == ("to do", ())
    assert "72 hours" in found.why


def test_a_domain_that_ses_gave_up_is_to_be_made_again(written: WrittenAws) -> None:
    written.identity(VerifiedForSendingStatus=False, VerificationStatus="FAILED")
    found = identity(written.aws, SENDER)
    assert found.mark == "to do"
    assert found.paste[1] == CREATE


def test_a_verified_address_alone_sends_but_its_domain_is_to_be_made_known(written: WrittenAws) -> None:
    written.no_identity("larder.example")
    written.identity(
        "bookings@larder.example",
        IdentityType="EMAIL_ADDRESS",
        DkimAttributes={"SigningEnabled": False, "Status": "NOT_STARTED", "Tokens": []},
    )
    assert identity(written.aws, SENDER).mark == "ok"
    found = signing(written.aws, SENDER)
    assert (found.mark, found.paste) == ("to do", (CREATE,))


def test_an_address_whose_link_was_not_opened_is_to_do(written: WrittenAws) -> None:
    written.no_identity("larder.example")
    written.identity("bookings@larder.example", IdentityType="EMAIL_ADDRESS", VerifiedForSendingStatus=False)
    assert identity(written.aws, SENDER).mark == "to do"


def test_signing_that_is_on_is_ok_and_off_is_to_do(written: WrittenAws) -> None:
    written.identity()
    assert signing(written.aws, SENDER).mark == "ok"
    off = WrittenAws("eu-west-2")
    off.identity(DkimAttributes={"SigningEnabled": False, "Status": "SUCCESS", "Tokens": TOKENS})
    found = signing(off.aws, SENDER)
    assert found.mark == "to do"
    assert found.paste[0].startswith("aws sesv2 put-email-identity-dkim-attributes --signing-enabled")


@pytest.mark.parametrize(("status", "mark"), [("SUCCESS", "ok"), ("FAILED", "to do")])
def test_a_key_of_one_s_own_is_what_ses_says_of_it(written: WrittenAws, status: str, mark: str) -> None:
    written.identity(
        DkimAttributes={
            "SigningEnabled": True,
            "Status": status,
            "Tokens": ["ours"],
            "SigningAttributesOrigin": "EXTERNAL",
        }
    )
    assert signing(written.aws, SENDER).mark == mark


def test_a_missing_permission_for_identities_is_named(written: WrittenAws) -> None:
    written.refuses("sesv2", "get_email_identity", "AccessDeniedException")
    with pytest.raises(CannotTell, match="ses:GetEmailIdentity"):
        identity(written.aws, SENDER)


def test_a_sender_is_an_address_or_a_domain_as_dns_spells_it() -> None:
    assert sender_in("Bookings@Bücher.Example").given == "Bookings@xn--bcher-kva.example"
    assert sender_in("Larder.Example").domain == "larder.example"
    assert sender_in("larder.example").address is None


ODD = ["a@b@c.org", "<a@c.org", "\x1b[31m@c.org", "ü@c.org"]
"""SES or the template would refuse these later."""


@pytest.mark.parametrize(
    "text", ["", "bookings", "bookings@", "@larder.example", "a@localhost", "a b@c.org", *ODD]
)
def test_what_is_no_sender_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        sender_in(text)
