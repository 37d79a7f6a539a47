"""An organiser's events (web/organiser/events.py)."""

from typing import Any

from tests.web.admin import EVENT, SESSION, another_token, new_admin, pointers, problem


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
            {
                "question_id": "first_time",
                "kind": "yes_no",
                "label": "Your first time?",
                "required": True,
                "sensitive": True,
            },
        ],
        "reply_to": "Hosts@Example.org",
        "return_urls": ["https://www.example.org/thanks?x=1"],
        "allowed_origins": ["https://WWW.example.org:443/"],
        "organiser_name": " Leicester  Hosts ",
        "contact": "Hosts@Example.org",
        "privacy_url": "https://www.example.org/privacy",
        "price": "You pay the restaurant",
        "session_noun": "Dinner",
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
            {**full["questions"][0], "label": "Your diet", "required": False, "sensitive": False},
            {**full["questions"][1], "choices": []},
        ],
        "description": "One evening.\nMany towns.",
        "opens_at": "2100-06-01T09:00:00Z",
        "reply_to": "hosts@example.org",
        "allowed_origins": ["https://www.example.org"],
        "organiser_name": "Leicester Hosts",
        "contact": "hosts@example.org",
        "session_noun": "dinner",
        "admission": "open",
        "admissions_per_second": 50,
        "public_url": "https://book.example.org/v1/events/social-care-curry",
        "page_url": "https://book.example.org/v1/book/social-care-curry",
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
