"""An organiser's events (web/organiser/events.py)."""

from typing import Any

from tests.web.admin import EVENT, SESSION, Admin, another_token, new_admin, pointers, problem

TOKEN = {"name": "Front door", "role": "door"}


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
        "picture_url": "https://www.example.org/curry.jpg",
        "accent_colour": "#1D4F91",
    }
    created = admin.post("/admin/events", full)
    assert created.status_code == 201
    event_id = created.json_body["event_id"]
    assert created.headers["Location"] == f"https://book.example.org/v1/admin/events/{event_id}"
    assert created.json_body == {
        **full,
        "event_id": event_id,
        "status": "draft",
        "cancellation_reason": None,
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
        "accent_colour": "#1d4f91",
        "admission": "open",
        "admissions_per_second": 50,
        "reminders": ["day_before"],
        "counter": ["hosts", "towns", "booked", "places_left"],
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
    assert problem(admin.post(f"{event}/cancel")) == (409, "still_draft")
    admin.post(f"{event}/publish")
    cancelled = admin.post(f"{event}/cancel")
    assert (cancelled.status_code, cancelled.json_body["status"]) == (200, "cancelled")
    assert admin.post(f"{event}/cancel").json_body == cancelled.json_body
    for answer in (
        admin.patch(event, {"title": "T"}),
        admin.post(f"{event}/publish"),
        admin.post(f"{event}/sessions", SESSION),
    ):
        assert problem(answer) == (409, "cancelled")


def test_the_retry_of_a_lost_answer_gets_the_same_event_and_not_slug_taken(table: Any) -> None:
    admin = new_admin()
    body = {**EVENT, "admission": "queue", "opens_at": "2100-06-01T09:00:00Z"}
    first = admin.post("/admin/events", body, Idempotency_Key="curry")
    again = admin.post("/admin/events", body, Idempotency_Key="curry")
    assert (again.status_code, again.json_body) == (201, first.json_body)
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    admin.post(f"{first.headers['Location']}/publish")
    shown = admin.post("/admin/events", body, Idempotency_Key="curry")
    assert (shown.json_body["status"], shown.headers["ETag"]) == ("published", '"2"')
    assert len(admin.get("/admin/events").json_body["events"]) == 1


def test_the_same_key_with_another_body_makes_no_event(table: Any) -> None:
    admin = new_admin()
    admin.post("/admin/events", EVENT, Idempotency_Key="curry")
    for other in ({"slug": "other"}, {"title": "Other"}):
        answer = admin.post("/admin/events", {**EVENT, **other}, Idempotency_Key="curry")
        assert problem(answer) == (422, "idempotency_key_reused")
    assert len(admin.get("/admin/events").json_body["events"]) == 1


def test_another_organisers_key_leads_nowhere(table: Any) -> None:
    new_admin().post("/admin/events", EVENT, Idempotency_Key="curry")
    stranger = new_admin()
    assert problem(stranger.post("/admin/events", EVENT, Idempotency_Key="curry")) == (409, "slug_taken")
    theirs = stranger.post("/admin/events", {**EVENT, "slug": "other"}, Idempotency_Key="curry")
    assert (theirs.status_code, "Idempotent-Replayed" in theirs.headers) == (201, False)


def test_a_key_that_is_no_key_is_named(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    for path, body in (("/admin/events", EVENT), (f"{event}/sessions", SESSION), ("/admin/tokens", TOKEN)):
        assert pointers(admin.post(path, body, Idempotency_Key="x" * 121)) == [""]


def test_a_draft_is_deleted_with_its_sessions_and_another_may_have_its_slug(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    session = admin.new_session(event)
    admin.new_session(event, capacity=200)
    assert problem(admin.delete(event)) == (428, "precondition_required")
    assert problem(admin.delete(event, If_Match='"2"')) == (412, "changed_meanwhile")
    gone = admin.delete(event, If_Match='"1"')
    assert (gone.status_code, gone.body) == (204, b"")
    for path in (event, f"{event}/sessions", session):
        assert problem(admin.get(path)) == (404, "not_found")
    assert problem(admin.delete(event, If_Match="*")) == (404, "not_found")
    assert admin.get("/admin/events").json_body == {"events": []}
    # Nothing is left but the organiser and its token.
    left = {item["PK"]["S"] for item in table.scan(TableName="turnout-test")["Items"]}
    assert left == {f"ORG#{admin.organiser_id}"}
    assert new_admin().post("/admin/events", EVENT).status_code == 201


def test_an_event_that_is_public_can_not_be_deleted(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    admin.new_session(event)
    for verb in ("publish", "cancel"):
        admin.post(f"{event}/{verb}")
        assert problem(admin.delete(event, If_Match="*")) == (409, "not_draft")
    assert len(admin.get(f"{event}/sessions").json_body["sessions"]) == 1


def test_a_token_for_what_was_deleted_opens_nothing_and_can_still_be_revoked(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    session = admin.new_session(event)
    names = {"event_id": event.split("/")[-1], "session_id": session.split("/")[-1]}
    door = admin.post("/admin/tokens", {**TOKEN, **names}).json_body
    admin.delete(event, If_Match="*")
    assert problem(Admin(door["token"]).get(session)) == (404, "not_found")
    assert Admin(door["token"]).get("/admin/events").json_body == {"events": []}
    listed = {token["session_id"] for token in admin.get("/admin/tokens").json_body["tokens"]}
    assert listed == {None, names["session_id"]}
    assert admin.delete(f"/admin/tokens/{door['token_id']}").status_code == 204
