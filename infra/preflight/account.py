"""The account: whose credentials these are, and whether the region has what Turnout needs."""

import shlex

from botocore.exceptions import UnknownRegionError

from infra.preflight.aws import Aws, NoCredentials, SignInEnded
from infra.preflight.check import Check, ok, to_do

RENEW = "aws sso login"

SERVICES = ("apigateway", "cloudformation", "dynamodb", "lambda", "sesv2", "sns", "sqs", "ssm")
"""What the template and the commands use, under the names that boto3 has for them."""


def credentials(aws: Aws) -> Check:
    """Look at whose credentials these are. Raises CannotTell."""
    name = "credentials"
    try:
        caller = aws.ask("sts", "get_caller_identity", "sts:GetCallerIdentity") or {}
    except SignInEnded as reason:
        return to_do(name, str(reason), "Sign in again, then run preflight again:", RENEW)
    except NoCredentials as reason:
        return to_do(
            name,
            str(reason),
            "Paste one line at a time. The first sets up your sign-in, once on each computer. "
            "The second chooses it in this terminal. The third renews it when it has ended.",
            *sign_in_to_paste(aws.session.profile_name),
            RENEW,
        )
    account = f"account {caller['Account']}"
    if caller["Arn"].endswith(":root"):
        return to_do(
            name,
            f"{account}, as its root user",
            "The root user can do anything, and nothing limits it. Make a user in IAM Identity Center "
            "(docs/helper.md says how). Then sign in with that user, one line at a time:",
            *sign_in_to_paste(aws.session.profile_name),
        )
    return ok(name, account)


def sign_in_to_paste(profile: str) -> tuple[str, str]:
    """Return what sets up a sign-in under this name, and what chooses it; "default" is no name of ours."""
    name = shlex.quote("turnout" if profile == "default" else profile)
    return f"aws configure sso --profile {name}", f"export AWS_PROFILE={name}"


def region(aws: Aws) -> Check:
    """Look whether a region is chosen, and whether boto3 knows all that Turnout needs there."""
    name, chosen = "region", aws.region
    if not chosen:
        return to_do(
            name,
            "none is chosen",
            "Choose one near the people who book. For London, paste:",
            "export AWS_REGION=eu-west-2",
        )
    regions = {service: _regions(aws, service) for service in SERVICES}
    lacking = [service for service in SERVICES if chosen not in regions[service]]
    if lacking:
        complete = sorted(set.intersection(*regions.values()))
        unknown = lacking == list(SERVICES)
        return to_do(
            name,
            f"{chosen} is not known" if unknown else f"{chosen} lacks {', '.join(lacking)}",
            f"Choose another, for example London. These have all of them: {', '.join(complete)}",
            "export AWS_REGION=eu-west-2",
        )
    return ok(name, chosen)


def _regions(aws: Aws, service: str) -> set[str]:
    session = aws.session
    try:
        partition = session.get_partition_for_region(aws.region or "")
    except UnknownRegionError:
        partition = "aws"
    return set(session.get_available_regions(service, partition_name=partition))
