"""Who is behind an event, on all of its pages; and how these speak of consent, sessions and bad news."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from chalice.test import HTTPResponse

from chalicelib.domain.questions import Question
from chalicelib.store.bookings import every_booking
from tests import making
from tests.actions.as_routes import cancel_event, cancel_session
from tests.actions.callers import owner_of
from tests.web.attendee.test_booking import booked, corrected, link
from tests.web.browsing import Page, ann, book_by_form, get, press
from tests.web.conftest import NOW, Clock
from tests.web.queue.test_pages import OPENS_AT, place_of, queue_scene
from tests.web.refused import scene
from tests.web.test_accessibility import (
    PAGES,
    a_cancelled_event,
    a_counter_alone,
    at_ones_turn,
    form,
    nothing_there,
    the_docs,
)

pytestmark = pytest.mark.usefixtures("table")

FACE = {
    "organiser_name": "Leicester Hosts",
    "contact": "+44 (0)116 496 0123",
    "privacy_url": "https://hosts.example/privacy",
    "price": "You pay the restaurant",
    "session_noun": "dinner",
}
# The counter alone has but a link to the event's page, which says it.
OF_NO_EVENT = {nothing_there, the_docs, a_counter_alone}


@pytest.fixture
def face(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FACE.items():
        monkeypatch.setitem(making.FACE, name, value)


def words(response: HTTPResponse) -> str:
    return " ".join(Page(response).text.split())


def no_such_session(_: Clock) -> HTTPResponse:
    return get(f"/book/{scene().event.slug}/{'a' * 16}")


def an_expired_link(clock: Clock) -> HTTPResponse:
    _, booking = booked()
    clock.now = NOW + timedelta(days=101)
    return get(link("manage", booking))


def a_link_after_its_booking_moved(_: Clock) -> HTTPResponse:
    it, booking = booked()
    corrected(it, booking, "bo@example.org")
    return get(link("manage", booking))


def a_ticket_of_a_cancelled_booking(_: Clock) -> HTTPResponse:
    booking = booked()[1]
    press(link("manage", booking) + "/cancel")
    return get(link("ticket", booking))


def a_damaged_place_in_the_queue(_: Clock) -> HTTPResponse:
    return get(f"/book/{queue_scene().event.slug}/queue/nonsense")


MORE_PAGES = (
    no_such_session,
    an_expired_link,
    a_link_after_its_booking_moved,
    a_ticket_of_a_cancelled_booking,
    a_damaged_place_in_the_queue,
)
ALL_PAGES = [*(page for page, _ in PAGES if page not in OF_NO_EVENT), *MORE_PAGES]

each_page = pytest.mark.parametrize("arrive", ALL_PAGES, ids=[page.__name__ for page in ALL_PAGES])


@each_page
@pytest.mark.usefixtures("face")
def test_every_page_of_an_event_says_who_is_behind_it_and_how_to_reach_them(
    clock: Clock, arrive: Callable[[Clock], HTTPResponse]
) -> None:
    page = Page(arrive(clock))
    assert "Organised by Leicester Hosts" in page.text
    assert page.link("tel:") == "tel:+441164960123"
    notices = page.all("a", href=FACE["privacy_url"])
    assert notices
    assert all(notice["rel"] == "noopener noreferrer" for notice in notices)


@each_page
@pytest.mark.usefixtures("face")
def test_no_page_says_session_where_the_event_says_dinner(
    clock: Clock, arrive: Callable[[Clock], HTTPResponse]
) -> None:
    page = Page(arrive(clock))
    # The form to paste has an address of the API.
    assert "session" not in re.sub(r"https?://\S+", "", page.text).lower()


def test_a_page_of_no_event_or_of_a_draft_names_nobody() -> None:
    for path in ("nothing-here", scene(event={"status": "draft"}).event.slug):
        assert "Organised by" not in Page(get(f"/book/{path}")).text


def test_an_event_from_before_we_asked_has_words_that_do_without_a_name() -> None:
    it = scene(event=dict.fromkeys(making.FACE) | {"questions": (DIET,)})
    text = words(form(it))
    assert "The organiser and your host will use these details to run this session" in text
    assert "I agree that the organiser and my host may use my answer" in text
    assert "Organised by" not in text
    assert "Questions?" not in text


@pytest.mark.usefixtures("face")
def test_what_it_costs_is_said_before_and_after_booking(clock: Clock) -> None:
    it, booking = booked()
    session = f"/book/{it.event.slug}/{it.session.session_id}"
    for path in (f"/book/{it.event.slug}", session, f"{session}/done", link("manage", booking)):
        assert "You pay the restaurant" in words(get(path)), path
    assert "You pay the restaurant" in words(at_ones_turn(clock))


def test_an_email_address_is_a_link_that_writes_to_it() -> None:
    assert Page(form(scene())).link("hosts@") == "mailto:hosts@example.org"


# Consent

DIET = Question(
    question_id="diet", kind="choice", label="What do you eat?", choices=("All", "Halal"), sensitive=True
)
NEEDS = Question(question_id="needs", kind="text", label="What do you need?", sensitive=True, required=True)
WHY = Question(question_id="why", kind="text", label="Why?")


@pytest.mark.usefixtures("face")
def test_a_form_says_what_is_done_with_the_details_and_asks_for_no_tick() -> None:
    page = Page(form(scene(event={"questions": (WHY,)})))
    text = " ".join(page.text.split())
    assert (
        "Leicester Hosts and your host will use these details to run this dinner and email you about your "
        "booking. Privacy notice Book now"
    ) in text
    assert not page.all("input", name="consent")


@pytest.mark.usefixtures("face")
def test_a_question_about_health_or_belief_has_one_tick_that_names_who_will_use_it_and_for_what() -> None:
    it = scene(event={"questions": (DIET, WHY)})
    page = Page(form(it))
    (tick,) = page.all("input", name="consent")
    assert "required" not in tick
    text = " ".join(page.text.split())
    assert "I agree that Leicester Hosts and my host may use my answer to “ What do you eat? ” to" in text
    assert "to run this dinner. It may say something about your health or belief." in text
    assert "(only needed if you answer)" in text
    answered = ann(consent=False) | {"answer.diet": "Halal"}
    refused = book_by_form(it.event, it.session, answered)
    assert refused.status_code == 422
    assert "Please tick the box. We can only use these answers if you agree." in words(refused)
    ticked = Page(book_by_form(it.event, it.session, answered | {"consent": "on", "name": ""}))
    assert "checked" in ticked.all("input", name="consent")[0]
    assert book_by_form(it.event, it.session, ann(consent=False)).status_code == 303
    assert next(every_booking(it.session.session_id)).answers == {}


@pytest.mark.usefixtures("face")
def test_where_such_a_question_must_be_answered_the_tick_is_needed_too() -> None:
    page = Page(form(scene(event={"questions": (DIET, NEEDS)})))
    (tick,) = page.all("input", name="consent")
    assert "required" in tick
    assert "(only needed if you answer)" not in page.text
    assert "They may say something about your health or belief." in " ".join(page.text.split())


# Bad news


@pytest.mark.usefixtures("face")
def test_a_cancelled_session_says_sorry_that_people_are_emailed_and_whom_to_ask() -> None:
    it, booking = booked()
    cancel_session(owner_of(it.event), it.event.event_id, it.session.session_id, now=NOW)
    session = f"/book/{it.event.slug}/{it.session.session_id}"
    for path in (session, f"{session}/done", link("manage", booking)):
        page = Page(get(path))
        assert page.all("div", **{"class": "notice bad"}), path
        text = " ".join(page.text.split())
        assert "Sorry, this dinner has been cancelled" in text
        assert "Everyone who booked gets an email from us." in text
        assert "Questions? Contact Leicester Hosts : +44 (0)116 496 0123" in text
        assert not [have for have in page.all("a") if "openstreetmap" in have["href"]], path
        assert "confirmed" not in text
    card = Page(get(f"/book/{it.event.slug}"))
    assert not [have for have in card.all("a") if "openstreetmap" in have["href"]]


@pytest.mark.usefixtures("face")
def test_a_cancelled_event_says_that_people_are_emailed_once_a_session_is_cancelled(clock: Clock) -> None:
    assert "gets an email" not in words(a_cancelled_event(clock))
    it, _ = booked()
    cancel_event(owner_of(it.event), it.event.event_id, now=NOW)
    cancel_session(owner_of(it.event), it.event.event_id, it.session.session_id, now=NOW)
    text = words(get(f"/book/{it.event.slug}"))
    assert "Sorry, this event has been cancelled" in text
    assert "Everyone who booked gets an email from us." in text
    assert "Questions? Contact Leicester Hosts" in text


def test_a_place_in_the_queue_of_a_cancelled_event_leads_to_the_page_that_says_so() -> None:
    it = queue_scene()
    place = place_of(it.event)
    cancel_event(owner_of(it.event), it.event.event_id, now=OPENS_AT)
    page = Page(get(place))
    assert page.link(f"/book/{it.event.slug}")
    assert "Organised by" in page.text


# Languages


def test_what_an_organiser_typed_is_marked_as_its_language_and_our_words_are_not() -> None:
    typed = {"language": "de", "organiser_name": "Suppenfreunde", "price": "Kostenlos"}
    it = scene(event={**typed, "questions": (WHY,)})
    for body in (form(it), get(f"/book/{it.event.slug}")):
        html = body.body.decode()
        assert '<strong lang="de">Suppenfreunde</strong>' in html
        assert 'lang="de">Kostenlos<' in html
        assert html.count('lang="de"') >= 5
    wrong = book_by_form(it.event, it.session, ann() | {"answer.why": "x" * 1001})
    assert Page(wrong).all("p", id="answer-why-error", lang="en")
