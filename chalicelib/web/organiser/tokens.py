"""An organiser's tokens: who else may call, and how far they reach."""

from datetime import datetime

from chalice.app import Blueprint, Response

from chalicelib.actions.people.create_token import create_token
from chalicelib.actions.people.list_tokens import list_tokens
from chalicelib.actions.people.revoke_token import revoke_token
from chalicelib.domain.organiser import OrganisersToken, Role, Token
from chalicelib.domain.token_request import read_token_request
from chalicelib.web.event.urls import event_admin_url, events_admin_url, session_admin_url
from chalicelib.web.http.authorizer import authorizer
from chalicelib.web.http.caller import caller_of
from chalicelib.web.http.chance import new_long_id, new_short_id
from chalicelib.web.http.forms import once_of
from chalicelib.web.http.replies import json_reply, no_content, read_json, refusals_as_problems
from chalicelib.web.http.requests import request_of
from chalicelib.web.http.shown import shown
from chalicelib.web.http.utc_now import utc_now

blueprint = Blueprint(__name__)

TOKENS = "/admin/tokens"


class TokenView(OrganisersToken, frozen=True, kw_only=True):
    """A token as its organiser sees it. Without ``event_id`` it is for all events.

    ``links`` are the calls that its holder can start with, by name.
    """

    event_id: str | None
    session_id: str | None
    created_at: datetime
    expires_at: datetime
    links: dict[str, str]


class NewTokenView(TokenView, frozen=True, kw_only=True):
    """A new token. ``token`` is its text, which we never show again."""

    token: str


@blueprint.route(TOKENS, methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_token() -> Response:
    """Make a token. Its text is in this answer and nowhere else."""
    now = utc_now()
    body = read_json(request_of(blueprint))
    token, text = create_token(
        caller_of(blueprint),
        read_token_request(body, now),
        now=now,
        token_id=new_short_id(),
        secret=new_long_id(),
        once=once_of(request_of(blueprint), body),
    )
    return json_reply(shown(NewTokenView, _view(token), token=text), 201)


@blueprint.route(TOKENS, methods=["GET"], authorizer=authorizer)
@refusals_as_problems
def get_tokens() -> Response:
    """List the tokens, the oldest first. An expired token stays in the list for a month."""
    return json_reply({"tokens": [_view(token) for token in list_tokens(caller_of(blueprint))]})


@blueprint.route(TOKENS + "/{token_id}", methods=["DELETE"], authorizer=authorizer)
@refusals_as_problems
def delete_token(token_id: str) -> Response:
    """Revoke a token: it stops working within a minute."""
    revoke_token(caller_of(blueprint), token_id)
    return no_content()


def _view(token: Token) -> TokenView:
    _, event_id, session_id = [*token.scope.split(":"), None, None][:3]
    links = _links(token.role, event_id, session_id)
    return shown(TokenView, token, event_id=event_id, session_id=session_id, links=links)


def _links(role: Role, event_id: str | None, session_id: str | None) -> dict[str, str]:
    if event_id is None:
        return {"events": events_admin_url()}
    if session_id is None:
        return {"event": event_admin_url(event_id), "sessions": event_admin_url(event_id) + "/sessions"}
    session = session_admin_url(event_id, session_id)
    # A token for one session does not reach its event, and a door does not see who booked.
    bookings = {} if role == "door" else {"bookings": f"{session}/bookings"}
    return {"session": session, **bookings, "check_ins": f"{session}/check-ins"}
