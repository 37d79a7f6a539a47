"""What botocore has to know of AWS, cut down to what we call.

botocore describes every operation of every service, in every region, with its documentation. A process reads
all of what it finds before its first call, so this is a large part of a cold start, and most of the zip.
What may be called is what the roles allow (``.chalice/policy-*.json``): there is no second list to keep.
"""

import gzip
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

# A service's name in IAM, and in botocore. What else the roles name, Lambda itself calls: logs, streams.
_SERVICES = {"dynamodb": "dynamodb", "ses": "sesv2", "sqs": "sqs", "ssm": "ssm"}

# IAM has no action of their own for these: who may do the one may do the other.
_ALLOWED_BY = {
    "dynamodb:PutItem": "TransactWriteItems",
    "dynamodb:UpdateItem": "TransactWriteItems",
    "sqs:SendMessage": "SendMessageBatch",
}

_KEPT = {"_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json"}


def operations(policies: Iterable[Path]) -> dict[str, list[str]]:
    """Return the operations that these policies allow, by botocore's name of their service."""
    allowed: dict[str, set[str]] = {name: set() for name in _SERVICES.values()}
    for policy in policies:
        for statement in json.loads(policy.read_text())["Statement"]:
            for action in statement["Action"]:
                service, _, operation = action.partition(":")
                if service in _SERVICES:
                    allowed[_SERVICES[service]].add(operation)
                    if implied := _ALLOWED_BY.get(action):
                        allowed[_SERVICES[service]].add(implied)
    return {service: sorted(names) for service, names in sorted(allowed.items())}


def trim(data: Path, allowed: dict[str, list[str]]) -> None:
    """Leave in botocore's data directory what these operations take, in every region."""
    prefixes = {_trim_service(data / service, names) for service, names in allowed.items()}
    for path in data.iterdir():
        if path.is_dir() and path.name not in allowed:
            shutil.rmtree(path)
        elif path.is_file() and path.name not in _KEPT:
            path.unlink()
    endpoints = _read(data / "endpoints.json")
    for partition in endpoints["partitions"]:
        partition["services"] = {
            name: found for name, found in partition["services"].items() if name in prefixes
        }
    _write(data / "endpoints.json", endpoints)


def _trim_service(service: Path, names: list[str]) -> str:
    """Trim one service and return what its endpoints are called by."""
    latest = max(version for version in service.iterdir() if any(version.glob("service-2.json*")))
    for version in service.iterdir():
        if version != latest:
            shutil.rmtree(version)
    model = _read(next(latest.glob("service-2.json*")))
    rules = _read(next(latest.glob("endpoint-rule-set-1.json*")))
    # Waiters, pages and examples: none of ours.
    for path in latest.iterdir():
        path.unlink()
    # Not packed by itself: the zip packs it better, and a process need not unpack it.
    _write(latest / "service-2.json", _only(model, names))
    _write(latest / "endpoint-rule-set-1.json", rules)
    prefix: str = model["metadata"]["endpointPrefix"]
    return prefix


def _only(model: dict[str, Any], names: list[str]) -> dict[str, Any]:
    found = {name: operation for name, operation in model["operations"].items() if name in names}
    shapes: dict[str, Any] = {}
    waiting = [name for operation in found.values() for name in _shapes_of_operation(operation)]
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            waiting += [member["shape"] for member in _members(shapes[name])]
    for described in [*found.values(), *shapes.values()]:
        for undocumented in [described, *_members(described)]:
            undocumented.pop("documentation", None)
    kept = {key: value for key, value in model.items() if key not in {"documentation", "examples"}}
    return {**kept, "operations": found, "shapes": {name: shapes[name] for name in sorted(shapes)}}


def _shapes_of_operation(operation: dict[str, Any]) -> Iterator[str]:
    for part in ("input", "output"):
        if part in operation:
            yield operation[part]["shape"]
    yield from (error["shape"] for error in operation.get("errors", []))


def _members(shape: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from shape.get("members", {}).values()
    yield from (shape[part] for part in ("member", "key", "value", "input", "output") if part in shape)
    yield from shape.get("errors", [])


def _read(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    document: dict[str, Any] = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    return document


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, separators=(",", ":"), ensure_ascii=False), encoding="utf-8")
