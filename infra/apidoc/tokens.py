"""The calls of organisers about tokens (web/organiser/tokens.py)."""

from typing import Any

from msgspec import Struct

from chalicelib.domain.refusals import IdempotencyKeyReused
from chalicelib.domain.token_request import TokenInUse, TokenMade, TokenRequest, TooManyTokens
from chalicelib.web.organiser.tokens import TOKENS, NewTokenView, TokenView
from infra.apidoc import samples
from infra.apidoc.calls import Body, Call, Parameter, Reply, ok


class TokenList(Struct, frozen=True):
    """An organiser's tokens, the oldest first."""

    tokens: list[TokenView]


_WHOLE = "You need a token for all events."
_A_TOKEN: dict[str, Any] = {"name": "Front door", "role": "door"}

_ENDS = {"expires_at": "2028-06-01T09:00:00Z"}
"""A year on, as it leaves that out."""

CALLS = (
    Call(
        method="GET",
        path=TOKENS,
        summary="List tokens",
        words=_WHOLE,
        who="organiser",
        replies=(ok(TokenList, "All tokens. An expired token stays in the list for a month."),),
    ),
    Call(
        method="POST",
        path=TOKENS,
        summary="Make a token",
        words="A token is for all events, one event or one session. It lasts a year at most. " + _WHOLE,
        who="organiser",
        parameters=(
            Parameter(
                name="Idempotency-Key",
                place="header",
                words="If you send the same request with the same key again, it makes no second token. It is "
                "refused with `token_made` and the id of the first.",
                example="5f0c1c2e",
            ),
        ),
        body=Body(struct=TokenRequest, example={**_A_TOKEN, "event_id": samples.EVENT_ID}),
        replies=(
            ok(
                NewTokenView,
                "The new token. Copy its text now: we never show it again.",
                status=201,
                shows=_ENDS,
            ),
        ),
        refusals=(IdempotencyKeyReused, TokenMade, TooManyTokens),
    ),
    Call(
        method="DELETE",
        path=TOKENS + "/{token_id}",
        summary="Revoke a token",
        words="The token stops working within a minute. " + _WHOLE,
        who="organiser",
        replies=(Reply(status=204, words="The token is revoked."),),
        refusals=(TokenInUse,),
    ),
)
