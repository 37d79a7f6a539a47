"""What AWS lets the account use at once, beside what the event needs."""

from msgspec import Struct

from infra.preflight.aws import Aws, number_in
from infra.preflight.check import CannotTell, Check, ok, to_do
from infra.preflight.plan import Plan
from infra.preflight.sending import account_of


class Quota(Struct, frozen=True):
    """A quota, as Service Quotas names it."""

    name: str
    service: str
    code: str


CONCURRENCY = Quota("Lambda concurrent executions", "lambda", "L-B99A9384")
REQUESTS = Quota("API Gateway requests a second", "apigateway", "L-8A5B8E43")
TABLE_WRITES = Quota("DynamoDB write units of a table", "dynamodb", "L-AB614373")
TABLE_READS = Quota("DynamoDB read units of a table", "dynamodb", "L-CF0CBE56")
EMAIL_RATE = Quota("SES emails a second", "ses", "L-CDEF9B6B")
EMAILS_IN_24_HOURS = Quota("SES emails in 24 hours", "ses", "L-804C8AE8")


def quota(aws: Aws, asked: Quota, needed: int) -> Check:
    """Compare this quota with what is needed. Raises CannotTell."""
    return _compared(asked, _value(aws, asked), needed, aws.region)


def emails(aws: Aws, plan: Plan) -> list[Check]:
    """Compare SES's own quotas with what the event needs. Raises CannotTell."""
    account = account_of(aws)
    if not account.in_production:
        raise CannotTell("AWS sets new ones when it grants production access")
    return [
        _compared(EMAIL_RATE, account.emails_per_second, plan.emails_per_second, aws.region),
        _compared(EMAILS_IN_24_HOURS, account.emails_per_day, plan.emails_per_day, aws.region),
    ]


def _value(aws: Aws, asked: Quota) -> float:
    parameters = {"ServiceCode": asked.service, "QuotaCode": asked.code}
    service, nothing = "service-quotas", "NoSuchResourceException"
    found = aws.ask(
        service, "get_service_quota", "servicequotas:GetServiceQuota", nothing, **parameters
    ) or aws.ask(
        # Of a quota that was never changed there may be the default only.
        service,
        "get_aws_default_service_quota",
        "servicequotas:GetAWSDefaultServiceQuota",
        nothing,
        **parameters,
    )
    if not found:
        raise CannotTell(f"Service Quotas does not know {asked.code} in this region")
    return number_in(found, "Quota", "Value")


def _compared(asked: Quota, there: float, needed: int, region: str | None) -> Check:
    need = f"the event needs {needed:,}"
    if there == float("inf"):
        return ok(asked.name, f"no limit, {need}")
    has = f"{there:,.0f}" if there.is_integer() else f"{there:,}"
    if there >= needed:
        return ok(asked.name, f"{has} is enough, {need}")
    return to_do(
        asked.name,
        f"{has} is too low, {need}",
        "Ask AWS for more some weeks ahead: an answer can take days.",
        f"aws service-quotas request-service-quota-increase --service-code {asked.service} "
        f"--quota-code {asked.code} --desired-value {needed} --region {region}",
    )
