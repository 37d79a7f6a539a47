"""Who may call what: every admin route with every role in every scope, and with no token at all.

A route without a row in ROWS fails the first test.
"""

import copy
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chalice.test import HTTPResponse
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from msgspec import Struct
from msgspec.structs import replace

from app import app
from chalicelib.domain.organiser import ROLES, Role
from chalicelib.settings import settings
from chalicelib.store import capacity, events
from chalicelib.store.bookings import find_booking, item_from
from tests.engines import REGION, forget_process_state
from tests.making import booking_for
from tests.web.admin import EVENT, SESSION, Admin, another_token, new_admin, problem
from tests.web.conftest import NOW


class World(Struct):
    """An organiser with two events and a booking in a session of the first; and what paths call these."""

    owner: Admin
    names: dict[str, str]


class Row(Struct):
    """A route: the least role that may call it, a call that succeeds, and what that is answered with."""

    method: str
    path: str
    least: Role
    body: object = None
    """What it sends, or what makes that of the world."""
    status: int = 200
    whole: bool = False
    """Whether only a token for all of an organiser's events may call it."""
    parts: bool = False
    """Whether a token for one session may call it too, and hears of that session alone."""
    prepare: Callable[[World], None] | None = None
    """Makes what the call needs beside an event, a session and a booking, and names it."""


TOKENS = "/admin/tokens"
EVENTS = "/admin/events"
ONE_EVENT = EVENTS + "/{event_id}"
SESSIONS = ONE_EVENT + "/sessions"
ONE_SESSION = SESSIONS + "/{session_id}"
BOOKINGS = ONE_SESSION + "/bookings"


def close(world: World) -> None:
    assert world.owner.post(ONE_SESSION.format_map(world.names) + "/close").status_code == 200


def check_in_of(world: World) -> object:
    return {"reference": world.names["booking"].partition(".")[2][:8].upper(), "nonce": "scan"}


def previewed(world: World) -> object:
    return {"bookings": [{"booking": world.names["booking"], "version": 1}], "tell": True}


def checked_in(world: World) -> None:
    path = ONE_SESSION.format_map(world.names) + "/check-ins"
    assert world.owner.post(path, check_in_of(world)).status_code == 201
    world.names["nonce"] = "scan"


def publish(world: World) -> None:
    assert world.owner.post(ONE_EVENT.format_map(world.names) + "/publish").status_code == 200


def mailed_long_ago(world: World) -> None:
    booking = find_booking(world.names["session_id"], world.names["booking"].partition(".")[0])
    assert booking is not None
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    item_from(replace(booking, mailed_at=long_ago, changed_at=long_ago)).save()


def unbooked(world: World) -> None:
    event = ONE_EVENT.format_map(world.names)
    world.names["session_id"] = world.owner.new_session(event).split("/")[-1]


def unbooked_draft(world: World) -> None:
    world.names["event_id"] = world.owner.new_event(slug="draft").split("/")[-1]
    unbooked(world)


def another_door(world: World) -> None:
    world.names["token_id"] = another_token(world.owner, role="door").token_id


ROWS = (
    Row("GET", EVENTS, "door"),
    Row("POST", EVENTS, "organiser", {**EVENT, "slug": "another"}, 201, whole=True),
    Row("GET", TOKENS, "organiser", whole=True),
    Row("POST", TOKENS, "organiser", {"name": "Front door", "role": "door"}, 201, whole=True),
    Row("DELETE", TOKENS + "/{token_id}", "organiser", status=204, whole=True, prepare=another_door),
    Row("GET", ONE_EVENT, "door"),
    Row("GET", ONE_EVENT + "/figures", "host"),
    Row("PATCH", ONE_EVENT, "organiser", {"title": "New"}),
    Row("POST", ONE_EVENT + "/publish", "organiser"),
    Row("POST", ONE_EVENT + "/cancel", "organiser", prepare=publish),
    Row("DELETE", ONE_EVENT, "organiser", status=204, prepare=unbooked_draft),
    Row("GET", ONE_EVENT + "/bookings?q=ada", "host", parts=True),
    Row("GET", SESSIONS, "door"),
    Row("POST", SESSIONS, "organiser", SESSION, 201),
    Row("GET", ONE_SESSION, "door"),
    Row("PATCH", ONE_SESSION, "organiser", {"title": "New"}),
    Row("POST", ONE_SESSION + "/capacity", "organiser", {"capacity": 40}),
    Row("POST", ONE_SESSION + "/close", "organiser"),
    Row("POST", ONE_SESSION + "/reopen", "organiser", prepare=close),
    Row("POST", ONE_SESSION + "/cancel", "organiser"),
    Row("DELETE", ONE_SESSION, "organiser", status=204, prepare=unbooked),
    Row("GET", BOOKINGS, "host"),
    Row("POST", BOOKINGS, "host", {"name": "Eve", "email": "eve@example.org"}, 201, prepare=publish),
    Row("GET", BOOKINGS + "/{booking}", "host"),
    Row("POST", ONE_SESSION + "/check-ins", "door", check_in_of, 201),
    Row("DELETE", BOOKINGS + "/{booking}/check-ins/{nonce}", "door", prepare=checked_in),
    Row("POST", BOOKINGS + "/{booking}/cancel", "host"),
    Row("GET", ONE_SESSION + "/bookings.csv", "host"),
    Row("GET", ONE_SESSION + "/sources", "host"),
    Row("POST", ONE_SESSION + "/cancel-bookings", "host", previewed),
    Row("GET", ONE_SESSION + "/mails", "host"),
    Row("POST", BOOKINGS + "/{booking}/send-again", "host", prepare=mailed_long_ago),
    Row("POST", BOOKINGS + "/{booking}/address", "host", {"email": "new@example.org"}),
)  # fmt: skip

SCOPES = {
    "all events": "organiser",
    "the event": "event:{event_id}",
    "another event": "event:{other_event_id}",
    "the session": "session:{event_id}:{session_id}",
    "another session": "session:{event_id}:{other_session_id}",
}


def new_world(row: Row) -> World:
    owner = new_admin()
    event = owner.new_event()
    # Soon, so that its door is open.
    starts = NOW.replace(tzinfo=None) + timedelta(hours=1)
    times = {"starts_local": f"{starts:%FT%T}", "ends_local": f"{starts + timedelta(hours=3):%FT%T}"}
    session_id = owner.new_session(event, zone="UTC", **times).split("/")[-1]
    event_id = event.split("/")[-1]
    session = events.find_session(event_id, session_id)
    assert session is not None
    booking = capacity.take(session, booking_for(session, "ada"))
    names = {
        "event_id": event_id,
        "session_id": session_id,
        "booking": f"{booking.key}.{booking.booking_id}",
        "other_event_id": owner.new_event(slug="other").split("/")[-1],
        "other_session_id": owner.new_session(event).split("/")[-1],
    }
    world = World(owner, names)
    if row.prepare is not None:
        row.prepare(world)
    return world


def call(admin: Admin, row: Row, world: World) -> HTTPResponse:
    body = row.body(world) if callable(row.body) else row.body
    return admin.send(row.method, row.path.format_map(world.names), body, If_Match="*")


def expected(row: Row, role: Role, scope: str) -> int:
    """What docs/architecture.md and domain/organiser.py promise such a token."""
    if row.path.endswith("/figures"):
        # A token for one session sees its own there.
        reaches = scope != "another event"
    elif "{session_id}" in row.path:
        reaches = scope in ("all events", "the event", "the session")
    elif row.parts:
        reaches = scope != "another event"
    else:
        reaches = scope in ("all events", "the event") or "{event_id}" not in row.path
    if not reaches:
        return 404
    if ROLES.index(role) > ROLES.index(row.least) or (row.whole and scope != "all events"):
        return 403
    return row.status


def test_every_admin_route_has_a_row_and_the_authorizer() -> None:
    routes = {
        (method, path): entry
        for path, methods in app.routes.items()
        for method, entry in methods.items()
        if path.startswith("/admin")
    }
    assert sorted((row.method, row.path.partition("?")[0]) for row in ROWS) == sorted(routes)
    for entry in routes.values():
        assert entry.authorizer is not None
        assert entry.authorizer.name == "authorizer"


each_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path}")


@each_row
def test_every_role_reaches_just_what_its_scope_and_rank_allow(table: Any, row: Row) -> None:
    world = new_world(row)
    tokens = {
        (role, scope): another_token(world.owner, role=role, scope=spelt.format_map(world.names))
        for role in ROLES
        for scope, spelt in SCOPES.items()
    }
    before = stored()
    for (role, scope), token in tokens.items():
        answer = call(token, row, world)
        promised = expected(row, role, scope)
        assert answer.status_code == promised, (role, scope, answer.body)
        if promised < 400:
            put_back(before)
        else:
            assert problem(answer) == (promised, {403: "forbidden", 404: "not_found"}[promised])
            assert stored() == before, (role, scope)


@each_row
def test_another_organisers_token_reaches_nothing_of_it(table: Any, row: Row) -> None:
    world = new_world(row)
    stranger = new_admin()
    before = stored()
    answer = call(stranger, row, world)
    if "{" in row.path:
        assert problem(answer) == (404, "not_found")
        assert stored() == before
        return
    assert answer.status_code == row.status
    shown = answer.body.decode()
    assert not [name for name in world.names.values() if name in shown]
    after = stored()
    assert {key: after[key] for key in before} == before


@each_row
def test_without_a_good_token_it_is_shut(table: Any, row: Row) -> None:
    world = new_world(row)
    token = world.owner.token
    assert token is not None
    expired = new_admin(now=NOW - timedelta(days=366))
    before = stored()
    assert call(Admin(None), row, world).status_code == 401
    wrong_secret = token[:-1] + ("b" if token[-1] == "a" else "a")
    unknown = f"turnout_{'a' * 16}_{'b' * 16}_{'c' * 24}"
    for bad in ("garbage", unknown, wrong_secret, expired.token, token + "a", ""):
        assert call(Admin(bad), row, world).status_code == 403, bad
    assert stored() == before


def stored() -> dict[tuple[str, str], Any]:
    """All that the table holds, straight out of moto: scans through its front door take long."""
    found = [item.to_json()["Attributes"] for item in moto_table().all_items()]
    return {(item["PK"]["S"], item["SK"]["S"]): copy.deepcopy(item) for item in found}


def put_back(items: dict[tuple[str, str], Any]) -> None:
    """Make the table hold just these."""
    moto_table().items.clear()
    for item in items.values():
        moto_table().put_item(copy.deepcopy(item))
    forget_process_state()


def moto_table() -> Any:
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[settings().table]
