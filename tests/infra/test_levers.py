"""The levers, pulled on an AWS that is played on this machine."""

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from infra.levers import require_possible
from infra.local.ministack import MiniStack
from infra.stack import CannotDeploy
from tests.infra.playing import deploy, outputs, parameters, run

OFF = "ProvisionedConcurrency=0 ReservedConcurrency=0 BookingsPerSourceMinute=120"


@pytest.fixture(scope="module")
def provisioned(played_aws: MiniStack, first: subprocess.CompletedProcess[str]) -> Iterator[None]:
    """The deployment with two processes kept started, of three at most; afterwards as it was."""
    done = deploy(played_aws, "--parameters=ProvisionedConcurrency=2 ReservedConcurrency=3")
    assert done.returncode == 0, done.stdout + done.stderr
    yield
    done = deploy(played_aws, f"--parameters={OFF}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert run(played_aws, "start", "--stage=live").returncode == 0
    assert alias(played_aws)["FunctionVersion"] == "$LATEST"
    assert reserved(played_aws) is None


def alias(played_aws: MiniStack) -> dict[str, Any]:
    name = outputs(played_aws, "live")["APIHandlerName"]
    found: dict[str, Any] = played_aws.client("lambda").get_alias(FunctionName=name, Name="api")
    return found


def reserved(played_aws: MiniStack) -> int | None:
    name = outputs(played_aws, "live")["APIHandlerName"]
    found = played_aws.client("lambda").get_function_concurrency(FunctionName=name)
    number: int | None = found.get("ReservedConcurrentExecutions")
    return number


def kept_started(played_aws: MiniStack) -> int | None:
    functions = played_aws.client("lambda")
    name = outputs(played_aws, "live")["APIHandlerName"]
    try:
        found = functions.get_provisioned_concurrency_config(FunctionName=name, Qualifier="api")
    except functions.exceptions.ProvisionedConcurrencyConfigNotFoundException:
        return None
    number: int = found["RequestedProvisionedConcurrentExecutions"]
    return number


def variables_of_what_is_called(played_aws: MiniStack) -> dict[str, str]:
    """Return the variables of the version that the public is answered by."""
    name = outputs(played_aws, "live")["APIHandlerName"]
    found = played_aws.client("lambda").get_function_configuration(
        FunctionName=name, Qualifier=alias(played_aws)["FunctionVersion"]
    )
    variables: dict[str, str] = found["Environment"]["Variables"]
    return variables


def test_what_is_kept_started_is_what_api_gateway_calls(played_aws: MiniStack, provisioned: None) -> None:
    # What is reserved by a template MiniStack doesn't heed; tests/package/ reads that.
    assert kept_started(played_aws) == 2
    assert alias(played_aws)["FunctionVersion"].isdecimal()
    gateway, api = played_aws.client("apigateway"), outputs(played_aws, "live")["RestAPIId"]
    resources = gateway.get_resources(restApiId=api, limit=500)["items"]
    (page,) = [one["id"] for one in resources if one["path"] == "/book/{slug}"]
    method = gateway.get_method(restApiId=api, resourceId=page, httpMethod="GET")
    public = gateway.get_stage(restApiId=api, stageName="api")["variables"]["public"]
    called = method["methodIntegration"]["uri"].replace("${stageVariables.public}", public)
    assert alias(played_aws)["AliasArn"] in called


def test_a_new_parameter_reaches_the_public_through_a_new_version(
    played_aws: MiniStack, provisioned: None
) -> None:
    before = alias(played_aws)["FunctionVersion"]
    done = deploy(played_aws, "--parameters=BookingsPerSourceMinute=7")
    assert done.returncode == 0, done.stdout + done.stderr
    assert alias(played_aws)["FunctionVersion"] != before
    assert variables_of_what_is_called(played_aws)["TURNOUT_BOOKINGS_PER_SOURCE_MINUTE"] == "7"
    again = deploy(played_aws)
    assert "Nothing to change." in again.stdout, again.stdout + again.stderr


def test_a_start_brings_back_what_was_reserved_and_kept_started(
    played_aws: MiniStack, provisioned: None
) -> None:
    stopped = run(played_aws, "stop", "--stage=live")
    assert stopped.returncode == 0, stopped.stderr
    assert (kept_started(played_aws), reserved(played_aws)) == (None, 0)
    started = run(played_aws, "start", "--stage=live")
    assert started.returncode == 0, started.stderr
    assert (kept_started(played_aws), reserved(played_aws)) == (2, 3)
    assert parameters(played_aws, "live")["ReservedConcurrency"] == "3"


@pytest.mark.parametrize(
    ("values", "before", "said"),
    [
        ({"WarmWritesPerSecond": "8000"}, {"WarmWritesPerSecond": "16000"}, "can't be lowered"),
        ({"ProvisionedConcurrency": "20", "ReservedConcurrency": "10"}, {}, "more than ReservedConcurrency"),
        ({"RequestsPerSourceFiveMinutes": "9"}, {}, "10 or more"),
        ({"ReservedConcurrency": "many"}, {}, "whole number"),
    ],
)
def test_what_aws_would_refuse_half_way_is_refused_before(
    values: dict[str, str], before: dict[str, str], said: str
) -> None:
    with pytest.raises(CannotDeploy, match=said):
        require_possible(values, before)


def test_what_is_possible_passes() -> None:
    require_possible(
        {
            "ProvisionedConcurrency": "20",
            "WarmWritesPerSecond": "16000",
            "RequestsPerSourceFiveMinutes": "10",
        },
        {"WarmWritesPerSecond": "4000"},
    )
