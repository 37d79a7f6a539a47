"""The admin endpoints, through API Gateway's stand-in and the authorizer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from app import app
from chalicelib.domain.organiser import Role
from chalicelib.store import capacity, events
from chalicelib.store.bookings import every_booking
from chalicelib.store.table import EventItem
from tests.making import booking_for
from tests.web.admin import EVENT, SESSION, Admin, another_token, new_admin, pointers, problem

ROUTES = sorted(
    (method, path) for path, methods in app.routes.items() if path.startswith("/admin") for method in methods
)

BODIES = {
    "/admin/events": {**EVENT, "slug": "another"},
    "/admin/events/{event_id}": {"title": "Mine now"},
    "/admin/events/{event_id}/sessions": SESSION,
    "/admin/events/{event_id}/sessions/{session_id}": {"title": "Mine now"},
    "/admin/events/{event_id}/sessions/{session_id}/capacity": {"capacity": 1},
    "/admin/events/{event_id}/sessions/{session_id}/bookings/{booking}/address": {"email": "a@example.org"},
    "/admin/events/{event_id}/sessions/{session_id}/check-ins": {"reference": "AAAAAAAA", "nonce": "n"},
}


def call(admin: Admin, method: str, path: str, session: str) -> Any:
    """Call a route for the event and session that ``session`` is the path of."""
    parts = session.split("/")
    filled = path.replace("{event_id}", parts[3]).replace("{session_id}", parts[5])
    if "{booking}" in path:
        filled = filled.replace("{booking}", booking_of(session)).replace("{nonce}", "n")
    return admin.send(method, filled, BODIES.get(path) if method != "GET" else None)


def booking_of(session: str) -> str:
    """How a path names a booking in this session; one is made if there is none."""
    _, found = stored(session)
    if found is None:
        return f"{'a' * 32}.{'b' * 24}"
    bookings = list(every_booking(found.session_id)) or [capacity.take(found, booking_for(found, "ada"))]
    return f"{bookings[0].key}.{bookings[0].booking_id}"


def stored(session: str) -> Any:
    """What the table holds of this session and its event."""
    parts = session.split("/")
    return events.find_event(parts[3]), events.find_session(parts[3], parts[5])


# Who may call


def test_every_admin_route_has_the_authorizer() -> None:
    assert len(ROUTES) == 18
    for method, path in ROUTES:
        authorizer = app.routes[path][method].authorizer
        assert authorizer is not None, (method, path)
        assert authorizer.name == "authorizer"


def test_without_a_good_token_every_route_is_shut(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    assert admin.token is not None
    before = stored(session)
    expired = new_admin(now=datetime.now(UTC) - timedelta(days=366))
    wrong_secret = admin.token[:-1] + ("b" if admin.token[-1] == "a" else "a")
    unknown = f"turnout_{'a' * 16}_{'b' * 16}_{'c' * 24}"
    for method, path in ROUTES:
        assert call(Admin(None), method, path, session).status_code == 401, (method, path)
        for token in ("garbage", unknown, wrong_secret, expired.token, admin.token + "a", ""):
            assert call(Admin(token), method, path, session).status_code == 403, (method, path, token)
    assert stored(session) == before
    assert [event["slug"] for event in admin.get("/admin/events").json_body["events"]] == [EVENT["slug"]]


def test_another_organisers_events_are_not_found_on_any_route(table: Any) -> None:
    admin, stranger = new_admin(), new_admin()
    session = admin.new_session(admin.new_event())
    before = stored(session)
    for method, path in ROUTES:
        if path != "/admin/events":
            assert problem(call(stranger, method, path, session)) == (404, "not_found"), (method, path)
            nowhere = call(admin, method, path, "/admin/events/aaaa/sessions/bbbb")
            assert problem(nowhere) == (404, "not_found"), (method, path)
    assert stranger.get("/admin/events").json_body == {"events": []}
    assert stored(session) == before


@pytest.mark.parametrize(("role", "has_bookings"), [("host", True), ("door", False)])
def test_a_host_has_the_bookings_and_neither_host_nor_door_changes_anything_else(
    table: Any, role: Role, has_bookings: bool
) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    before = stored(session)
    helping = another_token(admin, role=role)
    for method, path in ROUTES:
        answer = call(helping, method, path, session)
        if "/check-ins" in path:
            # They may, but nobody is there.
            assert problem(answer) == (404, "not_found"), (method, path)
        elif has_bookings if "/bookings" in path else method == "GET":
            assert answer.status_code < 300, (method, path)
        else:
            assert problem(answer) == (403, "forbidden"), (method, path)
    assert stored(session) == before


def test_a_token_for_one_event_reaches_that_event_and_no_other(table: Any) -> None:
    admin = new_admin()
    mine, other = admin.new_event(slug="mine"), admin.new_event(slug="other")
    narrow = another_token(admin, scope=f"event:{mine.split('/')[-1]}")
    assert [event["slug"] for event in narrow.get("/admin/events").json_body["events"]] == ["mine"]
    assert narrow.patch(mine, {"title": "Changed"}).status_code == 200
    assert problem(narrow.patch(other, {"title": "Changed"})) == (404, "not_found")
    assert problem(narrow.post("/admin/events", {**EVENT, "slug": "new"})) == (403, "forbidden")


def test_a_token_for_one_session_reaches_that_session_and_no_other(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    mine, other = admin.new_session(event), admin.new_session(event)
    _, _, _, event_id, _, session_id = mine.split("/")
    narrow = another_token(admin, role="host", scope=f"session:{event_id}:{session_id}")
    assert narrow.get(f"{mine}/bookings").status_code == 200
    assert problem(narrow.get(f"{other}/bookings")) == (404, "not_found")
    assert problem(narrow.get(event)) == (404, "not_found")


# Events


def test_an_event_is_created_as_a_draft_and_read_back(table: Any) -> None:
    admin = new_admin()
    full: dict[str, Any] = {
        "slug": "social-care-curry",
        "title": "  Social   Care Curry ",
        "description": "One evening.\r\nMany towns.",
        "language": "en-GB",
        "opens_at": "2100-06-01T10:00:00+01:00",
        "closes_at": "2100-09-05T12:00:00Z",
        "places_per_booking_max": 8,
        "bookings_per_address_max": 2,
        "questions": [
            {"question_id": "diet", "kind": "choice", "label": " Your  diet", "choices": ["any", "vegan"]},
            {"question_id": "first_time", "kind": "yes_no", "label": "Your first time?", "required": True},
        ],
        "reply_to": "Hosts@Example.org",
        "return_urls": ["https://www.example.org/thanks?x=1"],
        "allowed_origins": ["https://WWW.example.org:443/"],
    }
    created = admin.post("/admin/events", full)
    assert created.status_code == 201
    event_id = created.json_body["event_id"]
    assert created.headers["Location"] == f"https://book.example.org/v1/admin/events/{event_id}"
    assert created.json_body == {
        **full,
        "event_id": event_id,
        "status": "draft",
        "title": "Social Care Curry",
        "questions": [
            {**full["questions"][0], "label": "Your diet", "required": False},
            {**full["questions"][1], "choices": []},
        ],
        "description": "One evening.\nMany towns.",
        "opens_at": "2100-06-01T09:00:00Z",
        "reply_to": "hosts@example.org",
        "allowed_origins": ["https://www.example.org"],
        "public_url": "https://book.example.org/v1/events/social-care-curry",
        "version": 1,
    }
    read = admin.get(created.headers["Location"])
    assert (read.status_code, read.json_body) == (200, created.json_body)
    assert read.headers["Cache-Control"] == "no-store"
    assert admin.get("/admin/events").json_body == {"events": [created.json_body]}


def test_a_taken_slug_is_refused_also_to_another_organiser(table: Any) -> None:
    new_admin().new_event()
    assert problem(new_admin().post("/admin/events", EVENT)) == (409, "slug_taken")


def test_publishing_makes_an_event_public_once(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    first = admin.post(f"{event}/publish")
    again = admin.post(f"{event}/publish")
    assert first.json_body["status"] == "published"
    assert first.json_body == again.json_body
    assert admin.get(event).json_body == first.json_body


def test_a_patch_changes_what_it_names_and_null_takes_away(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event(reply_to="a@example.org", description="Old", places_per_booking_max=4)
    before = admin.get(event).json_body
    after = admin.patch(event, {"reply_to": None, "description": "New"})
    assert after.status_code == 200
    assert after.json_body == {**before, "reply_to": None, "description": "New", "version": 2}
    assert admin.get(event).json_body == after.json_body


def test_a_slug_does_not_change(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    assert pointers(admin.patch(event, {"slug": "other"})) == ["/slug"]
    assert admin.patch(event, {"slug": EVENT["slug"], "title": "T"}).status_code == 200


def test_a_cancelled_event_takes_no_change_and_no_session(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    EventItem(f"EVENT#{event.split('/')[-1]}", "EVENT").update([EventItem.status.set("cancelled")])
    for answer in (
        admin.patch(event, {"title": "T"}),
        admin.post(f"{event}/publish"),
        admin.post(f"{event}/sessions", SESSION),
    ):
        assert problem(answer) == (409, "cancelled")


def test_whoever_read_an_older_version_changes_nothing(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    session = admin.new_session(event)
    for path in (event, session):
        tag = admin.get(path).headers["ETag"]
        changed = admin.patch(path, {"title": "First"}, If_Match=tag)
        assert changed.status_code == 200
        for late in (tag, f"W/{changed.headers['ETag']}", "garbage", ""):
            assert problem(admin.patch(path, {"title": "Late"}, If_Match=late)) == (412, "changed_meanwhile")
        assert admin.get(path).json_body["title"] == "First"
        assert admin.patch(path, {"title": "Any"}, If_Match="*").status_code == 200


# Sessions


def test_a_session_is_created_with_its_places_and_read_back(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event(closes_at="2100-09-05T12:00:00Z")
    created = admin.post(f"{event}/sessions", SESSION)
    assert created.status_code == 201
    event_id, session_id = event.split("/")[-1], created.json_body["session_id"]
    assert created.headers["Location"].endswith(f"{event}/sessions/{session_id}")
    assert created.json_body == {
        **SESSION,
        "session_id": session_id,
        "event_id": event_id,
        "status": "open",
        "starts_at": "2100-09-05T18:00:00Z",
        "ends_at": "2100-09-05T21:00:00Z",
        "closes_at": None,
        "booking_closes_at": "2100-09-05T12:00:00Z",
        "places_free": 30,
        "version": 1,
    }
    assert admin.get(created.headers["Location"]).json_body == created.json_body
    assert admin.get(f"{event}/sessions").json_body == {"sessions": [created.json_body]}
    assert admin.get(created.headers["Location"]).headers["ETag"] == '"1"'


def test_places_free_falls_as_people_book(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    capacity.take(stored(session)[1], booking_for(stored(session)[1], "ada", places=4))
    assert admin.get(session).json_body["places_free"] == 26


def test_a_session_moves_also_under_people_who_booked_it(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    capacity.take(stored(session)[1], booking_for(stored(session)[1], "ada"))
    moved = admin.patch(
        session, {"venue": "Elsewhere", "starts_local": "2100-09-05T18:30:00"}, If_Match='"1"'
    )
    assert moved.status_code == 200
    assert (moved.json_body["venue"], moved.json_body["starts_at"]) == ("Elsewhere", "2100-09-05T17:30:00Z")
    assert moved.json_body.keys() == admin.get(session).json_body.keys()


def test_a_session_that_is_over_moves_no_more(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    now_stored = stored(session)[1]
    over = {"starts_local": datetime(2026, 1, 9, 19), "ends_local": datetime(2026, 1, 9, 22)}
    events.save_session(msgspec.structs.replace(now_stored, version=2, **over), 1)
    assert problem(admin.patch(session, {"venue": "Elsewhere"})) == (409, "session_over")
    assert admin.patch(session, {"title": "Last year's"}).json_body["title"] == "Last year's"


def test_what_calendars_were_told_has_a_sequence_that_rises_with_it(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    told = []
    for patch in ({"closes_at": "2100-09-01T00:00:00Z"}, {"venue": "A"}, {"title": "B"}, {"venue": "A"}):
        admin.patch(session, patch)
        told.append(stored(session)[1].sequence)
    assert told == [0, 1, 1, 1]


def test_capacity_changes_by_a_call_of_its_own(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    assert pointers(admin.patch(session, {"capacity": 40})) == ["/capacity"]
    larger = admin.post(f"{session}/capacity", {"capacity": 40})
    assert (larger.json_body["capacity"], larger.json_body["places_free"]) == (40, 40)
    capacity.take(stored(session)[1], booking_for(stored(session)[1], "ada", places=5))
    smaller = admin.post(f"{session}/capacity", {"capacity": 4})
    assert problem(smaller) == (409, "below_booked")
    assert smaller.json_body["capacity_min"] == 5
    for wrong in (0, -1, 100_001, "ten", 1.5, None, True):
        assert pointers(admin.post(f"{session}/capacity", {"capacity": wrong})) == ["/capacity"]


def test_a_session_closes_reopens_and_is_cancelled_for_good(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    seen = [
        admin.post(f"{session}/{verb}").json_body["status"]
        for verb in ("close", "close", "reopen", "reopen", "close", "cancel", "cancel")
    ]
    assert seen == ["closed", "closed", "open", "open", "closed", "cancelled", "cancelled"]
    for verb in ("close", "reopen"):
        assert problem(admin.post(f"{session}/{verb}")) == (409, "cancelled")
    assert problem(admin.post(f"{session}/capacity", {"capacity": 5})) == (409, "cancelled")
    assert problem(admin.patch(session, {"title": "T"})) == (409, "cancelled")
    assert admin.get(session).json_body["status"] == "cancelled"
