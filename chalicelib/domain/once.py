"""Creating an event, session or token once, however often its request is sent.

The id of what is created is made of the request's Idempotency-Key, so only the first request finds that
nothing is there: the condition of its write decides. A fingerprint in what it created tells its body from
another. No request is remembered beside that, and only one that comes again costs a read.

A key is as good as new once what it created was deleted.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Generic, Literal, TypeVar

import msgspec
from msgspec import Struct

from chalicelib.domain.event import Event
from chalicelib.domain.ids import SHORT_ID_ENTROPY_BYTES, new_id
from chalicelib.domain.organiser import Token
from chalicelib.domain.refusals import IdempotencyKeyReused, Refusal
from chalicelib.domain.session import Session

T = TypeVar("T", Event, Session, Token)


class Once(Struct, frozen=True):
    """What tells a request that creates something from others: its Idempotency-Key and its body."""

    key: str
    body: object

    def named(self, key_secret: bytes, what: Literal["event", "session", "token"], where: str) -> str:
        """Return the id of what this request creates.

        ``where`` is its organiser's or event's id, so a key of another organiser's leads elsewhere.
        """
        message = f"created {what}|{where}|{self.key}".encode()
        return new_id(hmac.new(key_secret, message, hashlib.sha256).digest()[:SHORT_ID_ENTROPY_BYTES])

    def fingerprint(self, key_secret: bytes) -> str:
        """Return what tells this body from another: the same for the same JSON, however it was spelt."""
        body = msgspec.json.encode(self.body, order="sorted")
        return hmac.new(key_secret, body, hashlib.sha256).hexdigest()[:32]


class Created(Struct, Generic[T], frozen=True):
    """What a request created. ``replayed``: it did so before, and this is how that is now."""

    made: T
    replayed: bool


def create_once(create: Callable[[], T], find: Callable[[], T | None], fingerprint: str) -> Created[T]:
    """Create it, or return what this very request created before. "" as fingerprint: it has no key.

    Raises what ``create`` raises, or IdempotencyKeyReused.
    """
    try:
        return Created(create(), replayed=False)
    except Refusal:
        # Duplicates are answered before any rule, as with bookings.
        there = find() if fingerprint else None
        if there is None:
            raise
        if there.fingerprint != fingerprint:
            raise IdempotencyKeyReused from None
        return Created(there, replayed=True)
