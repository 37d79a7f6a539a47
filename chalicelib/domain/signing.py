"""Texts that we sign and know again when they come back: nobody can change one or use it for another purpose.

A signed text is ``field.field.time.secret.mac``: what it says, one moment (until when it is good, or since
when), which secret signed it, and an HMAC with SHA-256 (RFC 2104) over ``purpose|field|field|time``, of which
it holds the first 20 bytes in base32 (RFC 4648). The purpose is not in the text, so whoever reads it has to
know what they were given it for. Nothing in it is hidden, and we keep none of it. Such texts are out in mails
and browsers: what is signed for a purpose is never changed, only added to by another purpose.
"""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct

from chalicelib.domain.ids import new_id
from chalicelib.domain.kept_names import QUEUE_TICKET_PURPOSE

AnyPurpose = Literal["manage", "calendar", "ticket", "fresh", "line", "admission", "turn"]

_MAC_BYTES = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_MILLISECOND = timedelta(milliseconds=1)


class _Form(Struct, frozen=True):
    fields: int
    unit: timedelta
    """In what the text counts the time since 1970. What is less is cut off."""


_FORMS: dict[AnyPurpose, _Form] = {
    "manage": _Form(3, _SECOND),
    "calendar": _Form(3, _SECOND),
    "ticket": _Form(3, _SECOND),
    "fresh": _Form(3, _SECOND),
    QUEUE_TICKET_PURPOSE: _Form(2, _MILLISECOND),
    "admission": _Form(2, _MILLISECOND),
    "turn": _Form(3, _MILLISECOND),
}
"""All that we sign for. A purpose is signed in front of the fields, so each has a text of its own."""


class TokenSecret(Struct, frozen=True):
    """A secret that signs texts. It rotates, so they say which one signed them."""

    secret_id: str
    secret: bytes


Secrets = Mapping[str, TokenSecret]
"""Every secret by which a text may still be signed, by its id."""


class Signed(Struct, frozen=True):
    """What a signed text says."""

    fields: tuple[str, ...]
    at: datetime


def sign_text(secret: TokenSecret, purpose: AnyPurpose, fields: tuple[str, ...], at: datetime) -> str:
    """Return the text that says these fields and this moment, for this purpose.

    Raises ValueError if they could not be read back from it, which would be a mistake of ours.
    """
    form = _form(purpose)
    if len(fields) != form.fields:
        raise ValueError(f"{purpose} is signed over {form.fields} fields, not {len(fields)}")
    for part in (*fields, secret.secret_id):
        # Two readings of a text with a "|" in it would have the same MAC.
        if not part.isascii() or "." in part or "|" in part:
            raise ValueError(f"a field of {purpose}, or its secret's id, holds a separator or is not ASCII")
    said = (*fields, str((at - _EPOCH) // form.unit))
    return ".".join((*said, secret.secret_id, _mac(secret, purpose, said)))


def read_signed_text(secrets: Secrets, purpose: AnyPurpose, text: str) -> Signed | None:
    """Return what the text says, or None if we did not sign it for this purpose.

    It may be out of date: what its moment means is for whoever asks to say.
    """
    form = _form(purpose)
    parts = text.split(".")
    # hmac.compare_digest raises on what isn't ASCII, and int() reads digits of every script.
    if len(parts) != form.fields + 3 or not text.isascii():
        return None
    *said, secret_id, mac = parts
    secret = secrets.get(secret_id)
    # Takes as long wherever the two differ, so a MAC can't be found letter by letter.
    if secret is None or not hmac.compare_digest(mac, _mac(secret, purpose, tuple(said))):
        return None
    *fields, count = said
    return Signed(tuple(fields), _EPOCH + int(count) * form.unit)


def _form(purpose: AnyPurpose) -> _Form:
    if purpose not in _FORMS:
        raise ValueError(f"nothing is signed for the purpose {purpose!r}")
    return _FORMS[purpose]


def _mac(secret: TokenSecret, purpose: AnyPurpose, said: tuple[str, ...]) -> str:
    digest = hmac.digest(secret.secret, "|".join((purpose, *said)).encode(), "sha256")
    return new_id(digest[:_MAC_BYTES])
