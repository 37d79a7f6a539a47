"""An AWS that is played on this machine, and our commands run against it."""

import os
import subprocess
import sys
from typing import Any

from infra.local.ministack import CREDENTIALS, MiniStack
from infra.vendor import ROOT


def run(played_aws: MiniStack, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one of our commands as make does, with nobody there to ask."""
    endpoint = played_aws.client("s3").meta.endpoint_url
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "infra", *command],
        cwd=ROOT,
        env={**inherited, **CREDENTIALS, "AWS_ENDPOINT_URL": endpoint, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def deploy(played_aws: MiniStack, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Deploy the stage live, without being asked."""
    return run(played_aws, "deploy", "--stage=live", "--yes", *options, **variables)


def described(played_aws: MiniStack, stage: str) -> dict[str, Any]:
    stacks = played_aws.client("cloudformation").describe_stacks(StackName=f"turnout-{stage}")["Stacks"]
    found: dict[str, Any] = stacks[0]
    return found


def parameters(played_aws: MiniStack, stage: str) -> dict[str, str]:
    return {one["ParameterKey"]: one["ParameterValue"] for one in described(played_aws, stage)["Parameters"]}


def outputs(played_aws: MiniStack, stage: str) -> dict[str, str]:
    """Return the outputs of this deployment."""
    return {one["OutputKey"]: one["OutputValue"] for one in described(played_aws, stage)["Outputs"]}
