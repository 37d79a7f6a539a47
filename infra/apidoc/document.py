"""OpenAPI 3.1 from the rows."""

from collections.abc import Iterator
from typing import Any

from chalicelib.domain.refusals import FieldError
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
        "The booking, as its `url` names it: key and id.",
        f"{samples.BOOKING_KEY}.{samples.BOOKING_ID}",
    ),
    "nonce": ("The scan's nonce.", samples.NONCE),
    "ticket": ("A queue ticket of this event.", samples.QUEUE_TICKET),
    "link": ("What stands in the link that was mailed. It is good for one purpose, and expires.", "link"),
}

WHO = {
    "anybody": "Anybody.",
    "link": "Whoever has the link from the mail.",
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
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Turnout",
            "version": "1",
            "summary": "Bookings for events that happen in many places at once.",
            "description": "A refusal is a problem (RFC 9457) with a stable `code`: nothing was stored. "
            "Times are RFC 3339. A page for people, with all of this, is at `/docs`.",
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
    if call.is_admin:
        operation["security"] = [{"token": []}]
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
    return {"required": True, "content": content}


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
