"""Who is calling, and what the calls to one event or one session of it have in common."""

import re
import secrets
from collections.abc import Mapping
from typing import cast
from urllib.parse import unquote

from chalice.app import Blueprint, Request

from chalicelib.domain.ids import SHORT_ID_ENTROPY_BYTES, new_id
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.organiser import Caller, Role, require_session
from chalicelib.domain.refusals import FieldError, Invalid, NotFound
from chalicelib.domain.session import Session
from chalicelib.store.events import find_session

PAGE_LENGTH = 50
PAGE_LENGTH_MAX = 100

EVENTS = "/admin/events"
EVENT = EVENTS + "/{event_id}"
SESSIONS = EVENT + "/sessions"
SESSION = SESSIONS + "/{session_id}"
BOOKINGS = SESSION + "/bookings"
BOOKING = BOOKINGS + "/{booking}"

_BOOKING = re.compile(r"([a-z2-7]{32})\.([a-z2-7]{24})")


def request_of(blueprint: Blueprint) -> Request:
    """Return the request that this blueprint's route is answering."""
    request = blueprint.current_request
    assert isinstance(request, Request)  # noqa: S101  # Chalice sets it before it calls a route
    return request


def caller_of(blueprint: Blueprint) -> Caller:
    """Return who is calling, as the authorizer told API Gateway."""
    known = request_of(blueprint).context["authorizer"]
    return Caller(
        organiser_id=known["organiser_id"],
        role=cast(Role, known["role"]),
        scope=known["scope"],
        token_id=known["token_id"],
        token_name=unquote(known["token_name"]),
    )


def query_of(blueprint: Blueprint) -> Mapping[str, str]:
    """Return the request's query parameters, each with its last value."""
    return request_of(blueprint).query_params or {}


def session_for(caller: Caller, event_id: str, session_id: str, least: Role) -> Session:
    """Return the session as it is now, if this caller may do to it what needs the role ``least``.

    Raises NotFound, or Forbidden.
    """
    return require_session(caller, find_session(event_id, session_id), least)


def booking_address(session_id: str, booking: str) -> BookingAddress:
    """Return which booking a path's ``{booking}`` names: its key and its booking_id, with a dot between.

    Raises NotFound for anything else. Whether it is there is for store.bookings.require_booking to say.
    """
    named = _BOOKING.fullmatch(booking)
    if named is None:
        raise NotFound("There is no such booking in this session.")
    return BookingAddress(session_id, named[1], named[2])


def new_short_id() -> str:
    """Return the id of something that its id alone doesn't open."""
    return new_id(secrets.token_bytes(SHORT_ID_ENTROPY_BYTES))


def page_length(text: str | None) -> int:
    """Return the length of a page that ``?limit=`` asks for, or raise Invalid."""
    if text is None:
        return PAGE_LENGTH
    length = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not 1 <= length <= PAGE_LENGTH_MAX:
        raise Invalid([FieldError("/limit", "limit", f"A page has 1 to {PAGE_LENGTH_MAX} entries.")])
    return length
