"""Every page in a browser, looked over by axe: labels, contrast, headings and landmarks, dark and light."""

import html
import re
import string
from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]  # it ships no types
from chalice.test import HTTPResponse
from playwright.sync_api import Browser

from chalicelib.domain.admission import QueueTicket, sign_queue_ticket
from chalicelib.domain.colours import nearest_readable
from chalicelib.domain.questions import Question
from chalicelib.store.figures import keep_figures
from chalicelib.store.secrets import current_token_secret
from chalicelib.web.public.hosted import INDEXED_FROM
from infra.vendor import ROOT
from tests import making
from tests.store.test_places_left import figures_with
from tests.web.attendee.test_booking import booked, link
from tests.web.browsing import ann, ask_again, book_by_form, get, press
from tests.web.conftest import NOW, Clock
from tests.web.public.test_done import RIGHT, correct
from tests.web.public.test_done import booked as booked_by_form
from tests.web.queue.test_pages import form_of, held_in, join, later, place_of, queue_scene
from tests.web.refused import Scene, scene

LOOKS: list[tuple[Literal["light", "dark"], int]] = [("light", 360), ("dark", 1200)]
"""A phone by day and a desk by night. No colour of ours hangs on the width, and no width on the colours."""

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # What is well is not told of: telling takes longer than looking.
    "resultTypes": ["violations"],
}

ASK = """async rules => {
  const told = await axe.run(rules);
  return told.violations.map(found => [found.id, found.nodes.map(node => node.html)]);
}"""

QUESTIONS = (
    Question(question_id="diet", kind="choice", label="Your diet", choices=("any", "vegan"), required=True),
    Question(question_id="first", kind="yes_no", label="Is it your first time?", required=True),
    Question(question_id="why", kind="text", label="Why?"),
)

WRONG = ann(name="", email="nobody", places=0, consent=False)


def asking() -> Scene:
    return scene(event={"questions": QUESTIONS, "description": "Come as you are.\nBring bread."})


def form(it: Scene) -> HTTPResponse:
    return get(f"/book/{it.event.slug}/{it.session.session_id}")


def an_event(_: Clock) -> HTTPResponse:
    it = scene(event={"description": "Come as you are.\nBring bread."})
    making.make_session(it.event, title="Full", capacity=0)
    making.make_session(it.event, title="Off", status="cancelled")
    making.make_session(it.event, title="Over", status="closed")
    making.make_session(it.event, title="Held up", paused_until=NOW + timedelta(seconds=7))
    for letter in string.ascii_uppercase[: INDEXED_FROM - 4]:
        making.make_session(it.event, title=f"{letter}-Town")
    return get(f"/book/{it.event.slug}")


def an_event_in_a_colour_that_is_only_just_readable(_: Clock) -> HTTPResponse:
    it = scene(event={"description": "See https://example.org", "accent_colour": nearest_readable("#ffd400")})
    making.make_session(it.event, title="Full", capacity=0)
    return get(f"/book/{it.event.slug}")


def an_event_with_a_map(_: Clock) -> HTTPResponse:
    it = scene(event={"language": "cy"})
    towns = ("Leeds", "Bradford", "Hull", "Newry", "Norwich", "Norwich", "Who knows where")
    for title in towns:
        making.make_session(it.event, title=title, latitude=None, longitude=None)
    making.make_session(it.event, title="Margate", latitude=None, longitude=None, capacity=0)
    making.make_session(it.event, title="Vancouver", latitude=49.2, longitude=-123.1)
    return get(f"/book/{it.event.slug}")


def counted(it: Scene, free: int = 25) -> None:
    keep_figures(it.event.event_id, it.session.session_id, figures_with(free, capacity=99))


def an_event_with_a_counter(_: Clock) -> HTTPResponse:
    it = scene(event={"session_noun": "dinner"})
    counted(it)
    return get(f"/book/{it.event.slug}")


def a_counter_alone(_: Clock) -> HTTPResponse:
    it = scene(event={"session_noun": "dinner", "language": "cy"})
    counted(it)
    return get(f"/book/{it.event.slug}/counter/embed")


def an_event_with_a_search(_: Clock) -> HTTPResponse:
    it = scene(title="Leeds", latitude=None, longitude=None)
    making.make_session(it.event, title="Norwich", latitude=None, longitude=None, capacity=0)
    making.make_session(it.event, title="Galway", latitude=None, longitude=None, zone="Europe/Dublin")
    return get(f"/book/{it.event.slug}?near=Hull&places=2")


def an_event_that_asks_which_town_is_meant(_: Clock) -> HTTPResponse:
    it = scene(title="Leeds", latitude=None, longitude=None)
    making.make_session(it.event, title="Galway", latitude=None, longitude=None, zone="Europe/Dublin")
    return get(f"/book/{it.event.slug}?near=Newport")


def a_form_that_names_the_nearest_with_room(_: Clock) -> HTTPResponse:
    it = scene(capacity=0)
    making.make_session(it.event, title="Leeds", latitude=None, longitude=None)
    return form(it)


def an_event_that_is_not_open_yet(_: Clock) -> HTTPResponse:
    return get(f"/book/{scene(event={'opens_at': NOW + timedelta(hours=1)}).event.slug}")


def a_cancelled_event(_: Clock) -> HTTPResponse:
    return get(f"/book/{scene(event={'status': 'cancelled'}).event.slug}")


def a_form(_: Clock) -> HTTPResponse:
    return form(asking())


def a_form_that_allows_several_bookings(_: Clock) -> HTTPResponse:
    return form(scene(event={"bookings_per_address_max": 3}))


def a_refused_form(_: Clock) -> HTTPResponse:
    it = asking()
    return book_by_form(it.event, it.session, {**WRONG, "guests": ["see www.example.com"]})


def a_form_that_is_too_early(_: Clock) -> HTTPResponse:
    return form(scene(event={"opens_at": NOW + timedelta(hours=1)}))


def a_form_of_a_full_session(_: Clock) -> HTTPResponse:
    return form(scene(capacity=0))


def a_form_while_bookings_are_held_up(_: Clock) -> HTTPResponse:
    return form(scene(paused_until=NOW + timedelta(seconds=7)))


def already_booked(_: Clock) -> HTTPResponse:
    it = scene()
    book_by_form(it.event, it.session, ann(idempotency_key="key-1"))
    return book_by_form(it.event, it.session, ann(idempotency_key="key-2"))


def asking_for_an_email_again(_: Clock) -> HTTPResponse:
    it = scene()
    return get(f"/book/{it.event.slug}/{it.session.session_id}/again")


def asking_with_a_mistyped_address(_: Clock) -> HTTPResponse:
    it = scene()
    return ask_again(it.event, it.session, "nobody")


def having_asked_for_an_email(_: Clock) -> HTTPResponse:
    it = scene()
    return ask_again(it.event, it.session, "ann@example.org")


def refused_as_sold_out(_: Clock) -> HTTPResponse:
    it = scene(capacity=0)
    return book_by_form(it.event, it.session, ann())


def done(_: Clock) -> HTTPResponse:
    it = scene()
    return get(str(book_by_form(it.event, it.session, ann()).headers["Location"]))


def done_with_an_address_that_looks_mistyped(_: Clock) -> HTTPResponse:
    return get(booked_by_form(scene()))


def done_with_a_refused_correction(_: Clock) -> HTTPResponse:
    it = scene()
    return correct(it, booked_by_form(it), "nobody")


def done_and_corrected(_: Clock) -> HTTPResponse:
    it = scene()
    done = booked_by_form(it)
    correct(it, done, RIGHT)
    return get(done)


def done_with_what_was_cancelled(_: Clock) -> HTTPResponse:
    it = scene()
    return get(f"/book/{it.event.slug}/{it.session.session_id}/done?turnout=cancelled")


def a_booking_with_the_way_to_cancel_it(_: Clock) -> HTTPResponse:
    booking = booked()[1]
    return get(link("manage", booking))


def a_cancelled_booking(_: Clock) -> HTTPResponse:
    booking = booked()[1]
    press(link("manage", booking) + "/cancel")
    return get(link("manage", booking))


def a_ticket(_: Clock) -> HTTPResponse:
    booking = booked()[1]
    return get(link("ticket", booking))


def nothing_there(_: Clock) -> HTTPResponse:
    return get("/book/nothing-here")


def the_form_to_paste(_: Clock) -> HTTPResponse:
    it = asking()
    return get(f"/book/{it.event.slug}/{it.session.session_id}/embed")


def the_docs(_: Clock) -> HTTPResponse:
    return get("/docs")


def joining_the_draw(_: Clock) -> HTTPResponse:
    return get(f"/book/{queue_scene().event.slug}")


def joining_the_queue(clock: Clock) -> HTTPResponse:
    it = queue_scene()
    later(clock, seconds=61)
    return get(f"/book/{it.event.slug}")


def joining_with_a_mistyped_address(_: Clock) -> HTTPResponse:
    return join(queue_scene().event, "nobody")


def in_the_draw(_: Clock) -> HTTPResponse:
    return get(place_of(queue_scene().event))


def waiting_in_the_queue(clock: Clock) -> HTTPResponse:
    return get(waiting(clock, capacity=20))


def waiting_behind_more_than_there_are_places(clock: Clock) -> HTTPResponse:
    return get(waiting(clock, capacity=1))


def waiting_without_looking_again(clock: Clock) -> HTTPResponse:
    return get(waiting(clock, capacity=20) + "?refresh=off")


def waiting(clock: Clock, *, capacity: int) -> str:
    it = queue_scene(capacity=capacity)
    for number in range(9):
        place_of(it.event, f"early.{number}@example.org")
    later(clock, seconds=1)
    return place_of(it.event, "late@example.org")


def at_ones_turn(clock: Clock) -> HTTPResponse:
    it = queue_scene()
    place = place_of(it.event)
    later(clock, seconds=30)
    return get(place)


def the_form_at_ones_turn(clock: Clock) -> HTTPResponse:
    it = queue_scene()
    held = held_in(form_of(it, clock))
    return book_by_form(it.event, it.session, ann(email="", **held))


def a_form_without_a_turn(clock: Clock) -> HTTPResponse:
    it = queue_scene()
    later(clock, seconds=1)
    return book_by_form(it.event, it.session, ann(idempotency_key=""))


def all_sold_while_waiting(clock: Clock) -> HTTPResponse:
    it = queue_scene(capacity=1)
    held = held_in(form_of(it, clock))
    left_over = place_of(it.event, "late.one@example.org")
    assert book_by_form(it.event, it.session, ann(places="1", **held)).status_code == 303
    later(clock, seconds=31)
    return get(left_over)


def no_queue_any_more(_: Clock) -> HTTPResponse:
    it = scene(event={"opens_at": NOW})
    ticket = sign_queue_ticket(current_token_secret(), QueueTicket(it.event.event_id, "a" * 26, NOW))
    return get(f"/book/{it.event.slug}/queue/{ticket}")


PAGES: list[tuple[Callable[[Clock], HTTPResponse], str]] = [
    (an_event, "session by name"),
    (an_event_in_a_colour_that_is_only_just_readable, "Share this event"),
    (an_event_with_a_map, "Map of 9 sessions."),
    (an_event_with_a_counter, "places left"),
    (a_counter_alone, "places left"),
    (an_event_with_a_search, "No room for 2"),
    (an_event_that_asks_which_town_is_meant, "Which one do you mean?"),
    (a_form_that_names_the_nearest_with_room, "This is the nearest session with places left:"),
    (an_event_that_is_not_open_yet, "Booking is not open yet"),
    (a_cancelled_event, "Sorry, this event has been cancelled"),
    (a_form, "Book your places"),
    (a_form_that_allows_several_bookings, "Already booked, but no email?"),
    (a_refused_form, "There is a problem"),
    (a_form_that_is_too_early, "Booking is not open yet"),
    (a_form_of_a_full_session, "Sorry, this session is sold out"),
    (a_form_while_bookings_are_held_up, "Back in a moment"),
    (already_booked, "You are already booked"),
    (asking_for_an_email_again, "Send my email again"),
    (asking_with_a_mistyped_address, "There is a problem"),
    (having_asked_for_an_email, "Check your inbox"),
    (refused_as_sold_out, "that booking is safe"),
    (done, "Wrong address? Correct it"),
    (done_with_an_address_that_looks_mistyped, "Did you mean"),
    (done_with_a_refused_correction, "There is a problem"),
    (done_and_corrected, "It says what is booked with that address."),
    (done_with_what_was_cancelled, "This booking was cancelled"),
    (a_booking_with_the_way_to_cancel_it, "Yes, cancel my booking"),
    (a_cancelled_booking, "Your booking is cancelled"),
    (a_ticket, "Show this at the door"),
    (nothing_there, "<h1>"),
    (the_form_to_paste, "HTML to copy"),
    (the_docs, "Turnout"),
    (joining_the_draw, "Join the draw"),
    (joining_the_queue, "Join the queue"),
    (joining_with_a_mistyped_address, "There is a problem"),
    (in_the_draw, "You are in the draw"),
    (waiting_in_the_queue, "You are in the queue"),
    (waiting_behind_more_than_there_are_places, "All the places may go to people ahead of you"),
    (waiting_without_looking_again, "This page does not refresh itself"),
    (at_ones_turn, "It is your turn"),
    (the_form_at_ones_turn, "There is a problem"),
    (a_form_without_a_turn, "Please join the queue first"),
    (all_sold_while_waiting, "this event is sold out"),
    (no_queue_any_more, "You can book now"),
]
"""How each page comes about, and words that tell that it is this one."""


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(("arrive", "words"), PAGES, ids=[page.__name__ for page, _ in PAGES])
def test_axe_finds_nothing_wrong_with_a_page(
    browser: Browser, clock: Clock, arrive: Callable[[Clock], HTTPResponse], words: str
) -> None:
    shown = arrive(clock).body.decode()
    assert words in shown
    assert violations(browser, shown) == []


def test_axe_finds_nothing_wrong_with_what_is_shown_while_the_public_is_shut_out(browser: Browser) -> None:
    assert violations(browser, (ROOT / "infra" / "shut" / "page.html").read_text()) == []


@pytest.mark.usefixtures("table")
def test_axe_finds_nothing_wrong_with_the_form_on_somebody_elses_page(browser: Browser, clock: Clock) -> None:
    shown = re.search(
        r"<textarea[^>]* readonly[^>]*>(.*?)</textarea>", the_form_to_paste(clock).body.decode(), re.S
    )
    assert shown is not None
    blog = "<!doctype html><html lang=en><title>Blog</title><main><h1>Blog</h1>{}</main>"
    assert violations(browser, blog.format(html.unescape(shown[1]))) == []


@pytest.mark.usefixtures("table")
def test_axe_does_see_a_field_that_has_lost_its_label(browser: Browser, clock: Clock) -> None:
    shown = a_form(clock).body.decode()
    broken = shown.replace('<label for="name">', "<label>")
    assert broken != shown
    assert {rule for _, _, rule, _ in violations(browser, broken)} == {"label"}


def violations(browser: Browser, content: str) -> list[tuple[str, int, str, list[str]]]:
    """Return what is wrong with a page: colour scheme, width, rule and where."""
    found: list[tuple[str, int, str, list[str]]] = []
    # Offline: neither axe nor the page may need anything from elsewhere.
    with browser.new_context(offline=True) as context:
        page = context.new_page()
        # The page would look again, and be gone.
        page.set_content(re.sub(r'<meta http-equiv="refresh"[^>]*>', "", content))
        page.evaluate("document.querySelectorAll('details').forEach(closed => { closed.open = true })")
        page.evaluate(AXE_SCRIPT)
        for scheme, width in LOOKS:
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 800})
            found += [(scheme, width, rule, where) for rule, where in page.evaluate(ASK, RULES)]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append((scheme, width, "wider than the screen", []))
    return found
