"""An event's sessions as a calendar: who gets it, how long it may be kept, and what it costs."""

import json
from datetime import timedelta
from typing import Any

import pytest
import vobject

from tests import making
from tests.actions.as_routes import cancel_session
from tests.actions.callers import owner_of
from tests.engines import forget_process_state
from tests.web.browsing import ann, book_by_form, get, header, problem_code
from tests.web.conftest import NOW, Clock
from tests.web.refused import Scene, scene
from tests.wire import requests_counted

pytestmark = pytest.mark.usefixtures("table")


def feed(it: Scene, **headers: str) -> Any:
    return get(f"/events/{it.event.slug}/sessions.ics", **headers)


def test_the_feed_has_every_session_and_nobodys_booking() -> None:
    it = scene()
    making.make_session(it.event, title="York")
    book_by_form(it.event, it.session, ann())
    answer = feed(it)
    assert header(answer, "Content-Type") == "text/calendar; charset=utf-8; method=PUBLISH"
    read = vobject.readOne(answer.body.decode())
    assert sorted(entry.summary.value for entry in read.vevent_list) == [
        "Social Care Curry: Leicester",
        "Social Care Curry: York",
    ]
    assert "ann" not in answer.body.decode().lower()


def test_the_feed_may_be_kept_five_seconds_and_is_not_written_again_unchanged(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = scene()
    tag = str(header(feed(it), "ETag"))
    assert header(feed(it), "Cache-Control") == "public, max-age=5"
    clock.now = NOW + timedelta(minutes=1)
    book_by_form(it.event, it.session, ann())
    again = feed(it, If_None_Match=tag)
    assert (again.status_code, again.body, header(again, "ETag")) == (304, b"", tag)
    cancel_session(owner_of(it.event), it.event.event_id, it.session.session_id, now=clock.now)
    forget_process_state()
    changed = feed(it, If_None_Match=tag)
    assert changed.status_code == 200
    assert vobject.readOne(changed.body.decode()).vevent.status.value == "CANCELLED"


def test_a_warm_feed_reads_nothing() -> None:
    it = scene()
    tag = str(header(feed(it), "ETag"))
    with requests_counted() as sent:
        assert feed(it).status_code == 200
        assert feed(it, If_None_Match=tag).status_code == 304
    assert sent == {}


@pytest.mark.parametrize("path", ["nothing-here", None])
def test_there_is_no_feed_of_what_is_not_published(path: str | None) -> None:
    it = scene(event={"status": "draft"})
    answer = get(f"/events/{path or it.event.slug}/sessions.ics")
    assert (answer.status_code, problem_code(answer)) == (404, "not_found" if path else "not_published")
    assert json.loads(answer.body)["status"] == 404
