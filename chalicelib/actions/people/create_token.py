"""Create a token."""

from datetime import datetime

from chalicelib.domain.ids import token_hash
from chalicelib.domain.once import Once, create_once
from chalicelib.domain.organiser import TOKEN_LIFETIME, Caller, Token, require_everything, token_text
from chalicelib.domain.refusals import FieldError, Invalid
from chalicelib.domain.token_request import TokenMade, TokenRequest, TooManyTokens, scope_of
from chalicelib.store import tokens
from chalicelib.store.events import find_event, find_session
from chalicelib.store.secrets import key_secret

TOKENS_MAX = 500
"""How many tokens an organiser may have. Some made at the same moment may go past it: it bounds a list."""


def create_token(
    caller: Caller,
    request: TokenRequest,
    *,
    now: datetime,
    token_id: str,
    secret: str,
    once: Once | None = None,
) -> tuple[Token, str]:
    """Make a token for the caller's organiser; return it, and its text: the only time that anybody sees it.

    ``token_id`` and ``secret`` are as in create_organiser; ``once`` takes the place of ``token_id``. A text
    that could be shown twice could be had by somebody else too. So a request that made a token before is
    refused with TokenMade (or IdempotencyKeyReused).

    Raises also Forbidden for a token that is not for all of its organiser's events, Invalid (naming an event
    or session that isn't there, or not the caller's), TooManyTokens, or Busy.
    """
    require_everything(caller)
    if once:
        token_id = once.named(key_secret(), "token", caller.organiser_id)
    text = token_text(caller.organiser_id, token_id, secret)
    token = Token(
        token_id=token_id,
        organiser_id=caller.organiser_id,
        name=request.name,
        role=request.role,
        scope=scope_of(request),
        token_hash=token_hash(text),
        created_at=now,
        expires_at=request.expires_at or now + TOKEN_LIFETIME,
        fingerprint=once.fingerprint(key_secret()) if once else "",
    )
    created = create_once(
        lambda: _create(caller, request, token),
        lambda: tokens.find_token(token.organiser_id, token.token_id),
        token.fingerprint,
    )
    if created.replayed:
        raise TokenMade(token.token_id)
    return token, text


def _create(caller: Caller, request: TokenRequest, token: Token) -> Token:
    _require_scope(caller, request)
    if tokens.count_tokens(caller.organiser_id) >= TOKENS_MAX:
        raise TooManyTokens(TOKENS_MAX)
    tokens.create_token(token)
    return token


def _require_scope(caller: Caller, request: TokenRequest) -> None:
    if request.event_id is None:
        return
    event = find_event(request.event_id)
    if event is None or event.organiser_id != caller.organiser_id:
        raise Invalid([FieldError("/event_id", "not_found", "There is no such event. Check its id.")])
    if request.session_id is not None and find_session(request.event_id, request.session_id) is None:
        raise Invalid(
            [FieldError("/session_id", "not_found", "This event has no such session. Check its id.")]
        )
