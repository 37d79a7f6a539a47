"""What an organiser sends to make a token."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from chalicelib.domain import field_checks
from chalicelib.domain.attendee import Name
from chalicelib.domain.event_request import Instant
from chalicelib.domain.organiser import EVERYTHING, TOKEN_LIFETIME, Role
from chalicelib.domain.refusals import FieldError, Invalid, Refusal
from chalicelib.domain.validation import Check, decode

_Id = Annotated[str, Meta(min_length=1, max_length=64)]


class TokenRequest(Struct, frozen=True, kw_only=True):
    """The body of POST /admin/tokens.

    Without ``event_id`` the token is for all events. With ``session_id`` too it is for that session only.
    """

    name: Name
    role: Role
    event_id: _Id | None = None
    session_id: _Id | None = None
    expires_at: Instant | None = None
    """A year ahead at most, which is also what holds if it is not given."""


_CHECKS: dict[str, Check] = {"name": field_checks.name, "expires_at": field_checks.instant}


def read_token_request(raw: object, now: datetime) -> TokenRequest:
    """Return the parsed JSON as a checked request with its expiry, or raise Invalid naming what is wrong."""
    request = decode(TokenRequest, raw, checks=_CHECKS)
    latest = now + TOKEN_LIFETIME
    expires_at = request.expires_at or latest
    errors: list[FieldError] = []
    if request.session_id is not None and request.event_id is None:
        errors.append(FieldError("/event_id", "missing", "Say which event this session belongs to."))
    if expires_at <= now:
        errors.append(FieldError("/expires_at", "past", "Choose a time in the future."))
    elif expires_at > latest:
        errors.append(FieldError("/expires_at", "too_late", "Choose a time within the next year."))
    if errors:
        raise Invalid(errors)
    return msgspec.structs.replace(request, expires_at=expires_at)


def scope_of(request: TokenRequest) -> str:
    """Return the scope that is asked for, as tokens spell it (domain/organiser.py)."""
    if request.event_id is None:
        return EVERYTHING
    if request.session_id is None:
        return f"event:{request.event_id}"
    return f"session:{request.event_id}:{request.session_id}"


class TooManyTokens(Refusal):
    """The organiser has as many tokens as we allow."""

    code = "too_many_tokens"
    title = "Too many tokens"

    def __init__(self, tokens_max: int) -> None:
        super().__init__(f"You already have {tokens_max} tokens. Revoke one first.", tokens_max=tokens_max)


class TokenInUse(Refusal):
    """The call used the token that it revokes. We refuse, so that a slip locks no organiser out."""

    code = "token_in_use"
    title = "You are using this token"

    def __init__(self) -> None:
        super().__init__("Revoke it with another token.")


class TokenMade(Refusal):
    """The same request made its token before. We keep only a hash of a token, so we can't show it again."""

    code = "token_made"
    title = "This request has made its token already"

    def __init__(self, token_id: str) -> None:
        super().__init__(
            "Its text was in the first answer only. If you don't have it, revoke this token and make another "
            "with a new Idempotency-Key.",
            token_id=token_id,
        )
