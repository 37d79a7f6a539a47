"""A script of another site that sends the form itself: it can read whatever we answer."""

from urllib.parse import urlencode

import pytest
from chalice.test import Client, HTTPResponse

from app import app
from chalicelib.store.bookings import every_booking
from tests.web.browsing import bookings_path, get, header, post
from tests.web.refused import Scene, scene

pytestmark = pytest.mark.usefixtures("table")

HOME = "https://curry.example"
EVENT = {"allowed_origins": (HOME,), "return_urls": ("https://curry.example/thanks",)}
FORM = "application/x-www-form-urlencoded"


def send(it: Scene, *, origin: str = HOME, accept: str = "*/*", **changes: object) -> HTTPResponse:
    fields = {**it.body, "consent": "true", "return_url": EVENT["return_urls"][0], **changes}
    body = urlencode(fields).encode()
    path = bookings_path(it.event, it.session)
    return post(path, body, Content_Type=FORM, Origin=origin, Accept=accept)


@pytest.mark.parametrize("origin", [HOME, "https://evil.example", "null"])
def test_only_a_listed_site_s_script_may_read_what_became_of_its_form(origin: str) -> None:
    it = scene(event=EVENT)
    refused = send(it, origin=origin, name="")
    booked = send(it, origin=origin)
    assert (refused.status_code, booked.status_code) == (422, 303)
    done = get(f"/book/{it.event.slug}/{it.session.session_id}/done?turnout=booked", Origin=origin)
    same = get(
        f"/book/{it.event.slug}/{it.session.session_id}/done?turnout=booked",
        Origin=origin,
        If_None_Match=header(done, "ETag") or "",
    )
    assert (done.status_code, same.status_code) == (200, 304)
    for answer in (refused, booked, done, same):
        allowed = header(answer, "Access-Control-Allow-Origin")
        assert allowed == (HOME if origin == HOME else None)
        assert header(answer, "Vary") == "Origin"


def test_a_script_is_led_to_a_page_that_it_may_read_and_a_form_to_its_own_site() -> None:
    it = scene(event=EVENT)
    by_script = header(send(it), "Location") or ""
    assert by_script.endswith("/done?turnout=booked")
    assert header(get(by_script, Origin=HOME), "Access-Control-Allow-Origin") == HOME
    by_form = send(it, email="bob@example.org", accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert (header(by_form, "Location") or "").startswith("https://curry.example/thanks?")
    unlisted = send(it, email="eve@example.org", origin="https://evil.example")
    assert (header(unlisted, "Location") or "").startswith("https://curry.example/thanks?")
    assert len(list(every_booking(it.session.session_id))) == 3


@pytest.mark.parametrize("media_type", ["multipart/form-data; boundary=x", "text/plain;charset=UTF-8"])
def test_any_script_reads_which_content_types_are_taken_instead(media_type: str) -> None:
    it = scene(event=EVENT)
    answer = post(
        bookings_path(it.event, it.session), b"x", Content_Type=media_type, Origin="https://a.example"
    )
    assert answer.status_code == 415
    assert header(answer, "Access-Control-Allow-Origin") == "*"
    assert answer.json_body["detail"] == f"Send application/json or {FORM}."
    assert list(every_booking(it.session.session_id)) == []
    join = post(f"/book/{it.event.slug}/queue", b"x", Content_Type=media_type)
    assert join.json_body["detail"] == f"Send {FORM}."


def test_any_script_reads_which_methods_are_taken_instead() -> None:
    answer = Client(app).http.put("/openapi.json", headers={"Origin": "https://a.example"})
    assert answer.status_code == 405
    assert header(answer, "Content-Type") == "application/problem+json"
    assert header(answer, "Access-Control-Allow-Origin") == "*"
    assert header(answer, "Allow") == "GET"
    assert answer.json_body["detail"] == "Send GET."
