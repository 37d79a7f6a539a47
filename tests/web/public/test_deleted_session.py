"""What the public meets while its process still knows a session that was deleted: refusals, and no error."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.store import session_deletion
from chalicelib.store.bookings import every_booking
from tests.engines import forget_process_state
from tests.making import make_event, make_event_with_queue, make_session
from tests.web.browsing import ann, book_by_form, book_by_json, get, post
from tests.web.conftest import NOW

FIELDS = {"name": "Ann Archer", "email": "ann@example.org", "places": "2", "consent": "on"}


def places_to_look_at(event: Event, session: Session) -> dict[str, int]:
    """Where the session is shown, and what is answered there when it is gone."""
    page = f"/book/{event.slug}"
    return {
        page: 200,
        f"/events/{event.slug}": 200,
        f"{page}/{session.session_id}": 404,
        f"{page}/{session.session_id}/embed": 404,
        f"{page}/{session.session_id}/done": 404,
    }


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Callable[[Session], None]:
    """Delete a session as another process does: this one doesn't hear of it."""
    monkeypatch.setattr(session_deletion, "forget_caches", lambda: None)
    return session_deletion.delete_session


def test_pages_and_bookings_of_a_session_deleted_a_moment_ago(
    table: Any, elsewhere: Callable[[Session], None]
) -> None:
    event = make_event()
    session = make_session(event, capacity=60)
    looks = places_to_look_at(event, session)
    assert {get(path).status_code for path in looks} == {200}
    elsewhere(session)
    assert {get(path).status_code for path in looks} == {200}
    answer = book_by_json(event, session, ann())
    assert (answer.status_code, answer.json_body["code"]) == (409, "closed")
    form = book_by_form(event, session, FIELDS)
    assert form.status_code == 409
    assert "Booking is closed" in form.body.decode()
    # Two seconds later this process knows.
    forget_process_state()
    assert {path: get(path).status_code for path in looks} == looks
    answer = book_by_json(event, session, ann())
    assert (answer.status_code, answer.json_body["code"]) == (404, "not_found")
    assert book_by_form(event, session, FIELDS).status_code == 404
    assert session.session_id not in get(f"/book/{event.slug}").body.decode()
    assert list(every_booking(session.session_id)) == []


def test_a_queue_goes_on_without_a_session_deleted_a_moment_ago(
    table: Any, elsewhere: Callable[[Session], None]
) -> None:
    event = make_event_with_queue(opens_at=NOW - timedelta(minutes=1))
    gone, stays = make_session(event, capacity=60), make_session(event, capacity=10)
    queue = f"/events/{event.slug}/queue"

    def send(what: str, **body: Any) -> Any:
        return post(queue + what, json.dumps(body).encode(), Content_Type="application/json").json_body

    ticket = send("", email="ann@example.org")["ticket"]
    elsewhere(gone)
    for knows in (False, True):
        if knows:
            forget_process_state()
        assert get(queue).json_body["sold_out"] is False
        assert get(f"/book/{event.slug}/queue/{ticket}").status_code == 200
        admission = send("/admission", ticket=ticket)["admission"]
        refused = book_by_json(event, gone, ann(admission=admission))
        assert refused.json_body["code"] in {"closed", "not_found"}
    booked = book_by_json(event, stays, ann(admission=admission))
    assert booked.status_code == 201


def test_a_queue_whose_only_session_was_deleted_is_closed_or_sold_out(
    table: Any, elsewhere: Callable[[Session], None]
) -> None:
    event = make_event_with_queue(opens_at=NOW - timedelta(minutes=1))
    session = make_session(event)
    queue = f"/events/{event.slug}/queue"
    ticket = post(queue, b'{"email": "ann@example.org"}', Content_Type="application/json").json_body["ticket"]
    elsewhere(session)
    for knows in (False, True):
        if knows:
            forget_process_state()
        asked = json.dumps({"ticket": ticket}).encode()
        refused = post(f"{queue}/admission", asked, Content_Type="application/json")
        assert (refused.status_code, refused.json_body["code"]) in {(409, "sold_out"), (409, "closed")}
        assert get(queue).status_code == 200
        assert get(f"/book/{event.slug}/queue/{ticket}").status_code in {200, 409}
