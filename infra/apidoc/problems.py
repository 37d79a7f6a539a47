"""Refusals as they are sent (RFC 9457): the schema of each, and one as an example."""

import inspect
import json
from datetime import UTC, datetime
from typing import Any, get_type_hints

import msgspec

from chalicelib.domain.attendee import NOT_AN_ADDRESS
from chalicelib.domain.refusals import (
    FieldError,
    Forbidden,
    Invalid,
    LinkExpired,
    NotFound,
    Refusal,
)
from chalicelib.web.http.replies import problem_details
from infra.apidoc import samples
from infra.apidoc.schemas import REF, Schema

_MEMBERS = ("type", "title", "status", "detail", "code")

# What makes a refusal, by the name of the argument or by its type.
_ARGUMENTS: dict[Any, Any] = {
    "slug": samples.SLUG,
    "reference": samples.REFERENCE,
    "booking": f"{samples.BOOKING_KEY}.{samples.BOOKING_ID}",
    "session_title": "Ludlow",
    "first_where": "Front door",
    "zone": "Europe/London",
    "why_not": "expired",
    "estimate_seconds": 90,
    "places_left": 3,
    int: 4,
    str: "It can't be changed any more.",
    datetime: datetime(2027, 6, 1, 9, tzinfo=UTC),
    list[FieldError]: [FieldError("/email", "address", NOT_AN_ADDRESS)],
}

# What is said where a refusal has no sentence of its own.
_DETAILS: dict[type[Refusal], str] = {
    NotFound: "There is no such event, or your token does not cover it.",
    Forbidden: "The role of your token does not allow this. Use a token with another role.",
    LinkExpired: "Links stop working some time after the event.",
}

_JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array", dict: "object"}


def example_of(refusal: type[Refusal]) -> dict[str, Any]:
    """Return what is answered when this is the reason."""
    return _details(refusal)


def name_of(refusal: type[Refusal]) -> str:
    """Return the name under which this refusal's schema is found."""
    return f"{refusal.__name__}Problem"


def schema_of(refusal: type[Refusal]) -> Schema:
    """Return the schema of this refusal: its code, and its facts as the example has them."""
    example = example_of(refusal)
    facts = {name: _fact(value) for name, value in example.items() if name not in _MEMBERS}
    if refusal is Invalid:
        facts["errors"] = {"type": "array", "minItems": 1, "items": {"$ref": REF + "FieldError"}}
    return {
        "type": "object",
        "description": inspect.cleandoc(refusal.__doc__ or "").replace("``", "`"),
        "properties": {
            "type": {"const": example["type"]},
            "title": {"const": example["title"]},
            "status": {"const": example["status"]},
            "detail": {"type": "string", "description": "What to do, for a person."},
            "code": {"const": example["code"]},
            **facts,
        },
        # A fact that its constructor can do without is not in every answer.
        "required": [*_MEMBERS, *(name for name in facts if name in _details(refusal, short=True))],
        "additionalProperties": False,
    }


UNEXPECTED: Schema = {
    "type": "object",
    "description": "Something went wrong on our side. We have logged it.",
    "properties": {
        "type": {"const": "about:blank"},
        "title": {"type": "string"},
        "status": {"const": 500},
        "detail": {"type": "string"},
    },
    "required": ["type", "title", "status", "detail"],
    "additionalProperties": False,
}


def _details(refusal: type[Refusal], *, short: bool = False) -> dict[str, Any]:
    details: dict[str, Any] = json.loads(
        msgspec.json.encode(problem_details(_instance(refusal, short=short)))
    )
    return details


def _instance(refusal: type[Refusal], *, short: bool) -> Refusal:
    # Each is made from what its constructor asks for, so a new refusal needs no line here.
    hints = get_type_hints(refusal.__init__)
    names = [
        name
        for name, parameter in inspect.signature(refusal.__init__).parameters.items()
        if name != "self"
        and parameter.kind is not parameter.VAR_KEYWORD
        and not (short and parameter.default is not parameter.empty)
    ]
    if names == ["detail"]:
        return refusal(_DETAILS[refusal]) if refusal in _DETAILS else refusal()  # type: ignore[call-arg]
    return refusal(*(_ARGUMENTS[name] if name in _ARGUMENTS else _ARGUMENTS[hints[name]] for name in names))


def _fact(value: Any) -> Schema:
    if isinstance(value, str) and value.endswith("Z") and "T" in value:
        return {"type": "string", "format": "date-time"}
    return {"type": _JSON_TYPES[type(value)]}
