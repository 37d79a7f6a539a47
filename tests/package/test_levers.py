"""What is set before a large opening, and that API Gateway really calls what is kept started."""

import copy
import json
from typing import Any

import pytest

from infra.template import name_version
from infra.vendor import ROOT
from tests.package.reading import walk

FUNCTIONS_OF_LAMBDA = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions"
ALIAS = f"{FUNCTIONS_OF_LAMBDA}/${{APIHandlerAlias}}/invocations"
NO_VALUE = {"Ref": "AWS::NoValue"}


def test_every_route_calls_the_alias_and_may(resources: dict[str, Any]) -> None:
    paths = resources["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    called = {
        (path, name): method["x-amazon-apigateway-integration"]["uri"]
        for path, methods in paths.items()
        for name, method in methods.items()
    }
    assert len(called) > 30
    by_the_stage = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
    of_the_public = f"{FUNCTIONS_OF_LAMBDA}/{by_the_stage}${{!stageVariables.public}}/invocations"
    for (path, name), uri in called.items():
        # Every public route, so that none stays open while the public is shut out; and no admin route.
        is_public = "security" not in paths[path][name]
        assert uri == {"Fn::Sub": of_the_public if is_public else ALIAS}, path
    assert resources["RestAPI"]["Properties"]["Variables"] == {"public": {"Fn::Sub": "${APIHandler}:api"}}
    assert resources["APIHandlerInvokePermission"]["Properties"]["FunctionName"] == {"Ref": "APIHandlerAlias"}
    # Nothing else may be left that leads around it.
    assert "${APIHandler.Arn}" not in json.dumps(resources["RestAPI"])


def test_while_nothing_is_kept_started_the_alias_is_the_function_as_it_is(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    alias = resources["APIHandlerAlias"]["Properties"]
    assert alias["FunctionName"] == {"Ref": "APIHandler"}
    assert alias["FunctionVersion"] == {
        "Fn::If": ["APIIsProvisioned", {"Fn::GetAtt": ["APIHandlerVersion", "Version"]}, "$LATEST"]
    }
    assert alias["ProvisionedConcurrencyConfig"]["Fn::If"][2] == NO_VALUE
    assert resources["APIHandlerVersion"]["Condition"] == "APIIsProvisioned"
    assert template["Parameters"]["ProvisionedConcurrency"]["Default"] == 0


def named(template: dict[str, Any], code: str = "s3://code/1.zip", **values: str) -> dict[str, Any]:
    """Return the resources with this code, once the version has been named for these parameters."""
    document = copy.deepcopy(template)
    document["Resources"]["APIHandler"]["Properties"]["CodeUri"] = code
    defaults = {name: str(one.get("Default", "")) for name, one in template["Parameters"].items()}
    name_version(document, {**defaults, **values})
    found: dict[str, Any] = document["Resources"]
    return found


def version_of(resources: dict[str, Any]) -> str:
    """Return the name of the version that the alias would lead to."""
    name: str = resources["APIHandlerAlias"]["Properties"]["FunctionVersion"]["Fn::If"][1]["Fn::GetAtt"][0]
    assert [one for one in resources if one.startswith("APIHandlerVersion")] == [name]
    assert resources[name]["Type"] == "AWS::Lambda::Version"
    return name


def test_other_code_or_another_parameter_is_another_version_and_the_same_is_the_same(
    template: dict[str, Any],
) -> None:
    one = named(template, ProvisionedConcurrency="5")
    again = named(template, ProvisionedConcurrency="5")
    code = named(template, "s3://code/2.zip", ProvisionedConcurrency="5")
    address = named(template, ProvisionedConcurrency="5", BaseUrl="https://book.your.org")
    assert version_of(one) == version_of(again)
    assert len({version_of(found) for found in (one, code, address)}) == 3
    # Lambda makes no version of a function that is as it was.
    described = {found["APIHandler"]["Properties"]["Description"] for found in (one, code, address)}
    assert len(described) == 3


def test_without_kept_processes_no_parameter_changes_the_function(template: dict[str, Any]) -> None:
    assert named(template, RequestsPerSecond="7") == named(template)
    assert version_of(named(template)) == "APIHandlerVersion"


def test_a_table_is_told_its_warm_throughput_only_when_it_is_to_be_more_than_a_new_one_has(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    warm = resources["Table"]["Properties"]["WarmThroughput"]["Fn::If"]
    assert warm[0] == "TableIsWarm"
    assert warm[1] == {
        "WriteUnitsPerSecond": {"Ref": "WarmWritesPerSecond"},
        "ReadUnitsPerSecond": {"Ref": "WarmReadsPerSecond"},
    }
    assert warm[2] == NO_VALUE
    # What a new on-demand table has. Source: DynamoDB developer guide, "Warm throughput".
    (both,) = template["Conditions"]["TableIsWarm"]["Fn::Not"]
    assert both == {
        "Fn::And": [
            {"Fn::Equals": [{"Ref": "WarmWritesPerSecond"}, 4000]},
            {"Fn::Equals": [{"Ref": "WarmReadsPerSecond"}, 12000]},
        ]
    }
    for name, least in (("WarmWritesPerSecond", 4000), ("WarmReadsPerSecond", 12000)):
        assert (template["Parameters"][name]["Default"], template["Parameters"][name]["MinValue"]) == (
            least,
            least,
        )


def test_the_api_reserves_nothing_unless_told_to(functions: dict[str, Any]) -> None:
    reserved = {
        name: found["ReservedConcurrentExecutions"]
        for name, found in functions.items()
        if "ReservedConcurrentExecutions" in found
    }
    assert reserved == {"APIHandler": {"Fn::If": ["APIIsReserved", {"Ref": "ReservedConcurrency"}, NO_VALUE]}}


def test_the_firewall_is_there_only_when_asked_for_and_keeps_no_requests(
    template: dict[str, Any], resources: dict[str, Any]
) -> None:
    kinds = {name: found for name, found in resources.items() if found["Type"].startswith("AWS::WAFv2::")}
    assert kinds
    assert {found["Condition"] for found in kinds.values()} == {"APIIsFiltered"}
    assert template["Parameters"]["RequestsPerSourceFiveMinutes"]["Default"] == 0
    (rule,) = resources["Filter"]["Properties"]["Rules"]
    counted = rule["Statement"]["RateBasedStatement"]
    assert counted["Limit"] == {"Ref": "RequestsPerSourceFiveMinutes"}
    # Of all requests, those that join a line too.
    assert "ScopeDownStatement" not in counted
    assert [n["SampledRequestsEnabled"] for n in walk(kinds) if "SampledRequestsEnabled" in n] == [False] * 2


@pytest.mark.parametrize(
    "lever",
    [
        "WarmWritesPerSecond",
        "WarmReadsPerSecond",
        "ReservedConcurrency",
        "ProvisionedConcurrency",
        "RequestsPerSourceFiveMinutes",
        "RequestsPerSecond",
        "RequestsBurst",
    ],
)
def test_every_lever_says_what_it_does_and_stands_in_the_guide(template: dict[str, Any], lever: str) -> None:
    assert template["Parameters"][lever]["Description"].endswith(".")
    assert f"`{lever}`" in (ROOT / "docs" / "deploy.md").read_text()
