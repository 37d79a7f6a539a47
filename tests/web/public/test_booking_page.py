from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.links import BookingAddress
from chalicelib.domain.questions import Question
from chalicelib.store.bookings import every_booking
from tests import making
from tests.actions.as_routes import cancel_booking
from tests.web.browsing import (
    FORM,
    Page,
    ann,
    ask_again,
    book_by_form,
    book_by_json,
    bookings_path,
    get,
    header,
    post,
)
from tests.web.conftest import NOW
from tests.web.refused import GONE, LED_AWAY, OVER, REFUSED, RETRY_AFTER, Scene, scene

pytestmark = pytest.mark.usefixtures("table")

DIET = Question(question_id="diet", kind="text", label="Diet", sensitive=True)
THANKS = "https://curry.example/thanks?lang=en"


def only_booking(it: Scene) -> Any:
    (booking,) = every_booking(it.session.session_id)
    return booking


def sent_to(response: Any) -> str:
    assert response.status_code == 303, response.body
    location = header(response, "Location")
    assert location is not None
    return location


def test_a_form_books_and_sends_the_visitor_to_our_page_that_says_what_comes_next() -> None:
    it = scene()
    done = sent_to(book_by_form(it.event, it.session, ann(guests=["Bo", ""], idempotency_key="key-1")))
    ours = f"https://book.example.org/v1/book/{it.event.slug}/{it.session.session_id}/done"
    assert done.startswith(f"{ours}?fresh=")
    assert "check your inbox" in Page(get(done)).text
    booking = only_booking(it)
    assert (booking.name, booking.places, booking.guests) == ("Ann Archer", 2, ("Bo",))
    assert booking.idempotency_key == "key-1"


def test_a_listed_return_url_is_gone_to_with_the_outcome_and_nothing_personal() -> None:
    it = scene(event={"return_urls": (THANKS,)})
    assert sent_to(book_by_form(it.event, it.session, ann(return_url=THANKS))) == THANKS + "&turnout=booked"


def test_a_return_url_not_listed_books_nothing_and_is_never_gone_to() -> None:
    it = scene(event={"return_urls": (THANKS,)})
    response = book_by_form(it.event, it.session, ann(return_url="https://evil.example/"))
    assert response.status_code == 422
    assert header(response, "Location") is None
    assert "We can't send you back to the page you came from." in Page(response).text
    assert b"evil.example" not in response.body
    assert list(every_booking(it.session.session_id)) == []


def test_pressing_the_button_twice_books_once_and_only_the_first_answer_leads_to_what_was_sent() -> None:
    it = scene()
    form = ann(idempotency_key="key-1")
    first, second = (sent_to(book_by_form(it.event, it.session, form)) for _ in range(2))
    ours = f"https://book.example.org/v1/book/{it.event.slug}/{it.session.session_id}/done"
    assert first.startswith(f"{ours}?fresh=")
    assert second == f"{ours}?turnout=booked"
    assert making.invariants_hold(it.session) == 2


def test_a_form_sent_again_after_its_booking_was_cancelled_says_so_and_books_nothing() -> None:
    it = scene(event={"return_urls": (THANKS,)})
    form = ann(idempotency_key="key-1")
    book_by_form(it.event, it.session, form)
    booking = only_booking(it)
    cancel_booking(BookingAddress(booking.session_id, booking.key, booking.booking_id), now=NOW)
    done = sent_to(book_by_form(it.event, it.session, form))
    assert "This booking was cancelled" in Page(get(done)).text
    returned = sent_to(book_by_form(it.event, it.session, {**form, "return_url": THANKS}))
    assert returned == THANKS + "&turnout=cancelled"
    assert making.invariants_hold(it.session) == 0


@pytest.mark.parametrize(("code", "status", "arrange"), REFUSED)
def test_a_refused_form_comes_back_with_its_status_and_what_was_typed(
    code: str, status: int, arrange: Callable[[], Scene]
) -> None:
    it = arrange()
    form = {**it.body, "idempotency_key": it.idempotency_key, "guests": ["Bo Typed"]}
    response = book_by_form(it.event, it.session, form)
    assert response.status_code == status
    assert header(response, "Cache-Control") == "no-store"
    assert header(response, "Retry-After") == RETRY_AFTER.get(code)
    page = Page(response)
    if code in GONE:
        assert page.all("form") == []
        return
    (summary,) = page.all("div", role="alert")
    assert "autofocus" in summary
    if code in OVER:
        assert page.field("name") is None
        return
    if code in LED_AWAY:
        assert page.field("email") == it.body["email"]
        return
    assert page.field("name") == it.body["name"]
    assert page.field("email") == it.body["email"]
    assert page.field("guests") == "Bo Typed"
    if it.body["places"] in range(1, it.event.places_per_booking_max + 1):
        (chosen,) = (option for option in page.all("option") if "selected" in option)
        assert chosen["value"] == str(it.body["places"])
    action = "https://book.example.org/v1" + bookings_path(it.event, it.session)
    assert page.all("form", method="post", action=action)


def test_who_is_already_booked_reads_so_calmly_and_no_field_is_marked_wrong() -> None:
    it = scene()
    book_by_form(it.event, it.session, ann(idempotency_key="key-1"))
    response = book_by_form(it.event, it.session, ann(idempotency_key="key-2"))
    assert response.status_code == 409
    page = Page(response)
    assert "You are already booked" in page.text
    assert "Look for our email with your ticket in your inbox and your spam folder." in page.text
    again = f"https://book.example.org/v1/book/{it.event.slug}/{it.session.session_id}/again"
    assert page.all("form", action=again)
    assert page.field("email") == "ann@example.org"
    assert "There is a problem" not in page.text
    assert page.all("div", **{"class": "notice bad"}) == []
    assert not [have for _, have in page.tags if "aria-invalid" in have or "wrong" in have.get("class", "")]


def test_with_nothing_left_the_page_says_sold_out_first_and_asks_for_nothing_that_can_be_of_use() -> None:
    it = scene(capacity=2)
    book_by_form(it.event, it.session, ann())
    response = book_by_form(it.event, it.session, ann(email="bo@example.org"))
    assert response.status_code == 409
    page = Page(response)
    said = page.text[page.text.index("Skip to main content") :]
    first = min((said.index(heading), heading) for heading in ("Sorry, this session is sold out", "When"))
    assert first[1] == "Sorry, this session is sold out"
    (alert,) = page.all("div", role="alert")
    assert "autofocus" in alert
    assert "Book now" not in page.text
    assert "or fewer" not in page.text
    assert "There is a problem" not in page.text
    assert "If you have booked with this address before, that booking is safe." in page.text


def test_with_too_few_left_the_form_comes_back_and_says_how_many_there_are() -> None:
    it = scene(capacity=3)
    book_by_form(it.event, it.session, ann())
    page = Page(book_by_form(it.event, it.session, ann(email="bo@example.org", places=3)))
    assert page.all("a", href="#places")
    assert "Only 1 place is left." in page.text
    assert "or fewer" not in page.text
    assert page.field("email") == "bo@example.org"
    more = scene(capacity=6)
    book_by_form(more.event, more.session, ann())
    page = Page(book_by_form(more.event, more.session, ann(email="bo@example.org", places=6)))
    assert "Only 4 places are left. Choose 4 or fewer." in page.text


def test_what_is_about_no_field_comes_after_what_is() -> None:
    it = scene()
    page = Page(book_by_form(it.event, it.session, ann(name="", return_url="https://evil.example/")))
    assert "There is a problem" in page.text
    page = Page(book_by_form(it.event, it.session, ann(name="", website="spam")))
    assert page.text.index("Please enter your name.") < page.text.index("Something filled in a hidden field.")


@pytest.mark.parametrize(("status", "heading"), [("closed", "Booking is closed"), ("cancelled", "cancelled")])
def test_a_form_that_came_too_late_says_so_first_without_a_form_that_books(status: str, heading: str) -> None:
    it = scene(status=status)
    page = Page(book_by_form(it.event, it.session, ann()))
    assert len(page.all("div", role="alert")) == 1
    assert heading in page.text
    assert "Book now" not in page.text
    assert ("Send my email again" in page.text) == (status == "closed")


def test_each_wrong_field_is_named_in_a_summary_that_leads_to_it_and_beside_it() -> None:
    it = scene(event={"questions": (DIET,)})
    wrong = ann(name="", email="nobody", places="", guests=["www.buy.com"], consent=False)
    wrong["answer.diet"] = "Halal"
    page = Page(book_by_form(it.event, it.session, wrong))
    leads_to = [link["href"] for link in page.all("a") if link["href"].startswith("#")]
    assert leads_to.pop(0) == "#main"
    assert leads_to == ["#name", "#email", "#places", "#guest-1", "#consent"]
    for link in leads_to:
        field_id = link[1:]
        (field,) = (have for _, have in page.tags if have.get("id") == field_id)
        assert f"{field_id}-error" in field["aria-describedby"].split()
        assert field["aria-invalid"] == "true"
        assert page.all("p", id=f"{field_id}-error")


def test_everything_a_field_is_described_by_is_on_the_page() -> None:
    it = scene()
    for form in (ann(), ann(name="", email="", places="", guests=["a", "b"], consent=False)):
        page = Page(book_by_form(it.event, it.session, form | {"return_url": "https://not-listed.example"}))
        ids = {have["id"] for _, have in page.tags if "id" in have}
        labelled = {have["for"] for have in page.all("label")}
        for _, have in page.tags:
            assert set(have.get("aria-describedby", "").split()) <= ids
            assert set(have.get("aria-labelledby", "").split()) <= ids
        for tag, have in page.tags:
            if tag in {"input", "select"} and have.get("type") != "hidden":
                assert have["id"] in labelled


@pytest.mark.parametrize("code", ["busy", "invalid", "sold_out", "already_booked", "too_many_requests"])
def test_a_refused_form_keeps_its_key_since_nothing_is_stored_under_it(code: str) -> None:
    (arrange,) = (arrange for refused, _, arrange in REFUSED if refused == code)
    it = arrange()
    page = Page(book_by_form(it.event, it.session, {**it.body, "idempotency_key": "key-of-this-form"}))
    assert page.field("idempotency_key") == "key-of-this-form"


def test_a_form_changed_after_it_was_booked_gets_a_key_of_its_own() -> None:
    it = scene()
    book_by_form(it.event, it.session, ann(idempotency_key="key-1"))
    response = book_by_form(it.event, it.session, ann(places=3, idempotency_key="key-1"))
    assert response.status_code == 422
    page = Page(response)
    assert "already sent this form with other details" in page.text
    key = page.field("idempotency_key")
    assert key is not None
    assert len(key) >= 24
    assert key != "key-1"


def test_a_form_with_a_useless_key_comes_back_with_a_good_one() -> None:
    it = scene()
    page = Page(book_by_form(it.event, it.session, ann(idempotency_key="two words")))
    key = page.field("idempotency_key")
    assert key is not None
    assert " " not in key
    assert len(key) >= 24


def test_a_refused_form_still_knows_where_to_return_to_and_the_browser_may_go_there() -> None:
    it = scene(event={"return_urls": (THANKS,)})
    response = book_by_form(it.event, it.session, ann(name="", return_url=THANKS))
    assert Page(response).field("return_url") == THANKS
    policy = header(response, "Content-Security-Policy") or ""
    assert "form-action 'self' https://book.example.org https://curry.example;" in policy


def test_the_honeypot_is_empty_again_when_the_form_comes_back() -> None:
    it = scene()
    response = book_by_form(it.event, it.session, ann(website="https://spam.example"))
    assert response.status_code == 422
    page = Page(response)
    assert page.field("website") == ""
    assert "#website" not in [link["href"] for link in page.all("a")]
    assert list(every_booking(it.session.session_id)) == []


@pytest.mark.parametrize("body", [b"", b"name=%FF", b"name=%00", b"a=b&" * 300, b"x" * 70_000])
def test_a_form_that_cannot_be_read_comes_back_empty(body: bytes) -> None:
    it = scene()
    response = book_by_form(it.event, it.session, body)
    assert response.status_code == 422
    assert Page(response).field("name") == ""


def test_a_form_is_known_by_its_content_type_however_it_is_spelled() -> None:
    it = scene()
    headers = {**FORM, "Content-Type": "Application/X-WWW-Form-URLEncoded; charset=UTF-8"}
    body = b"name=Ann&email=ann@example.org&consent=on"
    assert post(bookings_path(it.event, it.session), body, **headers).status_code == 303


def test_the_address_of_a_refused_form_leads_back_to_an_empty_one() -> None:
    it = scene()
    again = sent_to(get(bookings_path(it.event, it.session)))
    assert again == f"https://book.example.org/v1/book/{it.event.slug}/{it.session.session_id}"
    assert Page(get(again)).all("form")


HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 'tem' ~ 'plated' }}"


def test_nothing_typed_into_a_form_becomes_part_of_the_page() -> None:
    it = scene(event={"return_urls": (THANKS,), "questions": (DIET,)})
    wrong = ann(consent=False) | {"answer.diet": "Halal"}
    fields = ["name", "email", "places", "guests", "website", "idempotency_key", "return_url", "unknown"]
    for field in [*fields, HOSTILE]:
        response = book_by_form(it.event, it.session, {**wrong, field: HOSTILE})
        assert response.status_code == 422
        page = Page(response)
        assert not {"script", "img"} & {tag for tag, _ in page.tags}
        assert not [name for _, have in page.tags for name in have if name.startswith("on")]
        assert b"templated" not in response.body
        if field in {"name", "email", "guests"}:
            assert page.field(field) == HOSTILE


def test_no_public_reply_holds_what_somebody_else_has_booked() -> None:
    it = scene(event={"return_urls": (THANKS,)})
    stored = ann(name="Stored Person", guests=["Stored Guest"], idempotency_key="key-1")
    book_by_form(it.event, it.session, stored)
    booking = only_booking(it)
    replies = [
        book_by_form(it.event, it.session, stored),
        book_by_form(it.event, it.session, ann(name="Peregrine Otherwise", idempotency_key="key-2")),
        book_by_form(it.event, it.session, ann(name="Peregrine Otherwise", idempotency_key="key-1")),
        get(f"/events/{it.event.slug}"),
        get(f"/book/{it.event.slug}"),
        get(f"/book/{it.event.slug}/{it.session.session_id}"),
        get(f"/book/{it.event.slug}/{it.session.session_id}/done"),
    ]
    for reply in replies:
        shown = reply.body.decode() + str(reply.headers)
        for secret in ("Stored Person", "Stored Guest", "/manage/", booking.key, booking.booking_id):
            assert secret not in shown


def test_the_form_carries_what_its_page_showed_and_the_booking_keeps_it() -> None:
    it = scene(sequence=3)
    page = Page(get(f"/book/{it.event.slug}/{it.session.session_id}"))
    assert page.field("shown") == "3"
    sent_to(book_by_form(it.event, it.session, ann(shown=3)))
    assert only_booking(it).shown == 3


@pytest.mark.parametrize("shown", ["", "four", "-1", "1e2", "4", "9" * 40, "\u0663"])
def test_a_form_that_does_not_say_what_it_showed_books_all_the_same(shown: str) -> None:
    it = scene(sequence=3)
    sent_to(book_by_form(it.event, it.session, ann(shown=shown)))
    assert only_booking(it).shown is None


def test_a_refused_form_keeps_what_was_shown_at_first() -> None:
    it = scene(sequence=3)
    refused = [book_by_form(it.event, it.session, ann(name="", **sent)) for sent in ({"shown": 2}, {})]
    assert [Page(response).field("shown") for response in refused] == ["2", "3"]


def test_an_address_that_is_too_long_is_said_to_be_that() -> None:
    it = scene()
    long = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 10}.org"
    said = "This email address is too long. Enter one of at most 254 characters."
    assert said in Page(book_by_form(it.event, it.session, ann(email=long))).text
    assert said in Page(ask_again(it.event, it.session, long)).text
    refused = book_by_json(it.event, it.session, ann(email="x" * 60_000))
    assert [error["detail"] for error in refused.json_body["errors"]] == [said]


def test_the_summary_names_the_question_and_the_guest_that_a_sentence_is_about() -> None:
    why = Question(question_id="why", kind="text", label="Why do you come?")
    first = Question(question_id="first", kind="yes_no", label="Your first time")
    it = scene(event={"questions": (DIET, why, first)})
    sent = ann(places=3, guests=["Bo", "www.buy.com"], consent=True)
    typed = {"answer.why": "x" * 1001, "answer.first": "maybe", "answer.diet": "x" * 1001}
    text = Page(book_by_form(it.event, it.session, {**sent, **typed})).text
    assert text.count("Why do you come? Shorten this to 1,000 characters.") == 2
    assert "Your first time: Answer yes or no." in text
    assert "Guest 2: Please leave web addresses out of this name." in text


def test_too_few_places_for_the_guests_are_said_where_the_places_are_chosen() -> None:
    it = scene()
    page = Page(book_by_form(it.event, it.session, ann(places=2, guests=["Bo", "Cy"])))
    assert page.all("a", href="#places")
    assert page.all("select", id="places", **{"aria-invalid": "true"})
    assert "Choose more places or remove a guest." in page.text
    assert page.all("details", id="guests", open="")
