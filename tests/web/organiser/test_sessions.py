"""The sessions of an organiser's event (web/organiser/sessions.py)."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.store import capacity, event_changes, events
from tests.making import booking_for, invariants_hold
from tests.web.admin import EVENT, SESSION, new_admin, pointers, problem
from tests.web.conftest import NOW


def stored(session: str) -> Any:
    """What the table holds of this session and its event."""
    parts = session.removeprefix("https://book.example.org/v1").split("/")
    return events.find_event(parts[3]), events.find_session(parts[3], parts[5])


def test_a_session_is_created_with_its_places_and_read_back(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event(closes_at="2027-09-05T12:00:00Z")
    created = admin.post(f"{event}/sessions", SESSION)
    assert created.status_code == 201
    event_id, session_id = event.split("/")[-1], created.json_body["session_id"]
    assert created.headers["Location"].endswith(f"{event}/sessions/{session_id}")
    page = f"https://book.example.org/v1/book/{EVENT['slug']}/{session_id}"
    assert created.json_body == {
        **SESSION,
        "session_id": session_id,
        "event_id": event_id,
        "status": "open",
        "town": None,
        "country": None,
        "located": {
            "town": SESSION["title"],
            "country": "GB",
            "latitude": SESSION["latitude"],
            "longitude": SESSION["longitude"],
            "approximate": False,
        },
        "starts_at": "2027-09-05T18:00:00Z",
        "ends_at": "2027-09-05T21:00:00Z",
        "closes_at": None,
        "booking_closes_at": "2027-09-05T12:00:00Z",
        "places_free": 30,
        "paused_until": None,
        "change_note": None,
        "cancellation_reason": None,
        "page_url": page,
        "embed_url": f"{page}/embed",
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
        session, {"venue": "Elsewhere", "starts_local": "2027-09-05T18:30:00"}, If_Match='"1"'
    )
    assert moved.status_code == 200
    assert (moved.json_body["venue"], moved.json_body["starts_at"]) == ("Elsewhere", "2027-09-05T17:30:00Z")
    assert moved.json_body.keys() == admin.get(session).json_body.keys()


def test_a_session_that_is_over_moves_no_more(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    now_stored = stored(session)[1]
    over = {"starts_local": datetime(2026, 1, 9, 19), "ends_local": datetime(2026, 1, 9, 22)}
    event_changes.save_session(msgspec.structs.replace(now_stored, version=2, **over), 1)
    assert problem(admin.patch(session, {"venue": "Elsewhere"})) == (409, "session_over")
    assert admin.patch(session, {"title": "Last year's"}).json_body["title"] == "Last year's"


def test_what_calendars_were_told_has_a_sequence_that_rises_with_it(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    told = []
    for patch in ({"closes_at": "2027-09-01T00:00:00Z"}, {"venue": "A"}, {"title": "B"}, {"venue": "A"}):
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
        until = NOW.replace(microsecond=0) + timedelta(seconds=seconds)
        paused = msgspec.structs.replace(stored(session)[1], paused_until=until, version=version)
        event_changes.save_session(paused, version - 1)
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


def test_a_request_sent_twice_with_one_key_makes_one_session(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    first = admin.post(f"{event}/sessions", SESSION, Idempotency_Key="ludlow")
    assert first.status_code == 201
    assert "Idempotent-Replayed" not in first.headers
    again = admin.post(f"{event}/sessions", dict(reversed(SESSION.items())), Idempotency_Key="ludlow")
    assert (again.status_code, again.json_body) == (201, first.json_body)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert admin.get(f"{event}/sessions").json_body == {"sessions": [first.json_body]}


def test_the_same_key_with_another_body_makes_no_session(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    first = admin.post(f"{event}/sessions", SESSION, Idempotency_Key="ludlow")
    for other in ({"capacity": 31}, {"title": "Leeds"}):
        answer = admin.post(f"{event}/sessions", {**SESSION, **other}, Idempotency_Key="ludlow")
        assert problem(answer) == (422, "idempotency_key_reused")
    assert admin.get(f"{event}/sessions").json_body == {"sessions": [first.json_body]}


def test_a_session_made_again_is_shown_as_it_is_now_whatever_rules_came_since(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    session = admin.post(f"{event}/sessions", SESSION, Idempotency_Key="ludlow").headers["Location"]
    admin.patch(session, {"title": "Leeds"})
    capacity.take(stored(session)[1], booking_for(stored(session)[1], "ada"))
    admin.post(f"{event}/publish")
    admin.post(f"{event}/cancel")
    again = admin.post(f"{event}/sessions", SESSION, Idempotency_Key="ludlow")
    assert (again.json_body["title"], again.json_body["places_free"]) == ("Leeds", 29)
    assert again.json_body == admin.get(session).json_body
    # Without that key, the event's rule is what counts.
    assert problem(admin.post(f"{event}/sessions", SESSION, Idempotency_Key="new")) == (409, "cancelled")


def test_a_key_is_good_in_one_event_and_without_one_each_request_makes_a_session(table: Any) -> None:
    admin, stranger = new_admin(), new_admin()
    events_there = [admin.new_event(), admin.new_event(slug="other"), stranger.new_event(slug="theirs")]
    made = [
        caller.post(f"{event}/sessions", SESSION, Idempotency_Key="ludlow").json_body["session_id"]
        for caller, event in zip((admin, admin, stranger), events_there, strict=True)
    ]
    made += [admin.new_session(events_there[0]).split("/")[-1] for _ in range(2)]
    assert len(set(made)) == 5


def test_a_session_is_deleted_at_the_version_that_was_read(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    session = admin.new_session(event)
    assert problem(admin.delete(session)) == (428, "precondition_required")
    admin.patch(session, {"title": "Leeds"})
    assert problem(admin.delete(session, If_Match='"1"')) == (412, "changed_meanwhile")
    gone = admin.delete(session, If_Match='"2"')
    assert (gone.status_code, gone.body) == (204, b"")
    assert admin.get(f"{event}/sessions").json_body == {"sessions": []}
    assert problem(admin.get(session)) == problem(admin.delete(session, If_Match="*")) == (404, "not_found")


def test_a_session_that_was_ever_booked_stays(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    booking = capacity.take(stored(session)[1], booking_for(stored(session)[1], "ada"))
    assert problem(admin.delete(session, If_Match="*")) == (409, "session_booked")
    capacity.give_back(booking, NOW)
    assert problem(admin.delete(session, If_Match="*")) == (409, "session_booked")
    assert admin.get(session).json_body["status"] == "open"
    admin.post(f"{session}/cancel")
    assert problem(admin.delete(session, If_Match="*")) == (409, "session_booked")


def test_a_cancelled_session_that_was_never_booked_can_be_deleted(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    admin.post(f"{session}/cancel")
    assert admin.delete(session, If_Match="*").status_code == 204


def test_the_key_of_a_deleted_session_makes_it_anew(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    first = admin.post(f"{event}/sessions", SESSION, Idempotency_Key="ludlow")
    admin.delete(first.headers["Location"], If_Match="*")
    anew = admin.post(f"{event}/sessions", {**SESSION, "capacity": 80}, Idempotency_Key="ludlow")
    assert (anew.status_code, anew.json_body["places_free"]) == (201, 80)
    assert "Idempotent-Replayed" not in anew.headers
    assert invariants_hold(stored(anew.headers["Location"])[1]) == 0


def test_a_change_is_saved_without_an_email_if_it_is_not_to_be_told(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    quiet = admin.patch(session, {"venue": "Next door", "tell": False})
    assert (quiet.status_code, quiet.json_body["venue"]) == (200, "Next door")
    assert (stored(session)[1].sequence, stored(session)[1].told_sequence) == (1, 0)
    assert pointers(admin.patch(session, {"tell": "no"})) == ["/tell"]
    assert pointers(admin.patch(session, {"tell": None})) == ["/tell"]


def test_a_note_is_shown_with_the_session_and_can_be_put_right(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    assert pointers(admin.patch(session, {"change_note": "Early."})) == ["/change_note"]
    noted = admin.patch(session, {"venue": "Next door", "change_note": "The kitchen floded."})
    right = admin.patch(session, {"change_note": "The kitchen flooded."})
    gone = admin.patch(session, {"change_note": None})
    notes = [answer.json_body["change_note"] for answer in (noted, right, gone)]
    assert notes == ["The kitchen floded.", "The kitchen flooded.", None]
    assert stored(session)[1].told_sequence == 1


@pytest.mark.parametrize("what", ["session", "event"])
def test_the_first_cancellation_says_why(table: Any, what: str) -> None:
    admin = new_admin()
    event = admin.new_event()
    session = admin.new_session(event)
    admin.post(f"{event}/publish")
    path = f"{session if what == 'session' else event}/cancel"
    for wrong in ({"reason": ""}, {"reason": "x" * 301}, {"reason": "See http://example.org"}, {"reason": 1}):
        assert pointers(admin.post(path, wrong)) == ["/reason"]
    assert pointers(admin.post(path, {"why": "?"})) == ["/why"]
    reason = "The kitchen has\nflooded."
    answers = [
        admin.post(path, {"reason": reason}),
        admin.post(path, {"reason": "Another"}),
        admin.post(path),
    ]
    told = [(answer.json_body["status"], answer.json_body["cancellation_reason"]) for answer in answers]
    assert told == [("cancelled", "The kitchen has flooded.")] * 3


def test_a_reason_is_optional(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    sessions = [admin.new_session(event) for _ in range(3)]
    for session, body in zip(sessions, (None, {}, {"reason": None}), strict=True):
        cancelled = admin.post(f"{session}/cancel", body).json_body
        assert (cancelled["status"], cancelled["cancellation_reason"]) == ("cancelled", None)


def test_an_organiser_reads_that_it_is_the_session_or_the_event_that_takes_no_change_any_more(
    table: Any,
) -> None:
    admin = new_admin()
    event = admin.new_event()
    session = admin.new_session(event)
    admin.post(f"{session}/cancel")
    ada = {"name": "Ada", "email": "ada@example.org"}
    of_session = [
        *(admin.post(f"{session}/{verb}") for verb in ("close", "reopen")),
        admin.post(f"{session}/capacity", {"capacity": 5}, If_Match="*"),
        admin.patch(session, {"title": "T"}),
    ]
    said = "This session is cancelled, and a cancelled session can't be changed or reopened."
    assert [answer.json_body["detail"] for answer in of_session] == [said] * 4
    admin.post(f"{event}/publish")
    booked = admin.post(f"{session}/bookings", ada)
    assert booked.json_body["detail"] == "This session is cancelled, so it can't be booked."
    admin.post(f"{event}/cancel")
    of_event = [
        admin.post(f"{event}/publish"),
        admin.patch(event, {"title": "T"}),
        admin.post(f"{event}/sessions", SESSION),
    ]
    said = "This event is cancelled, and a cancelled event can't be changed or published."
    assert [answer.json_body["detail"] for answer in of_event] == [said] * 3
