"""The admin endpoints, through API Gateway's stand-in and the authorizer."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from chalicelib.store import capacity, events
from tests.making import booking_for
from tests.web.admin import EVENT, SESSION, another_token, new_admin, pointers, problem


def stored(session: str) -> Any:
    """What the table holds of this session and its event."""
    parts = session.split("/")
    return events.find_event(parts[3]), events.find_session(parts[3], parts[5])


# Events


def test_a_token_for_one_event_lists_that_event_alone(table: Any) -> None:
    admin = new_admin()
    mine, _ = admin.new_event(slug="mine"), admin.new_event(slug="other")
    narrow = another_token(admin, scope=f"event:{mine.split('/')[-1]}")
    assert [event["slug"] for event in narrow.get("/admin/events").json_body["events"]] == ["mine"]


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
    cancelled = admin.post(f"{event}/cancel")
    assert (cancelled.status_code, cancelled.json_body["status"]) == (200, "cancelled")
    assert admin.post(f"{event}/cancel").json_body == cancelled.json_body
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


def test_a_change_has_to_say_which_version_it_changes(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    session = admin.new_session(event)
    for method, path, body in (
        ("PATCH", event, {"title": "Blind"}),
        ("PATCH", session, {"title": "Blind"}),
        ("POST", f"{session}/capacity", {"capacity": 40}),
    ):
        assert problem(admin.send(method, path, body)) == (428, "precondition_required"), path
        assert problem(admin.send(method, path, body, If_Match='"9"')) == (412, "changed_meanwhile"), path
    assert (admin.get(event).json_body["version"], admin.get(session).json_body["version"]) == (1, 1)


def test_a_verb_needs_no_version_but_honours_one(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    session = admin.new_session(event)
    for path, verb, status in (
        (session, "close", "closed"),
        (session, "reopen", "open"),
        (session, "cancel", "cancelled"),
        (event, "publish", "published"),
        (event, "cancel", "cancelled"),
    ):
        read = admin.get(path)
        stale = admin.post(f"{path}/{verb}", If_Match='"99"')
        assert problem(stale) == (412, "changed_meanwhile"), verb
        assert admin.get(path).json_body == read.json_body, verb
        done = admin.post(f"{path}/{verb}", If_Match=read.headers["ETag"])
        assert (done.status_code, done.json_body["status"]) == (200, status), verb
        # Sent again because the answer was lost: what it asks for is so already.
        again = admin.post(f"{path}/{verb}", If_Match=read.headers["ETag"])
        assert (again.status_code, again.json_body) == (200, done.json_body), verb


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
        "paused_until": None,
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
    larger = admin.post(f"{session}/capacity", {"capacity": 40}, If_Match='"1"')
    assert (larger.json_body["capacity"], larger.json_body["places_free"]) == (40, 40)
    capacity.take(stored(session)[1], booking_for(stored(session)[1], "ada", places=5))
    smaller = admin.post(f"{session}/capacity", {"capacity": 4}, If_Match="*")
    assert problem(smaller) == (409, "below_booked")
    assert smaller.json_body["capacity_min"] == 5
    for wrong in (0, -1, 100_001, "ten", 1.5, None, True):
        assert pointers(admin.post(f"{session}/capacity", {"capacity": wrong}, If_Match="*")) == ["/capacity"]


def test_a_session_says_until_when_bookings_wait_and_nothing_when_the_pause_ran_out(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    session = admin.new_session(event)
    shown = []
    for version, seconds in ((2, 18), (3, -1), (4, 3600)):
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)
        paused = msgspec.structs.replace(stored(session)[1], paused_until=until, version=version)
        events.save_session(paused, version - 1)
        (listed,) = admin.get(f"{event}/sessions").json_body["sessions"]
        assert listed == admin.get(session).json_body
        shown.append(listed["paused_until"] == f"{until:%FT%TZ}" if listed["paused_until"] else None)
    # A pause an hour ahead is none: a clock that runs fast set it, and bookings don't wait for it.
    assert shown == [True, None, None]


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
    assert problem(admin.post(f"{session}/capacity", {"capacity": 5}, If_Match="*")) == (409, "cancelled")
    assert problem(admin.patch(session, {"title": "T"})) == (409, "cancelled")
    assert admin.get(session).json_body["status"] == "cancelled"
