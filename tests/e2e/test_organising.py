"""What an organiser does to an event, through the deployed package."""

from datetime import UTC, datetime, timedelta

from tests.e2e.revoked import RevokedDoor, status_for
from tests.e2e.stack import Stack, eventually
from tests.making import FACE

EVENT = {"slug": "called-off", "title": "Social Care Curry, called off", **FACE}


def test_cancelling_an_event_cancels_its_sessions_and_mails_everybody(stack: Stack) -> None:
    event = f"/admin/events/{stack.organiser('POST', '/admin/events', EVENT).json['event_id']}"
    sessions = [stack.new_session(event=event) for _ in range(2)]
    assert stack.organiser("POST", f"{event}/publish").status == 200
    addresses = {f"off-{number}@example.org": session for number, session in enumerate(sessions * 2)}
    for address, session in addresses.items():
        request = {"name": "Ada Okafor", "email": address, "places": 1, "consent": True}
        path = f"/events/{EVENT['slug']}/sessions/{session}/bookings"
        assert stack.post_json(path, request, idempotency_key=address).status == 201
    for address in addresses:
        stack.wait_for_mail(address, "confirmation")

    cancelled = stack.organiser("POST", f"{event}/cancel")
    assert (cancelled.status, cancelled.json["status"]) == (200, "cancelled")
    for address in addresses:
        stack.wait_for_mail(address, "cancellation")

    def statuses() -> set[str]:
        return {session["status"] for session in stack.organiser("GET", f"{event}/sessions").json["sessions"]}

    assert statuses() == {"cancelled"}
    late = stack.post_json(path, {**request, "email": "late@example.org"}, idempotency_key="late")
    assert (late.status, late.json["code"]) == (409, "cancelled")
    assert {len(stack.mails_to(address)) for address in addresses} == {2}


def test_a_line_is_switched_off_and_on_and_ends_with_its_event(stack: Stack) -> None:
    opens_at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    lined = {"slug": "called-up", "title": "Called up", "admission": "queue", "opens_at": opens_at, **FACE}
    event = f"/admin/events/{stack.organiser('POST', '/admin/events', lined).json['event_id']}"
    assert stack.organiser("POST", f"{event}/publish").status == 200
    for admission in ("open", "queue"):
        changed = stack.organiser("PATCH", event, {"admission": admission})
        assert (changed.status, changed.json.get("admission")) == (200, admission)
    assert stack.organiser("POST", f"{event}/cancel").status == 200


def test_a_token_made_for_the_door_opens_its_event_until_it_is_revoked(
    stack: Stack, revoked_door: RevokedDoor
) -> None:
    # API Gateway keeps the authorizer's answer for a minute.
    eventually(lambda: status_for(stack, revoked_door) == 403, "end of the token", seconds=75)
    assert stack.organiser("DELETE", revoked_door.path).status == 404
