"""What organisers call about tokens (web/organiser/tokens.py)."""

from typing import Any

from msgspec import Struct

from chalicelib.domain.token_request import TokenInUse, TokenRequest, TooManyTokens
from chalicelib.web.organiser.tokens import TOKENS, NewTokenView, TokenView
from infra.apidoc import samples
from infra.apidoc.calls import Body, Call, Reply, ok


class TokenList(Struct, frozen=True):
    """An organiser's tokens, the oldest first."""

    tokens: list[TokenView]


_WHOLE = "It takes a token for all events."
_A_TOKEN: dict[str, Any] = {"name": "Front door", "role": "door"}

CALLS = (
    Call(
        method="GET",
        path=TOKENS,
        summary="List tokens",
        words=_WHOLE,
        who="organiser",
        replies=(ok(TokenList, "All of them; those that expired too, for a month."),),
    ),
    Call(
        method="POST",
        path=TOKENS,
        summary="Make a token",
        words="For all events, for one, or for one session of it; it lasts a year at most. " + _WHOLE,
        who="organiser",
        body=Body(struct=TokenRequest, example={**_A_TOKEN, "event_id": samples.EVENT_ID}),
        replies=(ok(NewTokenView, "Made. Its text is in this answer and nowhere else.", status=201),),
        refusals=(TooManyTokens,),
    ),
    Call(
        method="DELETE",
        path=TOKENS + "/{token_id}",
        summary="Revoke a token",
        words="Within a minute it opens nothing. " + _WHOLE,
        who="organiser",
        replies=(Reply(status=204, words="It is gone."),),
        refusals=(TokenInUse,),
    ),
)
