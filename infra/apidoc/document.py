"""OpenAPI 3.1 from the rows."""

from collections.abc import Iterator
from typing import Any

from chalicelib.domain.refusals import FieldError
from chalicelib.web.http.describe import BASE_URL
from infra.apidoc import problems, samples
from infra.apidoc.calls import JSON, Call, Parameter
from infra.apidoc.every_call import EVERY_CALL
from infra.apidoc.gateway import GATEWAY_REPLIES, GATEWAY_SCHEMAS
from infra.apidoc.replies import responses_of, shared_parts
from infra.apidoc.schemas import (
    REF,
    Schema,
    form_schema,
    name_of,
    patch_schema,
    request_schema,
    schema_of,
    schemas_of,
)

FORM = "application/x-www-form-urlencoded"

PATH_PARAMETERS: dict[str, tuple[str, str]] = {
    "slug": ("The event's slug.", samples.SLUG),
    "event_id": ("The event's id.", samples.EVENT_ID),
    "session_id": ("The session's id.", samples.SESSION_ID),
    "token_id": ("The token's id.", samples.TOKEN_ID),
    "booking": (
        "The last part of the booking's `url`.",
        f"{samples.BOOKING_KEY}.{samples.BOOKING_ID}",
    ),
    "nonce": ("The scan's nonce.", samples.NONCE),
    "ticket": ("A queue ticket of this event.", samples.QUEUE_TICKET),
    "link": ("The text of the link in the email. It has one purpose and expires.", "link"),
}

WHO = {
    "anybody": "Anyone.",
    "link": "The person with the link from the email.",
    "organiser": "A token with the role organiser.",
    "host": "A token with the role organiser or host.",
    "door": "Any token: organiser, host or door.",
}


def document(base_url: str) -> dict[str, Any]:
    """Return the description as OpenAPI, for the API that is at this address."""
    paths: dict[str, dict[str, Any]] = {}
    for tag, calls in EVERY_CALL.items():
        for call in calls:
            paths.setdefault(call.path, {})[call.method.lower()] = _operation(tag, call)
    whole = {
        "openapi": "3.1.0",
        "info": {
            "title": "Turnout",
            "version": "1",
            "summary": "Bookings for events that happen in many places at once.",
            "description": "A refusal is a problem (RFC 9457) with a stable `code`, and nothing was stored. "
            "Times are RFC 3339. The same description for people is at `/docs`. Answers to CORS preflights "
            "(`OPTIONS`) are not listed here.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": base_url or "/"}],
        "tags": [{"name": tag} for tag in EVERY_CALL],
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "responses": GATEWAY_REPLIES,
            **shared_parts(call for calls in EVERY_CALL.values() for call in calls),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token has a role, a scope and an expiry.",
                }
            },
        },
    }
    return {name: _at(base_url, part) for name, part in whole.items()}


def _at(base_url: str, node: Any) -> Any:
    """Return this part of the document with our own addresses in it, as a deployment at this address has."""
    if isinstance(node, dict):
        return {name: _at(base_url, part) for name, part in node.items()}
    if isinstance(node, list | tuple):
        return [_at(base_url, part) for part in node]
    return node.replace(BASE_URL, base_url) if isinstance(node, str) else node


def _operation(tag: str, call: Call) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "tags": [tag],
        "summary": call.summary,
        "description": " ".join(part for part in (call.words, f"**Who:** {WHO[call.who]}") if part),
        "operationId": _operation_id(call),
        "x-who-may-call": call.who,
        "parameters": [_parameter(parameter) for parameter in [*_in_path(call), *call.parameters]],
        "responses": responses_of(call),
    }
    operation["security"] = [{"token": []}] if call.is_admin else []
    if call.body is not None:
        operation["requestBody"] = _request_body(call)
    return operation


def _operation_id(call: Call) -> str:
    words = call.path.replace("{", "").replace("}", "").replace(".", "/").split("/")
    return "_".join([call.method.lower(), *(word for word in words if word)])


def _in_path(call: Call) -> Iterator[Parameter]:
    for part in call.path.split("/"):
        if part.startswith("{"):
            words, example = PATH_PARAMETERS[part[1:-1]]
            yield Parameter(name=part[1:-1], place="path", words=words, required=True, example=example)


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.words,
        "required": parameter.required,
        "schema": schema_of(parameter.kind),
    }
    if parameter.example is not None:
        described["example"] = parameter.example
    return described


def _request_body(call: Call) -> dict[str, Any]:
    body = call.body
    assert body is not None  # the caller has looked
    if body.struct is None:
        return {"required": bool(body.example), "content": {FORM: _form(body.example)}}
    name = f"{name_of(body.struct)}Patch" if body.patch else name_of(body.struct)
    content: dict[str, Any] = {JSON: {"schema": {"$ref": REF + name}, "example": body.example}}
    if body.form:
        # A form has no booleans, and leaves out what isn't ticked.
        fields = {key: "true" if value is True else value for key, value in body.example.items()}
        content[FORM] = {"schema": {"$ref": f"{REF}{name}Form"}, "example": fields}
    return {"required": not body.optional, "content": content}


def _form(example: dict[str, Any]) -> dict[str, Any]:
    if not example:
        return {"schema": {"type": "object"}}
    fields = {name: {"type": "string"} for name in example}
    return {"schema": {"type": "object", "properties": fields, "required": list(fields)}, "example": example}


def _schemas() -> dict[str, Schema]:
    calls = [call for calls in EVERY_CALL.values() for call in calls]
    bodies = [call.body for call in calls if call.body is not None and call.body.struct is not None]
    views = [reply.body for call in calls for reply in call.replies if reply.body is not None]
    structs = [*(body.struct for body in bodies), *views, FieldError]
    schemas = schemas_of(structs)
    for body in bodies:
        assert body.struct is not None  # they were chosen for it
        name = name_of(body.struct)
        plain = schemas[name]
        if body.form:
            schemas[f"{name}Form"] = form_schema(plain)
        if body.patch:
            schemas[f"{name}Patch"] = patch_schema(plain)
        schemas[name] = request_schema(plain)
    for refusal in {refusal for call in calls for refusal in call.all_refusals}:
        schemas[problems.name_of(refusal)] = problems.schema_of(refusal)
    return dict(sorted({**schemas, "UnexpectedProblem": problems.UNEXPECTED, **GATEWAY_SCHEMAS}.items()))
