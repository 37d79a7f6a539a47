"""The form that an organiser pastes into another web site."""

import html
import re

import pytest
from chalice.test import HTTPResponse
from msgspec.structs import replace

from chalicelib.domain.questions import Question
from chalicelib.store.bookings import every_booking
from chalicelib.store.event_changes import save_session
from tests.web.browsing import Page, ann, book_by_form, get, header
from tests.web.conftest import NOW
from tests.web.refused import Scene, scene

pytestmark = pytest.mark.usefixtures("table")

HOSTILE = "\"'></textarea></form><script>alert(1)</script>"


def embed_page(it: Scene) -> HTTPResponse:
    return get(f"/book/{it.event.slug}/{it.session.session_id}/embed")


class Snippet(Page):
    """The form to copy, as a browser reads it on the page that it was pasted into."""

    def __init__(self, it: Scene) -> None:
        super().__init__(embed_page(it))
        shown = re.search(
            r"<textarea[^>]* readonly[^>]*>(.*?)</textarea>", embed_page(it).body.decode(), re.S
        )
        assert shown is not None
        self.tags, self.text = [], ""
        self.feed(html.unescape(shown[1]))


def test_the_form_has_every_field_that_a_booking_takes_and_no_key_of_its_own() -> None:
    it = scene(
        event={
            "questions": (
                Question(
                    question_id="diet", kind="choice", label="Diet", choices=("any", "vegan"), required=True
                ),
                Question(question_id="why", kind="text", label="Why?", sensitive=True),
            ),
            "places_per_booking_max": 3,
        }
    )
    form = Snippet(it)
    (sent_to,) = form.all("form")
    assert sent_to["action"].endswith(f"/events/{it.event.slug}/sessions/{it.session.session_id}/bookings")
    named = {have["name"] for tag in ("input", "select", "textarea") for have in form.all(tag)}
    assert named == {
        "idempotency_key", "shown", "website", "name", "email", "places", "guests",
        "answer.diet", "answer.why", "consent",
    }  # fmt: skip
    assert form.field("idempotency_key") == ""
    assert form.all("textarea", name="answer.why")
    # As on our own page, it is the questions that can be left open that are marked.
    assert "Why? (optional)" in form.text
    assert form.text.count("(optional)") == 2
    assert [have["name"] for have in form.all("input", name="guests")] == ["guests"] * 2
    assert "Who is coming with you? (optional)" in form.text


def test_what_the_form_sends_books() -> None:
    it = scene()
    names = {have["name"] for have in Snippet(it).all("input")}
    sent = ann(website="", idempotency_key="", shown="0", guests=["Sam"])
    del sent["places"], sent["consent"]
    assert set(sent) == names
    assert book_by_form(it.event, it.session, {**sent, "places": "2"}).status_code == 303
    (booking,) = every_booking(it.session.session_id)
    assert booking.places == 2


def test_the_form_brings_people_back_to_the_first_page_that_the_event_lists() -> None:
    thanks = "https://blog.example/thanks?a=1&b=2"
    assert Snippet(scene(event={"return_urls": (thanks,)})).field("return_url") == thanks
    assert Snippet(scene()).field("return_url") is None


def test_a_copy_says_what_it_showed_so_that_who_books_from_an_old_one_is_told_of_the_change() -> None:
    it = scene(sequence=2)
    shown = Snippet(it).field("shown")
    moved = replace(it.session, sequence=3, version=2)
    save_session(moved, it.session.version)
    for person, showed in (("old", shown), ("new", Snippet(Scene(it.event, moved)).field("shown"))):
        sent = ann(email=f"{person}@example.org", shown=showed)
        assert book_by_form(it.event, it.session, sent).status_code == 303
    told = {booking.address[:3]: booking.shown for booking in every_booking(it.session.session_id)}
    assert told == {"old": 2, "new": 3}


def test_what_an_organiser_typed_cannot_leave_the_form_or_the_page() -> None:
    questions = (Question(question_id="q", kind="choice", label=HOSTILE, choices=(HOSTILE, "b")),)
    it = scene(event={"title": HOSTILE, "questions": questions}, title=HOSTILE)
    page = Page(embed_page(it))
    assert not page.all("script")
    assert len(page.all("textarea")) == 1
    form = Snippet(it)
    assert len(form.all("form")) == len(form.all("script")) == 1
    assert HOSTILE in form.text


def test_the_page_says_that_the_script_may_be_left_out_and_when_to_copy_the_form_again() -> None:
    text = " ".join(Page(embed_page(scene())).text.split())
    assert "You can leave out the script at the end" in text
    assert "places per booking or return_urls change" in text
    assert "They still have one booking." in text
    several = scene(event={"slug": "several", "bookings_per_address_max": 2})
    assert "may make two bookings" in Page(embed_page(several)).text


def test_the_page_is_the_same_for_everybody_and_only_for_a_published_event() -> None:
    it = scene()
    assert header(embed_page(it), "Cache-Control") == "public, max-age=5"
    assert embed_page(scene(event={"status": "draft"})).status_code == 404


def test_the_form_says_what_when_and_where_it_is_and_leads_to_the_page_that_knows_what_is_left() -> None:
    queue = {"slug": "queue", "admission": "queue", "opens_at": NOW}
    for more in ({}, queue):
        it = scene(event={**more, "title": "Curry Night", "price": "You pay the restaurant"}, title="Leeds")
        form = Snippet(it)
        text = " ".join(form.text.split())
        assert "Curry Night: Leeds Sunday 5 September 2027, 7pm to 10pm, UK time" in text
        assert "The Copper Pot, 12 Example Street, Leicester You pay the restaurant" in text
        assert form.link(f"/book/{it.event.slug}/{it.session.session_id}")
    assert "Copy it again when these change." in " ".join(Page(embed_page(it)).text.split())


def test_a_form_that_was_pasted_when_it_asked_for_consent_still_books() -> None:
    it = scene()
    pasted = ann(website="", idempotency_key="", consent="true")
    assert book_by_form(it.event, it.session, pasted).status_code == 303


def test_the_form_is_the_same_in_every_encoding_of_the_page_it_is_pasted_into() -> None:
    why = Question(question_id="why", kind="text", label="Café, “why”?", sensitive=True)
    for more in ({}, {"slug": "queue", "admission": "queue", "opens_at": NOW}):
        it = scene(event={"title": "Küche 食", "questions": (why,), **more}, venue="Zum Löwen")
        shown = re.search(
            r"<textarea[^>]* readonly[^>]*>(.*?)</textarea>", embed_page(it).body.decode(), re.S
        )
        assert shown is not None
        pasted = html.unescape(shown[1])
        assert pasted.isascii()
        assert "Zum Löwen" in html.unescape(pasted)
        assert more or "“Café, “why”?”" in Snippet(it).text.replace(" ”", "”").replace("“ ", "“")


def test_the_form_says_whom_to_ask() -> None:
    for more in ({}, {"slug": "queue", "admission": "queue", "opens_at": NOW}):
        form = Snippet(scene(event={"contact": "hosts@example.org", **more}))
        assert "Questions? hosts@example.org" in form.text
        assert form.link("mailto:") == "mailto:hosts@example.org"
    assert "Questions?" not in Snippet(scene(event={"slug": "unasked", "contact": None})).text
