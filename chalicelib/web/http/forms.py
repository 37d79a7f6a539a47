"""A plain HTML form's body, field by field."""

from urllib.parse import parse_qsl

import msgspec
from chalice.app import Request

from chalicelib.domain.booking import IdempotencyKey
from chalicelib.domain.once import Once
from chalicelib.domain.refusals import FieldError, Invalid
from chalicelib.domain.validation import pointer
from chalicelib.web.http.replies import BODY_BYTES_MAX, UNREADABLE

FIELDS_MAX = 200

Form = dict[str, tuple[str, ...]]
"""A form's fields, each with every value it was sent with, in order."""


def read_form(raw: bytes | str) -> Form:
    """Return the fields of a form's body. An empty body is a form without fields.

    Raises Invalid for what no browser sends: too large, too many fields, bytes that aren't UTF-8,
    control characters. Source: https://url.spec.whatwg.org/#application/x-www-form-urlencoded
    """
    body = raw.encode() if isinstance(raw, str) else raw
    if len(body) > BODY_BYTES_MAX:
        raise Invalid([FieldError("", "too_large", "Please shorten your answers: the form is too large.")])
    if body.count(b"&") >= FIELDS_MAX:
        raise Invalid([FieldError("", "too_many_fields", f"Send at most {FIELDS_MAX} fields.")])
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise Invalid([FieldError("", "encoding", "Send the form as UTF-8.")]) from error
    fields: dict[str, list[str]] = {}
    for name, text in pairs:
        fields.setdefault(name, []).append(text)
    unreadable = [
        _unreadable("" if UNREADABLE.search(name) else pointer(name))
        for name, texts in fields.items()
        if any(UNREADABLE.search(text) for text in (name, *texts))
    ]
    if unreadable:
        raise Invalid(unreadable)
    return {name: tuple(texts) for name, texts in fields.items()}


def _unreadable(where: str) -> FieldError:
    return FieldError(where, "character", "Remove any characters that can't be read.")


def single(form: Form, name: str) -> str | None:
    """Return the value of a field that is sent once; None if it wasn't sent, or was sent empty."""
    texts = form.get(name, ("",))
    return texts[0].strip() or None


def read_idempotency_key(text: str | None, where: str) -> str | None:
    """Return the Idempotency-Key, or None if there is none.

    Raises Invalid at ``where`` (a JSON pointer; empty for the header) unless it is 1 to 120
    characters of printable ASCII.
    """
    if text is None or not text.strip():
        return None
    try:
        return msgspec.convert(text.strip(), IdempotencyKey)
    except msgspec.ValidationError as error:
        detail = "Send 1 to 120 printable ASCII characters without spaces as Idempotency-Key."
        raise Invalid([FieldError(where, "idempotency_key", detail)]) from error


def once_of(request: Request, body: object) -> Once | None:
    """Return what tells this request from others, or None if it has no Idempotency-Key. Raises Invalid."""
    key = read_idempotency_key(request.headers.get("idempotency-key"), "")
    return Once(key, body) if key else None
