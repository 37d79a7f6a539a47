"""From what came over the wire to a struct, or to *every* field that is wrong.

msgspec stops at the first error; a person with a form wants all of them at once,
so each field is converted by itself against its own annotation.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from chalicelib.domain.refusals import FieldError, Invalid

S = TypeVar("S", bound=msgspec.Struct)

Check = Callable[[Any, str], Any]
"""Given a field's value (never None) and its pointer, returns it tidied, or raises Invalid."""


def pointer(*parts: str | int) -> str:
    """Return the RFC 6901 JSON pointer to this place."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def decode(
    struct: type[S],
    raw: object,
    *,
    from_form: bool = False,
    checks: Mapping[str, Check] | None = None,
    other_calls: Mapping[str, str] | None = None,
) -> S:
    """Return ``raw`` (parsed JSON, or a form's fields) as ``struct``.

    ``checks`` are, by field, for what a type can't say; they see values that have the right type.
    ``other_calls`` say, by field, which call changes what this one doesn't.

    ``from_form`` lets text stand for numbers and yes/no, which is all a form can send.
    Unknown fields are refused in JSON, where they are a misspelling, and ignored in forms,
    where they are the page's own.

    Raises Invalid naming every field that is wrong.
    """
    if not isinstance(raw, dict):
        raise Invalid([FieldError("", "type", "Send a JSON object with named fields.")])
    errors: list[FieldError] = []
    values: dict[str, Any] = {}
    hints = get_type_hints(struct, include_extras=True)
    known = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    if not from_form:
        errors += [
            FieldError(pointer(name), "unknown", (other_calls or {}).get(name, _UNKNOWN))
            for name in raw
            if name not in known
        ]
    for name, field in known.items():
        if name not in raw:
            if field.required:
                errors.append(FieldError(pointer(name), "missing", _MISSING))
            continue
        try:
            value = msgspec.convert(raw[name], hints[field.name], strict=not from_form)
            check = (checks or {}).get(name)
            values[field.name] = check(value, pointer(name)) if check and value is not None else value
        except msgspec.ValidationError as error:
            errors.append(_field_error(name, hints[field.name], str(error)))
        except Invalid as invalid:
            errors += invalid.errors
    if errors:
        raise Invalid(errors)
    return struct(**values)


def email_by_either_name(raw: object) -> object:
    """Return a request with ``email`` by that name, also if it was sent as ``address``, the older one."""
    if isinstance(raw, dict) and "address" in raw and "email" not in raw:
        return {"email" if name == "address" else name: value for name, value in raw.items()}
    return raw


def _field_error(name: str, hint: object, message: str) -> FieldError:
    # msgspec says "Expected `int` - at `$[0].x`"; the place inside the field joins the pointer.
    sentence, _, place = message.replace("`key in $", "`$").partition(" - at `$")
    # Of a mapping it doesn't say which: "[...]".
    inner = place.rstrip("`").replace("[...]", "").replace("[", "/").replace("]", "").replace(".", "/")
    sentence, where = sentence.replace("`", ""), pointer(name) + inner
    if found := re.fullmatch(r"Object missing required field (.+)", sentence):
        return FieldError(where + pointer(found[1]), "missing", _MISSING)
    if found := re.fullmatch(r"Object contains unknown field (.+)", sentence):
        return FieldError(where + pointer(found[1]), "unknown", _UNKNOWN)
    return FieldError(where, "value", _in_plain_words(list(_types_at(hint, inner.split("/"))), sentence))


def _in_plain_words(types: list[object], sentence: str) -> str:
    """Say msgspec's sentence as a person would; a type that describes itself says what it wants.

    None of msgspec's own words come out: they are a programmer's, and change with its version.
    """
    choices = [str(choice) for hint in types if get_origin(hint) is Literal for choice in get_args(hint)]
    if sentence.startswith("Invalid enum value") and choices:
        return f"This must be {_one_of(choices)}."
    for pattern, words in _PLAIN_WORDS:
        if found := pattern.fullmatch(sentence):
            return words.format(*map(_plain_type, found.groups()))
    described = [
        meta.description
        for hint in types
        for meta in getattr(hint, "__metadata__", ())
        if isinstance(meta, msgspec.Meta) and meta.description
    ]
    # The innermost is about the place that is wrong.
    return described[-1] if described else "This has the wrong form. The description of the API says more."


def _types_at(hint: object, place: list[str]) -> Iterator[object]:
    """Yield what may stand at this place of a value; of a struct, only fields that the place names count."""
    yield hint
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        for name, inside in get_type_hints(hint, include_extras=True).items():
            if name in place:
                yield from _types_at(inside, place)
    else:
        for part in get_args(hint):
            yield from _types_at(part, place)


def _plain_type(found: str) -> str:
    """Return the names of types as people say them; a number stays one."""
    if found[-1].isdigit():
        return found
    return _one_of([_PLAIN_TYPES.get(name, "something else") for name in found.split(" | ")])


def _one_of(names: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


_MISSING = "This field is required."
_UNKNOWN = "There is no such field. Check its spelling."
_PLAIN_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "datetime": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_PLAIN_WORDS = [
    (re.compile(pattern), words)
    for pattern, words in (
        (r"Expected str of length >= 1", "This can't be empty."),
        (r"Expected str of length >= (\d+)", "This must have at least {} characters."),
        (r"Expected str of length <= (\d+)", "This must have at most {} characters."),
        (r"Expected (?:array|object) of length >= (\d+)", "There must be at least {} of these."),
        (r"Expected (?:array|object) of length <= (\d+)", "There can be at most {} of these."),
        (r"Expected (?:int|float) >= (\S+)", "This must be at least {}."),
        (r"Expected (?:int|float) <= (\S+)", "This must be at most {}."),
        (r"Expected (?:int|float) > (\S+)", "This must be more than {}."),
        (r"Expected (?:int|float) < (\S+)", "This must be less than {}."),
        (r"Expected int that's a multiple of (\d+)", "This must be a multiple of {}."),
        (r"(?:Integer value|Number) out of range", "Send a smaller number."),
        (r"Expected (\w+(?: \| \w+)*), got (\w+)", "This must be {}, not {}."),
        (r"Expected (\w+(?: \| \w+)*)", "This must be {}."),
    )
]
