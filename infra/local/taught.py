"""MiniStack, and with it what our template and policies need and it does not know, and what we want to hear.

Runs in MiniStack's own environment, as a script, and knows nothing of ours.

- dynamodb:LeadingKeys, a condition on the partition keys that a request names; a transaction is held to those
  of all its items at once, as the strictest reading.
  Source: DynamoDB Developer Guide, "Using IAM policy conditions for fine-grained access control".
- Stage variables in the name of the function that a route calls.
  Source: API Gateway Developer Guide, "Use stage variables for a REST API".
- To let calls wait for a process once a function has a few. MiniStack would start one for each call that
  finds none free, and in a burst this machine would do nothing but start them.
- A file of all that functions log. MiniStack keeps that in its CloudWatch Logs, and writes some of it to
  its own log: not the API's.
"""

import importlib
import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PARTITION_KEY = "PK"
PROCESSES_MAX = 8
"""How many processes each function has at most."""

Execute = Callable[[dict[str, Any], Any, str], dict[str, Any]]
"""Runs a function for one event, in a process that is free or a new one; the text is the request's id."""

_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")
_EQUALS = re.compile(r"(#?\w+)\s*=\s*(:\w+)")


def leading_keys(request: dict[str, Any]) -> list[str]:
    """Return the partition keys that this request to DynamoDB names."""
    return sorted({found["S"] for found in _partition_keys(request) if "S" in found})


def _partition_keys(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for place in ("Key", "Item"):
        if place in request:
            yield request[place].get(PARTITION_KEY, {})
    together = list(request.get("TransactItems", []))
    for batch in request.get("RequestItems", {}).values():
        if isinstance(batch, list):
            together += batch
        for key in batch.get("Keys", []) if isinstance(batch, dict) else ():
            yield key.get(PARTITION_KEY, {})
    for item in together:
        for one in item.values():
            yield from _partition_keys(one)
    names = request.get("ExpressionAttributeNames", {})
    for name, value in _EQUALS.findall(request.get("KeyConditionExpression", "")):
        if names.get(name, name) == PARTITION_KEY:
            yield request.get("ExpressionAttributeValues", {}).get(value, {})


def with_stage_variables(uri: str, variables: dict[str, str]) -> str:
    """Return an integration's URI with the stage's variables filled in; one that isn't there is nothing."""
    return _VARIABLE.sub(lambda found: variables.get(found[1], ""), uri)


def logged(function: str, result: dict[str, Any]) -> list[str]:
    """Return what a function logged as it ran, a JSON object a line, with the function's name in it.

    What isn't JSON was not written by our own logs module: it is the trace of what nobody caught.
    """
    lines = (result.get("log") or "").splitlines()
    if result.get("error"):
        said = (result.get("body") or {}).get("errorMessage", "")
        # Without a trace there is only this: it timed out, or could not be started.
        if not any(said in line for line in lines):
            lines.append(f"It failed: {said}")
    found: list[dict[str, Any]] = []
    uncaught: list[str] = []
    for line in lines:
        try:
            fields = json.loads(line)
        except ValueError:
            fields = None
        if isinstance(fields, dict):
            found.append(fields)
        elif line.strip():
            uncaught.append(line)
    if uncaught:
        found.append({"level": "ERROR", "message": f"not caught: {uncaught[-1]}", "lines": uncaught})
    return [json.dumps({"function": function, **fields}) for fields in found]


def few_at_once(execute: Execute) -> Execute:
    """Return what executes as many calls of each function at once as it may have processes; others wait.

    Each call has a thread of its own in MiniStack, and no function of ours calls another.
    """
    free: dict[str, threading.Semaphore] = {}

    def execute_in_turn(function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        name = function["config"]["FunctionName"]
        with free.setdefault(name, threading.Semaphore(PROCESSES_MAX)):
            return execute(function, event, request_id)

    return execute_in_turn


def _write_down(log: Path, function: str, result: dict[str, Any]) -> None:
    lines = logged(function, result)
    if lines:
        # One write, because functions run side by side.
        with log.open("a") as file:
            file.write("".join(f"{line}\n" for line in lines))


def main() -> None:
    """Start MiniStack with all of it."""
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

    gateway: Any = importlib.import_module("ministack.services.apigateway_v1")
    invoke = gateway._invoke_lambda_proxy_v1

    async def with_variables(
        integration: dict[str, Any], api: str, name: str, stage: dict[str, Any], *rest: Any, **named: Any
    ) -> Any:
        uri = with_stage_variables(integration.get("uri", ""), stage.get("variables") or {})
        return await invoke({**integration, "uri": uri}, api, name, stage, *rest, **named)

    gateway._invoke_lambda_proxy_v1 = with_variables

    functions: Any = importlib.import_module("ministack.services.lambda_svc")
    execute = few_at_once(functions._execute_function_warm)
    log = Path(os.environ["FUNCTIONS_LOG"])

    def written_down(function: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        result: dict[str, Any] = execute(function, event, request_id)
        _write_down(log, function["config"]["FunctionName"], result)
        return result

    functions._execute_function_warm = written_down
    importlib.import_module("ministack.app").main()


if __name__ == "__main__":
    main()
