"""All checks, in order: what everything else needs, then what takes longest to wait for."""

import shlex
from collections.abc import Mapping
from functools import partial
from typing import TextIO

import boto3
from botocore.exceptions import BotoCoreError, ProfileNotFound
from msgspec import Struct

from infra.account import open_account
from infra.preflight import quotas, records, sending
from infra.preflight.account import credentials, region, sign_in_to_paste
from infra.preflight.aws import Aws
from infra.preflight.check import CannotTell, Check, answers, to_do
from infra.preflight.costs import costs
from infra.preflight.identity import IDENTITY, SIGNING, identity, signing
from infra.preflight.lookup import Lookup
from infra.preflight.plan import PEOPLE, Plan, plan_for
from infra.preflight.report import Report
from infra.preflight.sender import Sender
from infra.stack import CannotDeploy

YOUR_WEBSITE = "https://your.org"


class Wanted(Struct, frozen=True, kw_only=True):
    """What the person says of the deployment and the event."""

    stage: str = "live"
    sender: Sender | None = None
    website: str = ""
    people: int | None = None
    places: int | None = None
    sessions: int = 1

    def plan(self, emails_per_second: float = 1) -> Plan:
        """Return the plan for the event; with as many places as people if their number is not known."""
        people = self.people or self.places or PEOPLE
        return plan_for(people, self.places or people, self.sessions, emails_per_second)

    @property
    def said_how_many(self) -> bool:
        """Whether the person said how many come or how many places there are."""
        return bool(self.people or self.places)


def preflight(
    wanted: Wanted, lookup: Lookup, environment: Mapping[str, str], out: TextIO, aws: Aws | None = None
) -> int:
    """Print what each check finds. Return 0 if all is ok, else 1."""
    plan = wanted.plan()
    report = Report(out, environment)
    try:
        aws = aws or Aws(_session(environment))
    except ProfileNotFound as error:
        report.section("Account", [_without_profile(error.kwargs["profile"])])
        report.end("")
        return 1
    except BotoCoreError as error:
        report.section(
            "Account", [to_do("credentials", "AWS's settings on this computer are damaged", str(error))]
        )
        report.end("")
        return 1
    report.section(
        "Account",
        [*answers("credentials", partial(credentials, aws)), *answers("region", partial(region, aws))],
    )
    report.section("SES (AWS's email service)", _of_ses(aws, wanted, plan))
    report.section("Domain and DNS", _of_domain(aws, lookup, wanted.sender))
    plan = _with_rate(aws, wanted, plan)
    report.section(_quotas_for(plan), _of_quotas(aws, plan))
    report.lines("What it costs", costs(plan))
    report.end(_next_step(aws, wanted))
    return 0 if report.all_ok else 1


def _without_profile(name: str) -> Check:
    return to_do(
        "credentials",
        f"there is no profile {name} on this computer",
        "AWS_PROFILE names it. Set it up with this, or choose another one (export AWS_PROFILE=...):",
        sign_in_to_paste(name)[0],
    )


def _session(environment: Mapping[str, str]) -> boto3.Session:
    try:
        return open_account(environment)
    except CannotDeploy:
        # Without a region: that is one of the checks.
        return boto3.Session()


def _of_ses(aws: Aws, wanted: Wanted, plan: Plan) -> list[Check]:
    website = wanted.website or (f"https://{wanted.sender.domain}" if wanted.sender else YOUR_WEBSITE)
    places = plan.places if wanted.said_how_many else None
    return [
        *answers(sending.PRODUCTION, partial(sending.production_access, aws, website, places)),
        *answers(sending.SENDING, partial(sending.sending, aws)),
    ]


def _of_domain(aws: Aws, lookup: Lookup, sender: Sender | None) -> list[Check]:
    if sender is None:
        return [
            to_do(
                IDENTITY,
                "you have not said where emails come from",
                "Run preflight again with the address that sends them, for example:",
                "make preflight MAIL_FROM=bookings@your.org",
            )
        ]
    return [
        *answers(IDENTITY, partial(identity, aws, sender)),
        *answers(SIGNING, partial(signing, aws, sender)),
        *answers(records.DKIM, partial(records.dkim, aws, lookup, sender)),
        *answers(records.SPF, partial(records.spf, aws, lookup, sender)),
        *answers(records.DMARC, partial(records.dmarc, lookup, sender)),
    ]


def _of_quotas(aws: Aws, plan: Plan) -> list[Check]:
    needed = {
        quotas.CONCURRENCY: plan.concurrency,
        quotas.REQUESTS: plan.requests,
        quotas.TABLE_WRITES: plan.table_writes,
        quotas.TABLE_READS: plan.table_reads,
    }
    found = answers("SES quotas", partial(quotas.emails, aws, plan))
    for asked, count in needed.items():
        found += answers(asked.name, partial(quotas.quota, aws, asked, count))
    return found


def _quotas_for(plan: Plan) -> str:
    usual = (
        "what AWS usually grants at Lambda, API Gateway and DynamoDB is enough"
        if plan.usual_quotas_do
        else "what AWS usually grants is not enough"
    )
    return f"Quotas for {plan.people:,} people and {plan.places:,} places: {usual}"


def _with_rate(aws: Aws, wanted: Wanted, plan: Plan) -> Plan:
    """Return the plan for the account's own rate of emails, if SES tells it."""
    try:
        return wanted.plan(sending.account_of(aws).emails_per_second)
    except CannotTell:
        return plan


def _next_step(aws: Aws, wanted: Wanted) -> str:
    command = f"make deploy STAGE={wanted.stage}"
    if wanted.sender and wanted.sender.address:
        command += f" MAIL_FROM={shlex.quote(wanted.sender.address)}"
    try:
        return f'{command} PARAMETERS="MailsPerSecond={sending.account_of(aws).emails_per_second:g}"'
    except CannotTell:
        return command
