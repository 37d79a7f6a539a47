"""The pages of an event's queue: joining it, one's place in it, and booking when it is one's turn."""

import base64
import hashlib
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from chalice.test import HTTPResponse

from chalicelib.domain.admission import ADMISSION_LASTS, QueueTicket, seed_hash, sign_queue_ticket
from chalicelib.domain.admission_refusals import NoQueue, NotYourTurn
from chalicelib.domain.attendee import NOT_AN_ADDRESS
from chalicelib.domain.event import Event
from chalicelib.domain.refusals import Busy, Refusal, SoldOut, TooManyRequests
from chalicelib.domain.wording import ahead_in_words
from chalicelib.store.bookings import every_booking
from chalicelib.store.secrets import current_token_secret
from chalicelib.web.queue.views import OPENING_SPREAD_SECONDS, position_view
from tests import engines, making
from tests.web.browsing import FORM, Page, ann, book_by_form, book_by_json, get, header, post
from tests.web.conftest import NOW, Clock
from tests.web.public.test_done import correct
from tests.web.refused import Scene, scene

pytestmark = pytest.mark.usefixtures("table")

EVENT_ID = "k5vnq2xw7ytb3mfd"
SEED = "5e" * 32
OPENS_AT = NOW + timedelta(hours=1)
HOSTILE = "\"'><script>alert(1)</script>"


def queue_scene(*, capacity: int = 20, **event: Any) -> Scene:
    """Return an event that opens in an hour with a queue that serves one a second."""
    queue = {"admission": "queue", "admissions_per_second": 1, "line_seed": SEED, "opens_at": OPENS_AT}
    return scene(event={"event_id": EVENT_ID, **queue, **event}, capacity=capacity)


def join(event: Event, address: str, **fields: str) -> HTTPResponse:
    body = urlencode({"email": address, **fields}).encode()
    return post(
        f"/book/{event.slug}/queue", body, **{name.replace("-", "_"): to for name, to in FORM.items()}
    )


def place_of(event: Event, address: str = "ann@example.org") -> str:
    """Join, and return where one's place is shown."""
    joined = join(event, address)
    assert joined.status_code == 303, joined.body
    location = header(joined, "Location")
    assert location is not None
    return location


def later(clock: Clock, **by: float) -> None:
    """Let time pass after the opening, and forget what was read before."""
    clock.now = OPENS_AT + timedelta(**by)
    engines.forget_process_state()


def refreshes(page: Page) -> list[int]:
    """Return after how many seconds the page looks again without a script."""
    return [int(meta["content"]) for meta in page.all("meta", **{"http-equiv": "refresh"})]


def form_of(it: Scene, clock: Clock, address: str = "ann@example.org") -> Page:
    """Join, wait for one's turn, and open the form that the place leads to."""
    place = place_of(it.event, address)
    later(clock, seconds=30)
    return Page(get(Page(get(place)).link(f"/{it.session.session_id}?")))


def held_in(form: Page) -> dict[str, str]:
    return {name: form.field(name) or "" for name in ("admission", "queue_ticket", "idempotency_key")}


# Joining


def test_before_the_opening_the_events_page_offers_the_draw_instead_of_booking() -> None:
    it = queue_scene()
    page = Page(get(f"/book/{it.event.slug}"))
    (form,) = page.all("form")
    assert form["action"] == f"https://book.example.org/v1/book/{it.event.slug}/queue"
    assert "Join the draw" in page.text
    assert "Booking opens at 2pm on Tuesday 1 June 2027 (UK time)." in page.text
    published = f"https://book.example.org/v1/events/{it.event.slug}/queue"
    assert page.link(f"/events/{it.event.slug}/queue") == published
    assert json.loads(get(published).body)["seed_hash"] == seed_hash(SEED)
    assert json.loads(get(published).body)["seed"] is None
    assert "Book a place" not in page.text


def test_after_the_opening_the_events_page_offers_the_queue_and_soon_shows_what_the_draw_hung_on(
    clock: Clock,
) -> None:
    it = queue_scene()
    published = f"/events/{it.event.slug}/queue"
    later(clock, seconds=59)
    assert json.loads(get(published).body)["seed"] is None
    assert "We publish the secret one minute after" in Page(get(f"/book/{it.event.slug}")).text
    later(clock, seconds=60)
    page = Page(get(f"/book/{it.event.slug}"))
    assert "Join the queue" in page.text
    assert "The secret is now public" in page.text
    assert json.loads(get(published).body)["seed"] == SEED
    assert "Book a place" not in page.text


def test_when_nothing_is_left_nobody_can_join_and_the_page_says_so_at_once(clock: Clock) -> None:
    it = queue_scene(capacity=1)
    form = form_of(it, clock)
    assert book_by_form(it.event, it.session, ann(places="1", **held_in(form))).status_code == 303
    later(clock, seconds=31)
    page = Page(get(f"/book/{it.event.slug}"))
    assert "this event is sold out" in page.text
    assert page.all("form") == []


def test_one_number_an_address_is_promised_to_the_draw_alone(clock: Clock) -> None:
    it = queue_scene()
    once = "An address gets one number"
    assert once in Page(get(f"/book/{it.event.slug}")).text
    later(clock, seconds=1)
    assert once not in Page(get(f"/book/{it.event.slug}")).text


def test_while_another_session_has_places_the_queue_of_a_sold_out_one_stays_open(clock: Clock) -> None:
    it = queue_scene(capacity=1)
    other = making.make_session(it.event, title="Derby")
    form = form_of(it, clock)
    assert book_by_form(it.event, it.session, ann(places="1", **held_in(form))).status_code == 303
    later(clock, seconds=31)
    page = Page(get(f"/book/{it.event.slug}"))
    assert "Sold out" in page.text
    assert "Join the queue" in page.text
    assert "this event is sold out" not in page.text
    assert page.link(f"/{other.session_id}")


def test_when_booking_has_closed_the_events_page_offers_no_queue(clock: Clock) -> None:
    queue = {"admission": "queue", "admissions_per_second": 1, "line_seed": SEED, "opens_at": OPENS_AT}
    it = scene(event={"event_id": EVENT_ID, **queue}, status="closed")
    later(clock, seconds=0)
    page = Page(get(f"/book/{it.event.slug}"))
    assert "Booking closed" in page.text
    assert page.all("form") == []
    assert "this event is sold out" not in page.text


def test_an_event_without_a_queue_shows_none() -> None:
    it = scene()
    page = Page(get(f"/book/{it.event.slug}"))
    assert page.all("form") == []
    assert "Book a place" in page.text


def test_a_mistyped_address_comes_back_with_what_was_typed_and_what_is_wrong() -> None:
    it = queue_scene()
    for address, sentence in (
        ("", "Please enter your email address."),
        (HOSTILE, NOT_AN_ADDRESS),
    ):
        response = join(it.event, address)
        assert response.status_code == 422
        page = Page(response)
        assert page.field("email") == address
        (field,) = page.all("input", name="email")
        assert field["aria-invalid"] == "true"
        assert sentence in page.text
        assert page.all("a", href="#email")
        assert page.all("script") == []


@pytest.mark.parametrize("typed", ["ann@gmial.com", " Ann@GMIAL.com"])
def test_an_address_that_looks_mistyped_is_asked_about_before_it_joins_for_nobody_sees_it_later(
    clock: Clock, typed: str
) -> None:
    it = queue_scene()
    asked = join(it.event, typed)
    page = Page(asked)
    assert asked.status_code == 422
    assert "Did you mean ann@gmail.com?" in page.text
    assert page.field("email") == page.field("looked_at") == typed.strip()
    assert join(it.event, "ann@hotmial.com", looked_at=typed).status_code == 422, "another slip"
    assert join(it.event, "ann@gmail.com", looked_at=typed).status_code == 303
    assert join(it.event, typed, looked_at=typed).status_code == 303


def test_joining_where_there_is_no_queue_leads_to_the_event() -> None:
    it = scene()
    assert header(join(it.event, "ann@example.org"), "Location") == (
        f"https://book.example.org/v1/book/{it.event.slug}"
    )


def test_whoever_presses_enter_in_a_refused_forms_address_comes_to_the_form() -> None:
    it = queue_scene()
    answer = get(f"/book/{it.event.slug}/queue")
    assert answer.status_code == 303
    assert header(answer, "Location") == f"https://book.example.org/v1/book/{it.event.slug}#queue"


def test_a_flood_of_joining_is_refused_with_the_form_again(monkeypatch: pytest.MonkeyPatch) -> None:

    def refuse(*_: object) -> None:
        raise TooManyRequests(7)

    monkeypatch.setattr("chalicelib.web.http.sources.allow", refuse)
    response = join(queue_scene().event, "ann@example.org")
    assert (response.status_code, header(response, "Retry-After")) == (429, "7")
    assert Page(response).field("email") == "ann@example.org"


# One's place


def test_a_place_is_told_to_nobody_and_says_nothing_of_who_holds_it(clock: Clock) -> None:
    it = queue_scene()
    place = place_of(it.event, "somebody.in.queue@example.org")
    for seconds in (-60, 0, 30):
        later(clock, seconds=seconds)
        response = get(place)
        assert response.status_code == 200
        assert header(response, "Cache-Control") == "private, no-store"
        assert header(response, "Referrer-Policy") == "no-referrer"
        assert header(response, "X-Robots-Tag") == "noindex, nofollow"
        assert header(response, "Set-Cookie") is None
        assert b"somebody.in.queue" not in response.body


def test_in_the_draw_the_page_says_so_and_looks_again_once_booking_has_opened(clock: Clock) -> None:
    it = queue_scene()
    clock.now = OPENS_AT - timedelta(minutes=2)
    place = place_of(it.event)
    page = Page(get(place))
    assert "You are in the draw" in page.text
    assert "Booking opens at 2pm on Tuesday 1 June 2027 (UK time)." in page.text
    assert "Bookmark this page: it is your place in the queue" in page.text
    (seconds,) = refreshes(page)
    assert 120 < seconds <= 120 + OPENING_SPREAD_SECONDS
    assert page.all("script") == []


def test_the_pages_of_a_draw_do_not_all_look_again_at_the_same_second(clock: Clock) -> None:
    it = queue_scene()
    clock.now = OPENS_AT
    engines.forget_process_state()
    clock.now = OPENS_AT - timedelta(seconds=30)
    places = [place_of(it.event, f"person.{number}@example.org") for number in range(20)]
    assert len({refreshes(Page(get(place)))[0] for place in places}) > 5


def test_whoever_waits_sees_their_number_what_is_being_served_and_about_how_long_it_takes(
    clock: Clock,
) -> None:
    it = queue_scene()
    places = [place_of(it.event, f"person.{number}@example.org") for number in range(12)]
    later(clock, seconds=2)
    seen = 0
    for place in places:
        view = position_view(it.event, place.rpartition("/")[2], clock.now)
        page = Page(get(place))
        if view.state != "waiting" or not view.ahead:
            continue
        seen += 1
        assert "You are in the queue" in page.text
        assert ahead_in_words(view.ahead) in page.text
        assert f"Your number {view.ahead + 3} Now serving 2 " in " ".join(page.text.split())
        assert "Your turn should come in less than a minute." in page.text
        assert "These numbers are approximate." in page.text
        assert refreshes(page) == [view.ask_again_seconds]
        assert page.all("p", role="status")
    assert seen > 3


def test_the_page_stops_looking_by_itself_when_it_is_told_to(clock: Clock) -> None:
    it = queue_scene(capacity=30)
    place = place_of(it.event)
    for seconds in (-60, 0):
        later(clock, seconds=seconds)
        page = Page(get(place))
        assert refreshes(page)
        still = Page(get(page.link("refresh=off")))
        assert refreshes(still) == []
        assert still.all("section", id="place", **{"data-seconds": "0"}) or seconds < 0
        # Looked at again it stands still again; another link lets it go on.
        assert {link["href"] for link in still.all("a")} >= {place, f"{place}?refresh=off"}
        assert still.all("a", href=f"{place}?refresh=off", **{"class": "button plain"})
        assert refreshes(Page(get(place)))


def test_a_page_that_is_only_to_be_left_open_has_no_loud_button(clock: Clock) -> None:
    it = queue_scene(capacity=30)
    place = place_of(it.event)
    for seconds, heading in ((-60, "You are in the draw"), (0, "You are in the queue")):
        later(clock, seconds=seconds)
        page = Page(get(place))
        assert heading in page.text
        assert page.all("a", href=place, **{"class": "button plain"})
        assert page.all("a", **{"class": "button"}) == page.all("button") == []


def test_with_more_people_ahead_than_places_left_it_says_so_at_once(clock: Clock) -> None:
    it = queue_scene(capacity=1)
    places = [place_of(it.event, f"person.{number}@example.org") for number in range(12)]
    later(clock, seconds=0)
    texts = [Page(get(place)).text for place in places]
    hopeless = [text for text in texts if "All the places may go to people ahead of you" in text]
    assert len(hopeless) > 6
    assert all("You may not get a place." in text for text in hopeless)
    assert not any("You may not get a place" in text for text in texts if text not in hopeless)


def test_the_waiting_page_runs_its_own_script_alone_which_may_ask_nobody_but_us(clock: Clock) -> None:
    it = queue_scene(title=HOSTILE, allowed_origins=("https://curry.example",))
    place = place_of(it.event)
    later(clock, seconds=0)
    response = get(place)
    (script,) = re.findall(r"<script>(.*?)</script>", response.body.decode(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = dict(
        directive.split(" ", 1) for directive in str(header(response, "Content-Security-Policy")).split("; ")
    )
    assert policy["script-src"] == f"'sha256-{digest}'"
    assert policy["connect-src"] == "'self' https://book.example.org"
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'self' https://curry.example"
    page = Page(response)
    (section,) = page.all("section", id="place")
    assert section["data-queue"] == f"https://book.example.org/v1/events/{it.event.slug}/queue"
    assert section["data-title"] == HOSTILE
    assert section["data-now"] == str(int(OPENS_AT.timestamp()) * 1000)
    # Where scripts run, the page doesn't load itself again as well.
    assert b"<noscript><meta http-equiv" in response.body


def test_when_it_is_their_turn_the_page_has_a_link_to_each_session_and_says_until_when(clock: Clock) -> None:
    it = queue_scene()
    place = place_of(it.event)
    later(clock, seconds=30)
    page = Page(get(place))
    assert "It is your turn" in page.text
    assert "by 2.05pm (UK time)" in page.text
    assert "admission=" in page.link(f"/{it.session.session_id}?")
    assert refreshes(page) == []
    assert page.all("script") == []


def test_when_all_is_sold_the_page_of_whoever_waits_says_so_and_stops(clock: Clock) -> None:
    it = queue_scene(capacity=1)
    form = form_of(it, clock)
    left_over = place_of(it.event, "late.one@example.org")
    assert book_by_form(it.event, it.session, ann(places="1", **held_in(form))).status_code == 303
    later(clock, seconds=31)
    page = Page(get(left_over))
    assert "Sorry, this event is sold out" in page.text
    assert "wait any longer." in page.text
    # It is also the page of those who have booked: they should not think that they haven't.
    assert "If you have booked, your booking is safe." in page.text
    assert refreshes(page) == []
    assert page.all("script") == []


def test_when_the_queue_is_switched_off_its_tickets_lead_to_booking() -> None:
    it = scene(event={"opens_at": NOW})
    ticket = sign_queue_ticket(current_token_secret(), QueueTicket(it.event.event_id, "a" * 26, NOW))
    page = Page(get(f"/book/{it.event.slug}/queue/{ticket}"))
    assert "You can book now" in page.text
    assert page.all("a", href=f"https://book.example.org/v1/book/{it.event.slug}", **{"class": "button"})
    assert refreshes(page) == []


def test_a_queue_that_is_switched_off_before_the_opening_does_not_promise_that_one_can_book() -> None:
    it = scene(event={"opens_at": OPENS_AT})
    ticket = sign_queue_ticket(current_token_secret(), QueueTicket(it.event.event_id, "a" * 26, NOW))
    page = Page(get(f"/book/{it.event.slug}/queue/{ticket}"))
    assert "There is no longer a queue" in page.text
    assert "Booking opens at 2pm on Tuesday 1 June 2027 (UK time)." in page.text
    assert "You can book now" not in page.text
    assert page.all(
        "a", href=f"https://book.example.org/v1/book/{it.event.slug}", **{"class": "button plain"}
    )


def test_a_queue_that_is_switched_off_when_all_is_sold_does_not_promise_it_either() -> None:
    it = scene(capacity=1)
    ticket = sign_queue_ticket(current_token_secret(), QueueTicket(it.event.event_id, "a" * 26, NOW))
    assert book_by_form(it.event, it.session, ann(places="1")).status_code == 303
    engines.forget_process_state()
    page = Page(get(f"/book/{it.event.slug}/queue/{ticket}"))
    assert "book at the moment." in page.text
    assert "You can book now" not in page.text


def test_a_ticket_that_is_none_or_another_events_is_refused_with_a_way_on() -> None:
    it, other = queue_scene(), queue_scene(event_id="q4wz6n2dkx7ravye")
    foreign = place_of(other.event).rpartition("/")[2]
    for ticket in (foreign, foreign[:-1], "nothing", "%3Cscript%3E"):
        response = get(f"/book/{it.event.slug}/queue/{ticket}")
        assert response.status_code == 404
        page = Page(response)
        assert page.link(it.event.slug) == f"https://book.example.org/v1/book/{it.event.slug}"
        assert page.all("script") == []


# Booking


def test_whoever_is_served_books_with_the_form_that_their_place_leads_to(clock: Clock) -> None:
    it = queue_scene()
    form = form_of(it, clock)
    assert "It is your turn until 2.05pm (UK time)" in form.text
    answer = book_by_form(it.event, it.session, ann(**held_in(form)))
    assert answer.status_code == 303, answer.body
    (booking,) = every_booking(it.session.session_id)
    assert booking.places == 2


def test_without_an_admission_a_sessions_page_has_the_queues_form_instead_of_its_own(clock: Clock) -> None:
    it = queue_scene()
    before = Page(get(f"/book/{it.event.slug}/{it.session.session_id}"))
    assert "Booking is not open yet" in before.text
    assert "Join the draw" in before.text
    later(clock, seconds=1)
    page = Page(get(f"/book/{it.event.slug}/{it.session.session_id}"))
    assert "There is a queue for this event" in page.text
    assert "Book now" not in page.text
    assert page.all("form", action=f"https://book.example.org/v1/book/{it.event.slug}/queue")
    ids = [have["id"] for _, have in page.tags if "id" in have]
    assert len(ids) == len(set(ids))


def test_a_refused_form_keeps_its_turn(clock: Clock) -> None:
    it = queue_scene()
    held = held_in(form_of(it, clock))
    response = book_by_form(it.event, it.session, ann(name="", **held))
    assert response.status_code == 422
    again = held_in(Page(response))
    assert again["queue_ticket"] == held["queue_ticket"]
    assert again["idempotency_key"] == held["idempotency_key"]
    assert book_by_form(it.event, it.session, ann(**again)).status_code == 303


def test_a_form_that_was_open_for_too_long_comes_back_with_more_time_and_what_was_typed(clock: Clock) -> None:
    it = queue_scene()
    held = held_in(form_of(it, clock))
    clock.now += ADMISSION_LASTS + timedelta(seconds=1)
    engines.forget_process_state()
    response = book_by_form(it.event, it.session, ann(**held))
    assert response.status_code == 403
    page = Page(response)
    assert "Your time to book ran out. You now have more time." in page.text
    assert page.field("name") == "Ann Archer"
    again = held_in(page)
    assert again["admission"] != held["admission"]
    assert book_by_form(it.event, it.session, ann(**again)).status_code == 303


def test_whose_turn_was_used_for_a_corrected_booking_is_told_so_and_joins_again_for_another(
    clock: Clock,
) -> None:
    it = queue_scene()
    place = place_of(it.event)
    later(clock, seconds=30)
    form = Page(get(Page(get(place)).link(f"/{it.session.session_id}?")))
    done = str(header(book_by_form(it.event, it.session, ann(**held_in(form))), "Location"))
    assert correct(it, done, "rob@example.org").status_code == 303
    form = Page(get(Page(get(place)).link(f"/{it.session.session_id}?")))
    refused = book_by_form(it.event, it.session, ann(**held_in(form)))
    page = Page(refused)
    assert refused.status_code == 403
    assert (
        "This turn was used for a booking whose email address was corrected. "
        "Please join the queue again to book with this address." in page.text
    )
    for untrue in ("already booked", "You now have more time", "Joined before?", "See your place"):
        assert untrue not in page.text
    assert not page.all("input", name="queue_ticket")
    assert not page.all("input", name="admission")
    assert page.field("email") == "ann@example.org"
    program = book_by_json(it.event, it.session, ann(admission=form.field("admission")))
    assert (program.status_code, program.json_body["why_not"]) == (403, "used")
    behind = place_of(it.event)
    assert behind != place
    later(clock, seconds=60)
    form = Page(get(Page(get(behind)).link(f"/{it.session.session_id}?")))
    assert book_by_form(it.event, it.session, ann(**held_in(form))).status_code == 303
    emails = {one.address for one in every_booking(it.session.session_id) if one.status == "confirmed"}
    assert emails == {"ann@example.org", "rob@example.org"}


def test_an_admission_alone_that_is_past_its_time_leads_back_to_the_queue(clock: Clock) -> None:
    it = queue_scene()
    admission = held_in(form_of(it, clock))["admission"]
    clock.now += ADMISSION_LASTS + timedelta(seconds=1)
    response = book_by_form(it.event, it.session, ann(admission=admission))
    assert response.status_code == 403
    page = Page(response)
    assert "Your time to book has run out." in page.text
    assert "Book now" not in page.text
    assert page.all("form", action=f"https://book.example.org/v1/book/{it.event.slug}/queue")


def test_a_link_with_an_admission_that_lets_nobody_book_shows_no_form_to_fill_in_in_vain(
    clock: Clock,
) -> None:
    it = queue_scene()
    admission = held_in(form_of(it, clock))["admission"]
    where = f"/book/{it.event.slug}/{it.session.session_id}"
    assert "Book now" in Page(get(f"{where}?{urlencode({'admission': admission})}")).text
    clock.now += ADMISSION_LASTS + timedelta(seconds=1)
    for held, said in ((admission, "Your time to book has run out."), (admission[:-1], "damaged")):
        page = Page(get(f"{where}?{urlencode({'admission': held})}"))
        assert said in page.text
        assert "Book now" not in page.text
        assert page.all("form", action=f"https://book.example.org/v1/book/{it.event.slug}/queue")


def test_a_turn_is_good_for_the_address_that_joined_and_the_form_says_so_at_that_field(clock: Clock) -> None:
    it = queue_scene()
    held = held_in(form_of(it, clock, "joined@example.org"))
    response = book_by_form(it.event, it.session, ann(**held))
    assert response.status_code == 403
    page = Page(response)
    assert page.all("a", href="#email")
    (field,) = page.all("input", name="email")
    assert field["aria-invalid"] == "true"
    assert page.field("admission")
    assert list(every_booking(it.session.session_id)) == []


def test_a_forms_made_up_admission_and_ticket_are_escaped_and_book_nothing(clock: Clock) -> None:
    it = queue_scene()
    later(clock, seconds=1)
    made_up = {"admission": HOSTILE, "queue_ticket": HOSTILE}
    opened = get(f"/book/{it.event.slug}/{it.session.session_id}?{urlencode(made_up)}")
    sent = book_by_form(it.event, it.session, ann(**made_up))
    assert (opened.status_code, sent.status_code) == (200, 403)
    for response in (opened, sent):
        page = Page(response)
        assert page.all("script") == []
        assert page.field("queue_ticket") is None
    assert list(every_booking(it.session.session_id)) == []


def test_who_has_booked_and_lost_the_mail_needs_no_turn_to_ask_for_it(clock: Clock) -> None:
    it = queue_scene()
    booking = form_of(it, clock)
    assert book_by_form(it.event, it.session, ann(**held_in(booking))).status_code == 303
    page = Page(get(f"/book/{it.event.slug}/{it.session.session_id}"))
    assert "Already booked, but no email?" in page.text
    (form,) = (have for have in page.all("form") if have["action"].endswith("/again"))
    answer = Page(post(form["action"], urlencode({"email": "ann@example.org"}).encode(), **FORM))
    assert "If this address has a booking" in answer.text


def test_a_booking_form_on_another_site_leads_to_the_queue_with_the_address_that_was_typed(
    clock: Clock,
) -> None:
    it = queue_scene()
    later(clock, seconds=1)
    response = book_by_form(it.event, it.session, ann(idempotency_key=""))
    assert response.status_code == 403
    page = Page(response)
    assert "Please join the queue first" in page.text
    (field,) = page.all("input", type="email", id="email")
    assert field["value"] == "ann@example.org"


def test_the_form_to_paste_is_the_one_that_joins_the_queue(clock: Clock) -> None:
    it = queue_scene()
    page = Page(get(f"/book/{it.event.slug}/{it.session.session_id}/embed"))
    assert f'action="https://book.example.org/v1/book/{it.event.slug}/queue"' in page.text
    assert "This event has a queue, so this form takes people to the queue" in page.text
    assert 'name="places"' not in page.text


def test_an_admission_from_the_api_may_be_put_into_the_link_to_the_form(clock: Clock) -> None:
    it = queue_scene()
    admission = held_in(form_of(it, clock))["admission"]
    form = Page(get(f"/book/{it.event.slug}/{it.session.session_id}?{urlencode({'admission': admission})}"))
    assert form.field("admission") == admission
    assert form.field("queue_ticket") is None
    assert book_by_form(it.event, it.session, ann(admission=admission)).status_code == 303
    assert book_by_json(it.event, it.session, ann()).status_code == 403


@pytest.mark.parametrize("refusal", [Busy(), NoQueue()])
def test_a_form_keeps_what_was_typed_when_nobody_can_say_whether_it_is_ones_turn(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, refusal: Refusal
) -> None:
    it = queue_scene()
    held = held_in(form_of(it, clock))
    clock.now += ADMISSION_LASTS + timedelta(seconds=1)
    engines.forget_process_state()

    def refuse(*_: object) -> None:
        raise refusal

    with monkeypatch.context() as away:
        away.setattr("chalicelib.web.queue.admission_fields.admit", refuse)
        response = book_by_form(it.event, it.session, ann(**held))
        opened = Page(
            get(f"/book/{it.event.slug}/{it.session.session_id}?queue_ticket={held['queue_ticket']}")
        )
    assert response.status_code == 403
    page = Page(response)
    assert "send this form again" in page.text
    assert page.field("name") == "Ann Archer"
    assert opened.field("queue_ticket") == held_in(page)["queue_ticket"] == held["queue_ticket"]
    # Sent again as it is, it comes back with more time, and books.
    again = held_in(Page(book_by_form(it.event, it.session, ann(**held_in(page)))))
    assert book_by_form(it.event, it.session, ann(**again)).status_code == 303


@pytest.mark.parametrize(
    ("refusal", "shown"),
    [
        (NotYourTurn(40, 38, 3, 3), "About 2 people ahead of you"),
        (SoldOut(1, 0), "this event is sold out"),
        (NoQueue(), "You can book now"),
    ],
)
def test_what_changes_between_looking_and_admitting_is_ones_place_and_no_refusal(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, refusal: Refusal, shown: str
) -> None:
    it = queue_scene()
    place = place_of(it.event)
    later(clock, seconds=30)

    def refuse(*_: object) -> None:
        raise refusal

    monkeypatch.setattr("chalicelib.web.queue.pages.admit", refuse)
    response = get(place)
    page = Page(response)
    assert response.status_code == 200
    assert shown in page.text
    assert "It is your turn" not in page.text
    waits = page.all("section", **{"data-number": "40", "data-seconds": "3"})
    assert bool(waits) == isinstance(refusal, NotYourTurn)


def test_who_is_booked_already_is_not_offered_another_address_that_the_queue_refuses(clock: Clock) -> None:
    it = queue_scene()
    held = held_in(form_of(it, clock))
    assert book_by_form(it.event, it.session, ann(places="1", **held)).status_code == 303
    answer = book_by_form(it.event, it.session, ann(places="1", **{**held, "idempotency_key": "other"}))
    page = Page(answer)
    assert "You are already booked" in page.text
    assert "Send my email again" in page.text
    assert "another address" not in page.text
    assert "Book now" not in page.text


def test_who_is_served_and_has_booked_reads_that_the_booking_is_safe(clock: Clock) -> None:
    it = queue_scene()
    place = place_of(it.event)
    later(clock, seconds=30)
    page = Page(get(place))
    assert "It is your turn" in page.text
    assert "If you have booked, your booking is safe." in page.text
