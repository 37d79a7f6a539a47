"""The same description for people: what the page /docs shows, taken from the document itself."""

import json
import shlex
from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from infra.apidoc.calls import JSON, PROBLEM
from infra.apidoc.document import FORM, WHO
from infra.apidoc.start import TASKS

_BOUNDS = (
    ("maxLength", "at most {} characters"),
    ("minimum", "at least {}"),
    ("maximum", "at most {}"),
    ("maxItems", "at most {} of them"),
)
_LINE_CHARACTERS = 70
_KINDS = {"string": "text", "integer": "whole number", "boolean": "true or false", "array": "list"}


class Field(Struct, frozen=True, kw_only=True):
    """A field of a body, a parameter or a header."""

    name: str
    kind: str
    required: bool
    words: str


class Shown(Struct, frozen=True, kw_only=True):
    """A call, as the page shows it."""

    anchor: str
    method: str
    path: str
    summary: str
    words: str
    who: str
    parameters: list[Field]
    fields: list[Field]
    answers: list[tuple[str, list[str]]]
    """By status, what that may mean."""
    request: str
    example: str | None


class Section(Struct, frozen=True, kw_only=True):
    """The calls about one thing."""

    title: str
    anchor: str
    calls: list[Shown]


class ShownTask(Struct, frozen=True, kw_only=True):
    """One of the tasks at the beginning, with an example of each call that it takes."""

    title: str
    words: str
    calls: list[Shown]
    example: str


def sections(described: dict[str, Any], base_url: str) -> list[Section]:
    """Return what the page shows of this document, for the API that is at this address."""
    by_tag: dict[str, list[Shown]] = {tag["name"]: [] for tag in described["tags"]}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            shown = _shown(described, base_url, method.upper(), path, operation)
            by_tag[operation["tags"][0]].append(shown)
    return [
        Section(title=title, anchor=title.lower().replace(" ", "-").replace("'", ""), calls=calls)
        for title, calls in by_tag.items()
    ]


def tasks(shown: list[Section]) -> list[ShownTask]:
    """Return the tasks at the beginning of a page with these sections."""
    by_name = {f"{call.method} {call.path}": call for section in shown for call in section.calls}
    found = [(task, [by_name[name] for name in task.calls]) for task in TASKS]
    return [
        ShownTask(
            title=task.title,
            words=task.words,
            calls=calls,
            example="\n\n".join(call.request for call in calls),
        )
        for task, calls in found
    ]


def _shown(
    described: dict[str, Any], base_url: str, method: str, path: str, operation: dict[str, Any]
) -> Shown:
    content = operation.get("requestBody", {}).get("content", {})
    return Shown(
        anchor=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        words=operation["description"].partition("**Who:**")[0].strip(),
        who=WHO[operation["x-who-may-call"]],
        parameters=[_parameter(parameter) for parameter in operation["parameters"]],
        fields=list(_fields(described, content[JSON]["schema"])) if JSON in content else [],
        answers=list(_answers(described, operation)),
        request=_curl(base_url, method, path, operation),
        example=_example(operation),
    )


def _parameter(parameter: dict[str, Any]) -> Field:
    place = {"path": "in the path", "query": "in the query", "header": "header"}[parameter["in"]]
    return Field(name=parameter["name"], kind=place, required=parameter["required"], words=_words(parameter))


def _fields(described: dict[str, Any], reference: dict[str, str]) -> Iterator[Field]:
    schema = _resolved(described, reference)
    for name, field in schema.get("properties", {}).items():
        yield Field(
            name=name,
            kind=_kind(described, field),
            required=name in schema.get("required", ()),
            words=_words(field),
        )
        if "items" in field:
            # What each of a list's objects holds, by the name that it has in there.
            for inner in _fields(described, field["items"]):
                yield replace(inner, name=f"{name}.{inner.name}")


def _words(field: dict[str, Any]) -> str:
    words: str = field.get("description", "")
    if field.get("default") not in (None, "", [], {}, ()):
        words += f" {json.dumps(field['default'])} if you leave it out."
    return words.strip()


def _kind(described: dict[str, Any], field: dict[str, Any]) -> str:
    field = _resolved(described, field)
    if "anyOf" in field:
        kinds = [_kind(described, choice) for choice in field["anyOf"]]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in field:
        return " or ".join(json.dumps(value) for value in field["enum"])
    kind = (
        "time"
        if field.get("format") == "date-time"
        else _KINDS.get(field.get("type", ""), field.get("type", ""))
    )
    bounds = [words.format(f"{field[bound]:,}") for bound, words in _BOUNDS if bound in field]
    inside = f" of {_kind(described, field['items'])}" if "items" in field else ""
    return ", ".join([kind + inside, *bounds])


def _resolved(described: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _answers(described: dict[str, Any], operation: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for status, reply in operation["responses"].items():
        said = [reply["description"]] if "description" in reply and status < "400" else []
        for code in reply.get("content", {}).get(PROBLEM, {}).get("examples", {}):
            title = described["components"]["examples"][code]["value"]["title"]
            said.append(f"`{code}` {title}")
        if said:
            yield status, said


def _curl(base_url: str, method: str, path: str, operation: dict[str, Any]) -> str:
    query = []
    lines = []
    for parameter in operation["parameters"]:
        example = parameter.get("example")
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", str(example))
        elif parameter["in"] == "query" and example is not None:
            query.append(f"{parameter['name']}={example}")
        elif example is not None:
            lines.append(f"-H {shlex.quote(parameter['name'] + ': ' + example)}")
    if operation.get("security"):
        lines.append('-H "Authorization: Bearer $TOKEN"')
    content = operation.get("requestBody", {}).get("content", {})
    if JSON in content:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d {shlex.quote(_body(content[JSON]['example']))}")
    elif FORM in content:
        lines.append("-d ''")
    verb = "" if method == ("POST" if content else "GET") else f"-X {method} "
    address = shlex.quote(base_url + path + ("?" + "&".join(query) if query else ""))
    return " \\\n  ".join([f"curl {verb}{address}", *lines])


def _body(example: Any) -> str:
    """Return an example of a body, with a line for each field where one line would be too long."""
    line = json.dumps(example, ensure_ascii=False)
    return line if len(line) <= _LINE_CHARACTERS else json.dumps(example, ensure_ascii=False, indent=1)


def _example(operation: dict[str, Any]) -> str | None:
    for reply in operation["responses"].values():
        shown = reply.get("content", {}).get(JSON, {}).get("example")
        if shown is not None:
            return json.dumps(shown, indent=1, ensure_ascii=False)
    return None
