"""Tokens, as their organiser makes, lists and revokes them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.store.table import TokenItem
from tests.web.admin import Admin, new_admin, pointers, problem
from tests.web.conftest import Clock

TOKENS = "/admin/tokens"


def test_a_token_is_shown_whole_once_and_works(table: Any, clock: Clock) -> None:
    admin = new_admin()
    clock.now += timedelta(seconds=1)
    event = admin.new_event()
    session = admin.new_session(event)
    _, _, _, event_id, _, session_id = session.split("/")
    asked = {"name": ' Zoë\'s  "Café" ', "role": "host", "event_id": event_id, "session_id": session_id}
    created = admin.post(TOKENS, {**asked, "expires_at": "2027-12-01T10:00:00+01:00"})
    assert created.status_code == 201
    assert created.headers["Cache-Control"] == "no-store"
    shown = dict(created.json_body)
    host = Admin(shown.pop("token"))
    session_url = f"https://book.example.org/v1{session}"
    assert shown == {
        **asked,
        "name": 'Zoë\'s "Café"',
        "token_id": host.token_id,
        "created_at": shown["created_at"],
        "expires_at": "2027-12-01T09:00:00Z",
        "links": {
            "session": session_url,
            "bookings": f"{session_url}/bookings",
            "check_ins": f"{session_url}/check-ins",
        },
    }
    assert host.get(f"{session}/bookings").status_code == 200
    assert problem(host.get(event)) == (404, "not_found")

    listed = admin.get(TOKENS)
    first, second = listed.json_body["tokens"]
    assert second == shown
    assert (first["name"], first["role"], first["token_id"]) == ("First token", "organiser", admin.token_id)
    assert (first["event_id"], first["session_id"]) == (None, None)
    secrets = [token.split("_")[3] for token in (admin.token, host.token) if token]
    stored = TokenItem.get(f"ORG#{admin.organiser_id}", f"TOKEN#{host.token_id}").token_hash
    assert not [word for word in (*secrets, stored, "hash") if word in listed.body.decode()]


def test_a_token_names_where_its_holder_begins_and_all_of_that_is_open_to_them(
    table: Any, clock: Clock
) -> None:
    admin = new_admin()
    _, _, _, event_id, _, session_id = admin.new_session(admin.new_event()).split("/")
    for role, scope, names in (
        ("organiser", {}, {"events"}),
        ("door", {"event_id": event_id}, {"event", "sessions"}),
        ("door", {"event_id": event_id, "session_id": session_id}, {"session", "check_ins"}),
    ):
        clock.now += timedelta(seconds=1)
        made = admin.post(TOKENS, {"name": "x", "role": role, **scope}).json_body
        assert set(made["links"]) == names
        for name, link in made["links"].items():
            if name != "check_ins":
                assert Admin(made["token"]).get(link).status_code == 200
    assert admin.get(TOKENS).json_body["tokens"][-1]["links"] == made["links"]


def test_a_revoked_token_opens_nothing_once_api_gateway_asks_anew(table: Any) -> None:
    admin = new_admin()
    door = Admin(admin.post(TOKENS, {"name": "Front door", "role": "door"}).json_body["token"])
    assert door.get("/admin/events").status_code == 200
    revoked = admin.delete(f"{TOKENS}/{door.token_id}")
    assert (revoked.status_code, revoked.body) == (204, b"")
    # Nothing here keeps the authorizer's answer; API Gateway does, for a minute.
    assert door.get("/admin/events").status_code == 403
    assert problem(admin.delete(f"{TOKENS}/{door.token_id}")) == (404, "not_found")
    assert [token["name"] for token in admin.get(TOKENS).json_body["tokens"]] == ["First token"]


def test_nobody_locks_themselves_out(table: Any) -> None:
    admin = new_admin()
    assert problem(admin.delete(f"{TOKENS}/{admin.token_id}")) == (409, "token_in_use")
    assert admin.get("/admin/events").status_code == 200


def test_what_is_wrong_with_a_token_is_named(table: Any) -> None:
    admin = new_admin()
    there = new_admin().new_event().split("/")[-1]
    for wrong, where in (
        ({}, ["/name", "/role"]),
        ({"name": "x", "role": "king"}, ["/role"]),
        ({"name": "x", "role": "door", "event_id": there}, ["/event_id"]),
        ({"name": "x", "role": "door", "session_id": "ssss"}, ["/event_id"]),
        ({"name": "x", "role": "door", "expires_at": "2001-01-01T00:00:00Z"}, ["/expires_at"]),
    ):
        assert pointers(admin.post(TOKENS, wrong)) == where
    assert len(admin.get(TOKENS).json_body["tokens"]) == 1


def test_an_expired_token_is_forgotten_a_month_later(table: Any) -> None:
    admin = new_admin()
    item = TokenItem.get(f"ORG#{admin.organiser_id}", f"TOKEN#{admin.token_id}")
    assert datetime.fromtimestamp(int(item.expires), UTC) - item.expires_at == timedelta(days=30)


def test_a_request_sent_twice_with_one_key_makes_one_token_and_shows_its_text_once(table: Any) -> None:
    admin = new_admin()
    asked = {"name": "Front door", "role": "door"}
    made = admin.post(TOKENS, asked, Idempotency_Key="door").json_body
    again = admin.post(TOKENS, asked, Idempotency_Key="door")
    assert problem(again) == (409, "token_made")
    assert again.json_body["token_id"] == made["token_id"]
    assert made["token"] not in again.body.decode()
    other = admin.post(TOKENS, {**asked, "role": "host"}, Idempotency_Key="door")
    assert problem(other) == (422, "idempotency_key_reused")
    assert len(admin.get(TOKENS).json_body["tokens"]) == 2
    # What the refusal says to do is possible; its key is as good as new then, and the old text stays shut.
    assert admin.delete(f"{TOKENS}/{made['token_id']}").status_code == 204
    anew = Admin(admin.post(TOKENS, asked, Idempotency_Key="door").json_body["token"])
    assert (anew.get("/admin/events").status_code, anew.token_id) == (200, made["token_id"])
    assert Admin(made["token"]).get("/admin/events").status_code == 403


def test_another_organiser_with_the_same_key_makes_a_token_of_its_own(table: Any) -> None:
    asked = {"name": "Front door", "role": "door"}
    made = [new_admin().post(TOKENS, asked, Idempotency_Key="door").json_body["token_id"] for _ in range(2)]
    assert len(set(made)) == 2
