"""The form on somebody else's web site: pasted as HTML, and called by a script there."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser

from tests.e2e.stack import Stack
from tests.making import FACE

EVENT = {
    "slug": "blog-night",
    "title": "Blog Night",
    **FACE,
    "places_per_booking_max": 4,
    "questions": [
        {
            "question_id": "diet",
            "kind": "choice",
            "label": "Your diet",
            "choices": ["any", "vegan"],
            "sensitive": True,
        },
        {"question_id": "first", "kind": "yes_no", "label": "Is it your first time?", "required": True},
    ],
}
SESSION = {
    "title": "Ludlow",
    "venue": "The Buttercross Tandoori",
    "address": "2 Broad Street, Ludlow SY8 1NG",
    "zone": "Europe/London",
    "starts_local": "2027-09-05T19:00:00",
    "ends_local": "2027-09-05T22:00:00",
    "capacity": 20,
}


class Blog:
    """A web site of another origin. Its front page holds what was pasted into it."""

    def __init__(self) -> None:
        self.pasted = ""
        blog = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                words = "Thank you!" if self.path.startswith("/thanks") else blog.pasted
                content = (
                    f"<!doctype html><meta charset=utf-8><title>Blog</title><h1>Blog</h1>{words}".encode()
                )
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # http.server's own name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def blog() -> Iterator[Blog]:
    site = Blog()
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="module")
def session_path(stack: Stack, blog: Blog) -> str:
    """The path of a session whose event lists the blog."""
    listed = {"return_urls": [f"{blog.origin}/thanks"], "allowed_origins": [blog.origin]}
    event = stack.organiser("POST", "/admin/events", {**EVENT, **listed}).json["event_id"]
    session = stack.organiser("POST", f"/admin/events/{event}/sessions", SESSION).json["session_id"]
    assert stack.organiser("POST", f"/admin/events/{event}/publish", {}).status == 200
    return f"{EVENT['slug']}/{session}"


@pytest.fixture(scope="module")
def pasted(stack: Stack, blog: Blog, session_path: str, browser: Browser) -> None:
    """The form, copied from our page and pasted into the blog."""
    page = browser.new_page()
    page.goto(f"{stack.notes['base_url']}/book/{session_path}/embed")
    blog.pasted = page.get_by_label("HTML to copy").input_value()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.usefixtures("pasted")
def test_a_visitor_of_the_blog_books_there_and_comes_back_to_it(
    stack: Stack, blog: Blog, browser: Browser, scripts: bool
) -> None:
    address = f"blog-{scripts}@example.org".lower()
    page = browser.new_context(java_script_enabled=scripts).new_page()
    page.goto(blog.origin)
    page.get_by_label("Your name").fill("Mairi Blogreader")
    page.get_by_label("Your email address").fill(address)
    page.get_by_label("How many places").select_option("2")
    page.get_by_role("combobox", name="Your diet").select_option("vegan")
    page.get_by_label("Is it your first time?").select_option("Yes")
    page.get_by_label("I agree").check()
    page.get_by_role("button", name="Book now").click()
    page.wait_for_url(f"{blog.origin}/thanks?turnout=booked")
    assert "Mairi Blogreader" in stack.wait_for_mail(address, "confirmation")


@pytest.mark.usefixtures("pasted")
def test_what_the_blog_s_form_gets_wrong_is_put_right_on_our_page(
    stack: Stack, blog: Blog, browser: Browser
) -> None:
    page = browser.new_page()
    page.goto(blog.origin)
    page.get_by_label("Your name").fill("see www.example.com")
    page.get_by_label("Your email address").fill("wrong-blog@example.org")
    page.get_by_label("Is it your first time?").select_option("No")
    page.get_by_label("I agree").check()
    page.get_by_role("button", name="Book now").click()
    assert page.get_by_role("alert").is_visible()
    assert page.get_by_label("Is it your first time?").input_value() == "no"
    page.get_by_label("Your name").fill("Mairi Blogreader")
    page.get_by_role("button", name="Book now").click()
    page.wait_for_url(f"{blog.origin}/thanks?turnout=booked")
    stack.wait_for_mail("wrong-blog@example.org", "confirmation")


FETCH = """async ([url, email]) => {
  const answer = await fetch(url, {
    method: "POST",
    headers: {"Content-Type": "application/json", "Idempotency-Key": email},
    body: JSON.stringify({name: "Mairi Scriptreader", email, consent: true, answers: {first: true}}),
  });
  return [answer.status, (await answer.json()).status];
}"""


def test_a_script_of_a_listed_origin_books_and_one_of_another_origin_is_stopped_by_the_browser(
    stack: Stack, blog: Blog, session_path: str, browser: Browser
) -> None:
    slug, session_id = session_path.split("/")
    url = f"{stack.notes['base_url']}/events/{slug}/sessions/{session_id}/bookings"
    page = browser.new_page()
    page.goto(blog.origin)
    assert page.evaluate(FETCH, [url, "script@example.org"]) == [201, "confirmed"]
    page.goto(stack.notes["inbox_url"])
    with pytest.raises(Exception, match="Failed to fetch"):
        page.evaluate(FETCH, [url, "stranger@example.org"])
    assert stack.mails_to("stranger@example.org") == []
