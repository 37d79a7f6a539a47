"""Who may call the admin endpoints: bearer tokens, checked in a Lambda of their own.

API Gateway keeps each answer for a minute, so a token that expires or is taken away
works for up to a minute more.
"""

from datetime import datetime
from urllib.parse import quote

from chalice.app import AuthRequest, AuthResponse, Blueprint

from chalicelib.domain.organiser import Caller, caller_with, claimed_token
from chalicelib.store.tokens import find_token
from chalicelib.web.http.utc_now import utc_now

blueprint = Blueprint(__name__)

_NOBODY = AuthResponse(routes=[], principal_id="nobody")


@blueprint.authorizer(ttl_seconds=60, name="authorizer")
def authorizer(request: AuthRequest) -> AuthResponse:
    """Allow the owner of a token everything here, and tell the routes who is calling.

    The answer is kept by token, whatever was called with it, so it has to hold for all routes;
    what a caller may do is for the actions to decide. Nobody we know may call nothing.
    """
    caller = _caller(request.token, utc_now())
    if caller is None:
        return _NOBODY
    context = {
        "organiser_id": caller.organiser_id,
        "role": caller.role,
        "scope": caller.scope,
        "token_id": caller.token_id,
        # In ASCII without quotes: API Gateway writes what it kept of this into JSON as it is.
        "token_name": quote(caller.token_name, safe=""),
    }
    return AuthResponse(routes=["*"], principal_id=caller.organiser_id, context=context)


def _caller(header: str, now: datetime) -> Caller | None:
    # The scheme's name is case-insensitive (RFC 9110, section 11.1).
    scheme, _, text = header.strip().partition(" ")
    claim = claimed_token(text.strip())
    if scheme.lower() != "bearer" or claim is None:
        return None
    token = find_token(claim.organiser_id, claim.token_id)
    return None if token is None else caller_with(text.strip(), token, now)
