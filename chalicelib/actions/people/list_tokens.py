"""List an organiser's tokens."""

from chalicelib.domain.organiser import Caller, Token, require_everything
from chalicelib.store.tokens import tokens_of


def list_tokens(caller: Caller) -> list[Token]:
    """Return all tokens of the caller's organiser, the oldest first. Raises Forbidden."""
    require_everything(caller)
    return tokens_of(caller.organiser_id)
