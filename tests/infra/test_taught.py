"""What MiniStack is taught: keys in a request to DynamoDB, which function a route calls, few processes."""

import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from infra.local.taught import PROCESSES_MAX, few_at_once, leading_keys, with_stage_variables

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
            {"RequestItems": {"t": [{"PutRequest": {"Item": KEY}}, {"DeleteRequest": {"Key": OTHER}}]}},
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


def test_a_burst_of_calls_gets_few_processes_of_its_function_and_takes_none_of_another_s() -> None:
    begun: queue.Queue[str] = queue.Queue()
    may_end = threading.Event()

    def execute(function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        begun.put(function["config"]["FunctionName"])
        may_end.wait()
        return {"body": event}

    in_turn = few_at_once(execute)
    names = ["api"] * (PROCESSES_MAX + 2) + ["mailer"]
    with ThreadPoolExecutor(len(names)) as threads:
        calls = [
            threads.submit(in_turn, {"config": {"FunctionName": name}}, number, "")
            for number, name in enumerate(names)
        ]
        try:
            first = sorted(begun.get(timeout=30) for _ in range(PROCESSES_MAX + 1))
            with pytest.raises(queue.Empty):
                begun.get(timeout=0.2)
        finally:
            may_end.set()
        assert first == ["api"] * PROCESSES_MAX + ["mailer"]
        assert [call.result() for call in calls] == [{"body": number} for number in range(len(names))]
