"""JSON Schema 2020-12 from the structs: what msgspec says of them, and what decode() adds to that."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from infra.apidoc.words import WORDS

Schema = dict[str, Any]

REF = "#/components/schemas/"


def name_of(struct: type[Struct]) -> str:
    """Return the name under which a struct's schema is found."""
    # Two audiences are shown events and sessions; what organisers see is called theirs.
    organisers = struct.__module__.startswith("chalicelib.web.organiser.")
    return f"Organiser{struct.__name__}" if organisers and struct.__name__ in _TWICE else struct.__name__


_TWICE = {"EventView", "SessionView"}


def schemas_of(types: Iterable[Any]) -> dict[str, Schema]:
    """Return the schemas of these structs and of all in them, by name."""
    _, components = msgspec.json.schema_components(types, ref_template=REF + "{name}")
    # Defaults are Python's still: an empty tuple, where JSON has an empty list.
    plain = msgspec.to_builtins(components, builtin_types=(list, dict))
    named = {_short(name): schema for name, schema in _renamed(plain).items()}
    return {name: _worded(name, _complete(name, schema)) for name, schema in named.items()}


def schema_of(kind: Any) -> Schema:
    """Return the schema of a type: a reference where that is a struct."""
    if isinstance(kind, type) and issubclass(kind, Struct):
        return {"$ref": REF + name_of(kind)}
    found: Schema = msgspec.json.schema(kind, ref_template=REF + "{name}")
    return found


def request_schema(schema: Schema) -> Schema:
    """Return what decode() takes: unknown fields are refused, because they are a misspelling."""
    return {**schema, "additionalProperties": False}


def patch_schema(schema: Schema) -> Schema:
    """Return the schema of a JSON merge patch (RFC 7396): nothing is required, and nothing is filled in."""
    properties = {
        name: {key: value for key, value in field.items() if key != "default"}
        for name, field in schema["properties"].items()
    }
    kept = {key: value for key, value in schema.items() if key not in {"required", "title"}}
    return {**kept, "properties": properties, "minProperties": 0, "additionalProperties": False}


def form_schema(schema: Schema) -> Schema:
    """Return what a form sends: the same fields, unknown ones ignored, and two that are headers or links."""
    consent = {
        "type": "string",
        "enum": ["true", "on", "yes", "1"],
        "description": "A ticked box: the person agrees to the use of answers to `sensitive` questions.",
    }
    properties = {
        **{name: field for name, field in schema["properties"].items() if name != "answers"},
        "consent": consent,
        "idempotency_key": {
            "type": "string",
            "maxLength": 120,
            "description": "The same as the header Idempotency-Key.",
        },
        "return_url": {
            "type": "string",
            "description": "The page to go to afterwards. The event must list it.",
        },
    }
    answers = {"^answer\\.": {"type": "string", "description": "The answer to the question with this id."}}
    return {**schema, "properties": properties, "patternProperties": answers}


def _short(name: str) -> str:
    module, _, short = name.rpartition(".")
    return f"Organiser{short}" if module.startswith("chalicelib.web.organiser") and short in _TWICE else short


def _renamed(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _renamed_at(key, value) for key, value in node.items()}
    return [_renamed(element) for element in node] if isinstance(node, list) else node


def _renamed_at(key: str, value: Any) -> Any:
    if key == "$ref":
        return REF + _short(value.removeprefix(REF))
    if key == "pattern" and isinstance(value, str):
        # JSON Schema's patterns are JavaScript's, where $ is the end of the text and \Z is nothing.
        return value.replace(r"\Z", "$")
    return _renamed(value)


def _complete(name: str, schema: Schema) -> Schema:
    """Promise an answer's fields that share a struct with what is stored: defaults are for older items."""
    if name in {f"Organiser{short}" for short in _TWICE}:
        schema["required"] = list(schema["properties"])
        for field in schema["properties"].values():
            field.pop("default", None)
    return schema


def _worded(name: str, schema: Schema) -> Schema:
    """Add what the fields mean, and make one paragraph of the struct's own words."""
    if "description" in schema:
        schema["description"] = " ".join(schema["description"].replace("``", "`").split())
    for field, property_schema in schema.get("properties", {}).items():
        words = WORDS.get(f"{name.removeprefix('Organiser')}.{field}") or WORDS.get(field)
        if words:
            property_schema["description"] = words
    return schema
