"""How requests are counted: as AWS charges for them, not as DynamoDB Local weighs them."""

from typing import Any

import pytest

from bench.wire import name_of, units_of


@pytest.mark.parametrize(
    ("operation", "body", "answer", "units"),
    [
        # Local weighs the items; in a transaction AWS charges that twice.
        ("TransactWriteItems", {"TransactItems": [1, 2]}, {"ConsumedCapacity": [{"CapacityUnits": 2.0}]}, 4),
        # One that is refused says nothing of units, and costs them all the same.
        ("TransactWriteItems", {"TransactItems": [1, 2]}, {"__type": "TransactionCanceledException"}, 4),
        ("UpdateItem", {}, {"ConsumedCapacity": {"CapacityUnits": 3.0}}, 3),
        ("UpdateItem", {}, {"__type": "ConditionalCheckFailedException"}, 1),
        ("Query", {"ConsistentRead": True}, {"ConsumedCapacity": {"CapacityUnits": 0.0}}, 1),
        ("Query", {}, {"ConsumedCapacity": {"CapacityUnits": 0.0}}, 0.5),
        ("GetItem", {"ConsistentRead": True}, {"ConsumedCapacity": {"CapacityUnits": 2.0}}, 2),
        ("BatchGetItem", {}, {"ConsumedCapacity": [{"CapacityUnits": 5.0}]}, 5),
        # Deleting what isn't there costs a unit too.
        (
            "BatchWriteItem",
            {"RequestItems": {"turnout": [1, 2, 3]}},
            {"ConsumedCapacity": [{"CapacityUnits": 1.0}]},
            3,
        ),
    ],
)
def test_units_are_what_aws_charges(
    operation: str, body: dict[str, Any], answer: dict[str, Any], units: float
) -> None:
    assert units_of(operation, body, answer) == units


def test_the_same_question_has_the_same_name_whatever_else_is_in_the_request() -> None:
    key = {"PK": {"S": "NOTICE#1"}, "SK": {"S": "confirmation#1"}}
    asked = name_of("UpdateItem", {"Key": key, "ExpressionAttributeValues": {":now": {"N": "1"}}})
    again = name_of("UpdateItem", {"Key": key, "ExpressionAttributeValues": {":now": {"N": "2"}}})
    other = name_of("UpdateItem", {"Key": {**key, "SK": {"S": "confirmation#2"}}})
    assert asked == again != other
