"""Revoke a token."""

from chalicelib.domain.organiser import Caller, require_everything
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.token_request import TokenInUse
from chalicelib.store import tokens


def revoke_token(caller: Caller, token_id: str) -> None:
    """Take a token away for good. It works for up to a minute more (web/http/authorizer.py says why).

    The token of the call itself stays, so that a slip locks no organiser out.
    Raises Forbidden, TokenInUse, NotFound (also when it is revoked already), or Busy.
    """
    require_everything(caller)
    if token_id == caller.token_id:
        raise TokenInUse
    if not tokens.delete_token(caller.organiser_id, token_id):
        raise NotFound("There is no such token. Check its id.")
