"""The header Idempotency-Key, and what is answered to a request that was answered before."""

import msgspec
from chalice.app import Request

from chalicelib.domain.booking import IdempotencyKey
from chalicelib.domain.once import Once
from chalicelib.domain.refusals import FieldError, Invalid


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


def replayed(was_answered: bool) -> dict[str, str]:
    """Return the header that says so, if this request was answered before."""
    return {"Idempotent-Replayed": "true"} if was_answered else {}
