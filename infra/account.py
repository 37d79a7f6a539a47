"""Which AWS account and region our commands act on, and how they end when AWS says no."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from infra.stack import CannotDeploy

if TYPE_CHECKING:
    import boto3


def open_account(variables: Mapping[str, str]) -> "boto3.Session":
    """Return a session in the region of AWS_REGION, else of AWS_DEFAULT_REGION, else of the profile.

    Raises CannotDeploy if no variable names one.
    """
    # Imported here, and where else it is used: it takes a while, and --help can do without.
    import boto3

    # boto3 looks at the second and the third only (boto3#3620), the AWS CLI and its SDKs at the first.
    named = variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION") or None
    session = boto3.Session(region_name=named)
    if not session.region_name:
        raise CannotDeploy("Say where: AWS_REGION=eu-west-2, or a profile with a region (AWS_PROFILE=...).")
    return session


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """End the command with what was wrong in words, if the caller or AWS can put it right."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (CannotDeploy, BotoCoreError, ClientError) as error:
        sys.exit(f"\n{error}")
    except ValueError as error:
        # For an AWS_ENDPOINT_URL that is no URL botocore has no class of its own.
        if not str(error).startswith("Invalid endpoint"):
            raise
        sys.exit(f"\n{error}. See AWS_ENDPOINT_URL, or endpoint_url in the profile.")
