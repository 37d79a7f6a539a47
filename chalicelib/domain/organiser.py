"""Who may call the admin endpoints, and how far each token reaches.

An organiser runs its events; a host runs one session of them; the door checks people in. Each
role may do what the ones after it may. A token's scope is one of

    organiser                           all events of its organiser
    event:<event_id>                    one of them, with its sessions
    session:<event_id>:<session_id>     one session

What is out of a token's scope is NotFound for it, as if it weren't there: ids are no secret, but
who they belong to is. What is in its scope and above its role is Forbidden.
"""

import hmac
import re
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from chalicelib.domain.event import Event
from chalicelib.domain.ids import token_hash
from chalicelib.domain.refusals import Forbidden, NotFound
from chalicelib.domain.session import Session

Role = Literal["organiser", "host", "door"]
ROLES: tuple[Role, ...] = ("organiser", "host", "door")
"""From the furthest reach to the least."""

EVERYTHING = "organiser"
"""The scope of a token that reaches all events of its organiser."""

TOKEN_LIFETIME = timedelta(days=365)

_TOKEN = re.compile(r"turnout_([a-z2-7]{16})_([a-z2-7]{16})_([a-z2-7]{24})")


class Organiser(Struct, frozen=True, kw_only=True):
    """Who announces events."""

    organiser_id: str
    name: str
    created_at: datetime


class OrganisersToken(Struct, frozen=True, kw_only=True):
    """What an organiser is shown of a token."""

    token_id: str
    name: str
    """What its organiser calls it, like "Front door"."""
    role: Role


class Token(OrganisersToken, frozen=True, kw_only=True):
    """A token as stored: what it opens and until when, and of the token itself only a hash."""

    organiser_id: str
    scope: str
    token_hash: str
    created_at: datetime
    expires_at: datetime
    fingerprint: str = ""
    """Of the request that made it, if that had an Idempotency-Key (domain/once.py)."""


class TokenClaim(Struct, frozen=True):
    """Which token a text claims to be."""

    organiser_id: str
    token_id: str


class Caller(Struct, frozen=True, kw_only=True):
    """Who is calling, as the authorizer found out."""

    organiser_id: str
    role: Role
    scope: str
    token_id: str
    token_name: str

    def reaches(self, event_id: str, session_id: str | None = None) -> bool:
        """Return whether this event, or this session of it, is in the scope."""
        match self.scope.split(":"):
            case ["organiser"]:
                return True
            case ["event", scoped_event_id]:
                return scoped_event_id == event_id
            case ["session", scoped_event_id, scoped_session_id]:
                return (scoped_event_id, scoped_session_id) == (event_id, session_id)
        return False

    @property
    def only_session(self) -> str | None:
        """The session that is all this token reaches; None if it reaches whole events."""
        kind, *ids = self.scope.split(":")
        return ids[1] if kind == "session" else None


def token_text(organiser_id: str, token_id: str, secret: str) -> str:
    """Return the token as its owner keeps it. All three parts are ids (domain/ids.py)."""
    return f"turnout_{organiser_id}_{token_id}_{secret}"


def claimed_token(text: str) -> TokenClaim | None:
    """Return which token this text claims to be, or None if it can't be one of ours."""
    match = _TOKEN.fullmatch(text)
    return TokenClaim(match[1], match[2]) if match else None


def caller_with(text: str, token: Token, now: datetime) -> Caller | None:
    """Return who is calling with this text, or None if it isn't this token or its time is over."""
    same = hmac.compare_digest(token_hash(text), token.token_hash)
    if not same or now >= token.expires_at:
        return None
    return Caller(
        organiser_id=token.organiser_id,
        role=token.role,
        scope=token.scope,
        token_id=token.token_id,
        token_name=token.name,
    )


def require_role(caller: Caller, least: Role) -> None:
    """Refuse with Forbidden a caller whose role reaches less far than ``least``."""
    if ROLES.index(caller.role) > ROLES.index(least):
        raise Forbidden("The role of your token does not allow this. Use a token with another role.")


def require_everything(caller: Caller) -> None:
    """Refuse with Forbidden a caller whose token is not for all that its organiser has."""
    require_role(caller, "organiser")
    if caller.scope != EVERYTHING:
        raise Forbidden("Your token is for some of your events. Use a token for all events.")


def require_event(caller: Caller, event: Event | None, least: Role) -> Event:
    """Return the event if this caller may do to it what needs the role ``least``.

    Raises NotFound if there is none or it is not the caller's, then Forbidden.
    """
    if event is None or event.organiser_id != caller.organiser_id or not caller.reaches(event.event_id):
        raise NotFound("There is no such event, or your token does not cover it.")
    require_role(caller, least)
    return event


def require_session(caller: Caller, session: Session | None, least: Role) -> Session:
    """Return the session if this caller may do to it what needs the role ``least``.

    Raises NotFound if there is none or it is not the caller's, then Forbidden.
    """
    if (
        session is None
        or session.organiser_id != caller.organiser_id
        or not caller.reaches(session.event_id, session.session_id)
    ):
        raise NotFound("There is no such session, or your token does not cover it.")
    require_role(caller, least)
    return session
