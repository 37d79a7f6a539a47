"""The partition keys in a request to DynamoDB, by which roles are narrowed."""

from typing import Any

import pytest

from infra.local.taught import leading_keys, with_stage_variables

KEY = {"PK": {"S": "NOTICE#b"}, "SK": {"S": "confirmation#1"}}
OTHER = {"PK": {"S": "ORG#o"}, "SK": {"S": "ORG"}}


@pytest.mark.parametrize(
    ("request_", "keys"),
    [
        ({"TableName": "t", "Key": KEY}, ["NOTICE#b"]),
        ({"TableName": "t", "Item": {**KEY, "state": {"S": "ORG#no key"}}}, ["NOTICE#b"]),
        ({"RequestItems": {"t": {"Keys": [KEY, OTHER, KEY]}}}, ["NOTICE#b", "ORG#o"]),
        (
            {"TransactItems": [{"Put": {"Item": KEY}}, {"ConditionCheck": {"Key": OTHER}}]},
            ["NOTICE#b", "ORG#o"],
        ),
        (
            {
                "KeyConditionExpression": "#0 = :0 AND begins_with (#1, :1)",
                "ExpressionAttributeNames": {"#0": "PK", "#1": "SK"},
                "ExpressionAttributeValues": {":0": {"S": "EVENT#e"}, ":1": {"S": "SESSION#"}},
            },
            ["EVENT#e"],
        ),
        ({"TableName": "t"}, []),
    ],
)
def test_each_request_is_known_by_the_partitions_it_names(request_: dict[str, Any], keys: list[str]) -> None:
    assert leading_keys(request_) == keys


def test_a_route_calls_the_function_that_the_stage_names() -> None:
    uri = "arn:aws:lambda:us-east-1:1:function:${stageVariables.public}/invocations"
    called = with_stage_variables(uri, {"public": "shut"})
    assert called == "arn:aws:lambda:us-east-1:1:function:shut/invocations"
    assert with_stage_variables("arn:of:nothing/else", {"public": "shut"}) == "arn:of:nothing/else"
