"""What SES lets the account do: email everybody or only verified addresses, and how much."""

from typing import Any

from msgspec import Struct

from infra.preflight.aws import Aws, number_in
from infra.preflight.check import Check, ok, to_do
from infra.preflight.production import request_to_paste, use_case

PRODUCTION = "SES production access"
SENDING = "SES sending"
_WAIT = "AWS Support first answers within 24 hours, and may ask questions."


class Account(Struct, frozen=True):
    """The account at SES, in one region."""

    answer: dict[str, Any]

    @property
    def in_production(self) -> bool:
        """Whether it may email everybody. In the sandbox it may email verified addresses only."""
        return bool(self.answer.get("ProductionAccessEnabled"))

    @property
    def emails_per_second(self) -> float:
        """Its rate. Raises CannotTell."""
        return number_in(self.answer, "SendQuota", "MaxSendRate")

    @property
    def emails_per_day(self) -> float:
        """Its quota for 24 hours; SES says -1 for no limit. Raises CannotTell."""
        quota = number_in(self.answer, "SendQuota", "Max24HourSend")
        return quota if quota >= 0 else float("inf")


def account_of(aws: Aws) -> Account:
    """Return what SES says of the account. Raises CannotTell."""
    return Account(aws.ask("sesv2", "get_account", "ses:GetAccount") or {})


def production_access(aws: Aws, website: str, places: int | None) -> Check:
    """Look whether the account has left the sandbox. Raises CannotTell."""
    account = account_of(aws)
    if account.in_production:
        return ok(PRODUCTION, "granted")
    review = account.answer.get("Details", {}).get("ReviewDetails", {})
    case = f" (case {review['CaseId']})" if review.get("CaseId") else ""
    if review.get("Status") == "PENDING":
        return to_do(PRODUCTION, f"asked for{case}", f"Wait for AWS, and answer its questions. {_WAIT}")
    if review.get("Status") == "DENIED":
        return to_do(
            PRODUCTION,
            f"refused{case}",
            "Open the case in AWS Support and answer there. This text says what the emails are:",
            *use_case(places).splitlines(),
        )
    return to_do(
        PRODUCTION,
        "not yet, the account is in the SES sandbox",
        "In the sandbox SES emails only verified addresses, at most 200 a day. "
        f"Check that each sentence is true for you, then paste this. {_WAIT}",
        *request_to_paste(website, aws.region or "", places),
    )


def sending(aws: Aws) -> Check:
    """Look whether SES sends for this account now. Raises CannotTell."""
    answer = account_of(aws).answer
    standing = answer.get("EnforcementStatus", "HEALTHY")
    if standing == "SHUTDOWN":
        return to_do(
            SENDING,
            "paused by AWS",
            "AWS found a problem with earlier emails. Answer its case in AWS Support.",
        )
    if not answer.get("SendingEnabled"):
        return to_do(
            SENDING,
            "switched off",
            "SES sends nothing until it is switched on:",
            f"aws sesv2 put-account-sending-attributes --sending-enabled --region {aws.region}",
        )
    if standing == "PROBATION":
        return to_do(
            SENDING,
            "under review by AWS",
            "AWS may pause it. Read the email or the AWS Support case that says why.",
        )
    return ok(SENDING, "on")
