"""Whether an answer is one that the description promises: its status, its type, its headers and its body.

tests/conftest.py puts this behind every request that any test sends, so no test has to ask for it.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs

# What HTTP and API Gateway add to any answer.
_OF_THE_TRANSPORT = {
    "apigw-requestid",
    "connection",
    "content-length",
    "content-type",
    "date",
    "server",
    "transfer-encoding",
}
_AT_THE_GATE = {400, 401, 403, 413, 415, 429}


@cache
def described() -> dict[str, Any]:
    """Return the description as it is served."""
    import msgspec

    from infra.apidoc.document import document

    read: dict[str, Any] = json.loads(msgspec.json.encode(document("https://book.example.org/v1")))
    return read


@cache
def _operations() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    # A path without parameters goes first, as with API Gateway.
    paths = sorted(described()["paths"], key=lambda path: (path.count("{"), path))
    return [
        (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), described()["paths"][path])
        for path in paths
    ]


def operation_at(method: str, path: str) -> dict[str, Any] | None:
    """Return the operation that this request calls, or None if there is none."""
    plain = urlsplit(path).path
    for pattern, operations in _operations():
        if pattern.fullmatch(plain if plain == "/" else plain.rstrip("/")):
            found: dict[str, Any] | None = operations.get(method.lower())
            return found
    return None


def check(method: str, path: str, status: int, headers: Mapping[str, Any], body: bytes) -> None:
    """Assert that the description has this answer for this request."""
    if method == "OPTIONS":
        _check_preflight(f"{method} {urlsplit(path).path}: {status}", status, headers, body)
        return
    operation = operation_at(method, path)
    if operation is None:
        # No such route: what answers is API Gateway, which is not ours to describe.
        assert status in {403, 404, 405}, f"{method} {path}: {status} from a call without a description"
        return
    where = f"{method} {urlsplit(path).path}: {status}"
    lowered = {name.lower(): value for name, value in headers.items()}
    assert str(status) in operation["responses"], f"{where} is not described"
    if status == 404 and b'"There is nothing here"' in body:
        # API Gateway decodes a path before it looks for its route: with %2F in it, it is another path.
        return
    if status in _AT_THE_GATE and lowered.get("content-type") != "application/problem+json":
        # What plays API Gateway here has words of its own.
        return
    answer = _resolved(operation["responses"][str(status)])
    _check_headers(where, answer, lowered)
    _check_body(where, answer, lowered, body)


def _check_preflight(where: str, status: int, headers: Mapping[str, Any], body: bytes) -> None:
    """Assert that this answers a browser's CORS preflight, which is the one thing that is not described."""
    if status >= 400:
        # A browser takes any refusal for a no.
        return
    assert (status, body) == (204, b""), where
    named = {name.lower() for name in headers} - _OF_THE_TRANSPORT - {"vary", "cache-control"}
    strange = {name for name in named if not name.startswith(("access-control-", "x-amz"))}
    assert not strange, f"{where} has headers that no preflight needs: {sorted(strange)}"


def _check_headers(where: str, answer: dict[str, Any], headers: Mapping[str, Any]) -> None:
    named = {name.lower(): _resolved(header) for name, header in answer.get("headers", {}).items()}
    strange = {name for name in set(headers) - set(named) - _OF_THE_TRANSPORT if not name.startswith("x-amz")}
    # What went wrong on our side is described by its status alone.
    if "headers" in answer:
        assert not strange, f"{where} has headers that are not described: {sorted(strange)}"
    missing = {name for name, header in named.items() if header["required"]} - set(headers)
    assert not missing, f"{where} lacks headers: {sorted(missing)}"


def _check_body(where: str, answer: dict[str, Any], headers: Mapping[str, Any], body: bytes) -> None:
    content = answer.get("content")
    if content is None:
        assert body == b"", f"{where} has a body, which is not described"
        return
    kind = headers.get("content-type", "none")
    assert kind in content, f"{where} comes as {kind}, which is not described"
    if "json" in kind:
        errors = list(_validator(json.dumps(content[kind]["schema"])).iter_errors(json.loads(body)))
        assert not errors, f"{where} is not as described: {errors[0].message} at {errors[0].instance_path}"


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        {**json.loads(schema), "components": described()["components"]}, validate_formats=True
    )


def valid(schema: dict[str, Any], value: object) -> bool:
    """Return whether a value is as this schema of the description says."""
    return _validator(json.dumps(schema)).is_valid(value)


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        found: Any = described()
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node
