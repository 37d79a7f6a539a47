"""MiniStack, and with it the one condition of our policies that it does not know: dynamodb:LeadingKeys.

Runs in MiniStack's own environment, as a script, and knows nothing of ours. The condition is on the partition
keys that a request names; a transaction is held to those of all its items at once, as the strictest reading.
Source: DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control".
"""

import importlib
import json
import re
from collections.abc import Iterator
from typing import Any

PARTITION_KEY = "PK"
_EQUALS = re.compile(r"(#?\w+)\s*=\s*(:\w+)")


def leading_keys(request: dict[str, Any]) -> list[str]:
    """Return the partition keys that this request to DynamoDB names."""
    return sorted({found["S"] for found in _partition_keys(request) if "S" in found})


def _partition_keys(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for place in ("Key", "Item"):
        if place in request:
            yield request[place].get(PARTITION_KEY, {})
    for batch in request.get("RequestItems", {}).values():
        for key in batch.get("Keys", []) if isinstance(batch, dict) else ():
            yield key.get(PARTITION_KEY, {})
    for item in request.get("TransactItems", []):
        for one in item.values():
            yield from _partition_keys(one)
    names = request.get("ExpressionAttributeNames", {})
    for name, value in _EQUALS.findall(request.get("KeyConditionExpression", "")):
        if names.get(name, name) == PARTITION_KEY:
            yield request.get("ExpressionAttributeValues", {}).get(value, {})


def main() -> None:
    """Start MiniStack with the condition in it."""
    actions: Any = importlib.import_module("ministack.core.iam_actions")
    context_of = actions.dynamodb_service_context

    def with_leading_keys(body: bytes) -> dict[str, Any]:
        context: dict[str, Any] = context_of(body)
        try:
            found = leading_keys(json.loads(body or b"{}"))
        except (ValueError, TypeError, AttributeError):
            # Not a request that DynamoDB would take; it is MiniStack's to say so.
            return context
        return {**context, "dynamodb:LeadingKeys": found} if found else context

    actions.dynamodb_service_context = with_leading_keys
    importlib.import_module("ministack.app").main()


if __name__ == "__main__":
    main()
