"""What SES lets the account do."""

import subprocess

import pytest

from chalicelib.domain.kinds import KINDS
from infra.preflight.check import CannotTell
from infra.preflight.plan import plan_for
from infra.preflight.production import request_to_paste
from infra.preflight.quotas import emails
from infra.preflight.sending import production_access, sending
from tests.infra.preflight.written import WrittenAws
from tests.plain_words import not_plain

WEBSITE = "https://larder.example"
SANDBOX = {
    "ProductionAccessEnabled": False,
    "SendQuota": {"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 0.0},
}


def test_production_access_that_was_granted_is_ok(written: WrittenAws) -> None:
    written.account()
    assert production_access(written.aws, WEBSITE, None).mark == "ok"


def test_in_the_sandbox_the_request_is_one_command_with_the_volumes(written: WrittenAws) -> None:
    written.account(**SANDBOX)
    found = production_access(written.aws, WEBSITE, 500)
    assert found.mark == "to do"
    # As a shell takes it: the whole text is one argument.
    script = "aws() { printf '%s\\0' aws \"$@\"; }\n" + "\n".join(found.paste)
    words = subprocess.check_output(["sh", "-c", script], text=True).split("\0")[:-1]
    assert words[:5] == ["aws", "sesv2", "put-account-details", "--production-access-enabled", "--mail-type"]
    options = dict(zip(words[4::2], words[5::2], strict=True))
    assert options["--website-url"] == WEBSITE
    assert options["--region"] == "eu-west-2"
    assert "at most 500 confirmations" in options["--use-case-description"]
    assert "1,000 emails in 24 hours" in options["--use-case-description"]


def test_the_request_claims_no_volume_that_was_not_given() -> None:
    text = "\n".join(request_to_paste(WEBSITE, "eu-west-2", None))
    assert "volume" not in text
    assert "transactional" in text


def test_the_request_names_each_kind_of_email_in_plain_words_and_fits_ses() -> None:
    text = "\n".join(request_to_paste(WEBSITE, "eu-west-2", 5000))
    # A new kind of email has to be put in the request too.
    assert list(KINDS) == ["confirmation", "cancellation", "change", "reminder", "reminder_today"]
    for said in (
        "a reminder on the day before or two hours before",
        "a confirmation of the booking",
        "the booking or the event is cancelled",
        "venue changes",
    ):
        assert said in text
    assert not_plain(text.replace("--mail-type", "")) == []
    assert len(text) < 5000


@pytest.mark.parametrize(
    ("status", "found", "pastes"),
    [("PENDING", "asked for (case 42)", False), ("DENIED", "refused (case 42)", True)],
)
def test_a_request_that_was_made_is_not_made_again(
    written: WrittenAws, status: str, found: str, pastes: bool
) -> None:
    written.account(**SANDBOX, Details={"ReviewDetails": {"Status": status, "CaseId": "42"}})
    check = production_access(written.aws, WEBSITE, None)
    assert (check.mark, check.found, bool(check.paste)) == ("to do", found, pastes)
    assert not any("put-account-details" in line for line in check.paste)


def test_a_request_that_never_reached_aws_is_made_again(written: WrittenAws) -> None:
    written.account(**SANDBOX, Details={"ReviewDetails": {"Status": "FAILED"}})
    assert "put-account-details" in production_access(written.aws, WEBSITE, None).paste[0]


@pytest.mark.parametrize(
    ("answer", "mark", "found"),
    [
        ({}, "ok", "on"),
        ({"SendingEnabled": False}, "to do", "switched off"),
        ({"SendingEnabled": False, "EnforcementStatus": "SHUTDOWN"}, "to do", "paused by AWS"),
        ({"EnforcementStatus": "PROBATION"}, "to do", "under review"),
    ],
)
def test_sending_is_on_off_paused_or_under_review(
    written: WrittenAws, answer: dict[str, object], mark: str, found: str
) -> None:
    written.account(**answer)
    check = sending(written.aws)
    assert check.mark == mark
    assert check.found.startswith(found)


def test_sending_that_aws_paused_can_t_be_switched_on_by_a_command(written: WrittenAws) -> None:
    written.account(SendingEnabled=False, EnforcementStatus="SHUTDOWN")
    assert sending(written.aws).paste == ()


def test_a_missing_permission_is_named_and_who_lacks_it_is_not(written: WrittenAws) -> None:
    written.refuses("sesv2", "get_account", "AccessDeniedException")
    with pytest.raises(CannotTell, match="ses:GetAccount") as refused:
        sending(written.aws)
    assert "pat" not in str(refused.value)


def test_ses_s_own_quotas_are_compared_with_the_plan(written: WrittenAws) -> None:
    written.account()
    plan = plan_for(100_000, 30_000, 1)
    rate, per_day = emails(written.aws, plan)
    assert (rate.mark, rate.found) == ("to do", "14 is too low, the event needs 50")
    assert "--quota-code L-CDEF9B6B --desired-value 50 --region eu-west-2" in rate.paste[0]
    assert (per_day.mark, per_day.found) == ("to do", "50,000 is too low, the event needs 60,000")
    assert "--quota-code L-804C8AE8 --desired-value 60000" in per_day.paste[0]


def test_an_account_without_a_limit_can_send_all(written: WrittenAws) -> None:
    written.account(SendQuota={"Max24HourSend": -1.0, "MaxSendRate": 500.0, "SentLast24Hours": 0.0})
    rate, per_day = emails(written.aws, plan_for(100_000, 30_000, 1))
    assert (rate.mark, per_day.mark) == ("ok", "ok")
    assert per_day.found.startswith("no limit")


def test_what_the_sandbox_allows_says_nothing_of_what_production_will(written: WrittenAws) -> None:
    written.account(**SANDBOX)
    with pytest.raises(CannotTell, match="production access"):
        emails(written.aws, plan_for(1000, 1000, 1))
