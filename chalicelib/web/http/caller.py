"""Who is calling, as the authorizer told API Gateway."""

from typing import cast
from urllib.parse import unquote

from chalice.app import Blueprint

from chalicelib.domain.organiser import Caller, Role
from chalicelib.web.http.requests import request_of


def caller_of(blueprint: Blueprint) -> Caller:
    """Return who sent the request that this blueprint's route is answering, which takes a token."""
    known = request_of(blueprint).context["authorizer"]
    return Caller(
        organiser_id=known["organiser_id"],
        role=cast(Role, known["role"]),
        scope=known["scope"],
        token_id=known["token_id"],
        token_name=unquote(known["token_name"]),
    )
