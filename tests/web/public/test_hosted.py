import base64
import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import vobject

from chalicelib.domain.links import sign_link
from chalicelib.store.bookings import every_booking
from chalicelib.store.secrets import current_token_secret
from chalicelib.web.public.hosted import INDEXED_FROM
from tests import making
from tests.actions.as_routes import cancel_event
from tests.actions.callers import owner_of
from tests.engines import forget_process_state
from tests.web.browsing import Page, ann, book_by_form, book_by_json, bookings_path, get, header, problem_code
from tests.web.conftest import NOW, Clock
from tests.web.refused import REFUSED, Scene, scene

pytestmark = pytest.mark.usefixtures("table")

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 'tem' ~ 'plated' }}"


def page_of(it: Scene) -> str:
    return get(f"/book/{it.event.slug}").body.decode()


def form_page(it: Scene) -> Any:
    return get(f"/book/{it.event.slug}/{it.session.session_id}")


def test_the_event_page_shows_each_session_with_its_place_its_time_and_a_way_to_book() -> None:
    it = scene()
    making.make_session(it.event, title="Vancouver", venue="Spice Harbour", zone="America/Vancouver")
    page = Page(get(f"/book/{it.event.slug}"))
    for shown in (
        "Social Care Curry", "Leicester", "The Copper Pot", "12 Example Street, Leicester",
        "Sunday 5 September 2027", "7pm to 10pm, UK time", "Vancouver time", "Available",
    ):  # fmt: skip
        assert shown in page.text
    assert page.link(f"/{it.session.session_id}") == (
        f"https://book.example.org/v1/book/{it.event.slug}/{it.session.session_id}"
    )
    spot = "mlat=52.636900&mlon=-1.139800#map=17/52.636900/-1.139800"
    assert page.all("a", href=f"https://www.openstreetmap.org/?{spot}")


def test_a_page_with_many_sessions_has_an_index_by_letter_that_leads_to_each_card() -> None:
    it = scene(title="Zwolle")
    for number in range(INDEXED_FROM - 1):
        making.make_session(it.event, title=f"Town {number:02}")
    assert "session by name" not in Page(get(f"/book/{it.event.slug}")).text
    making.make_session(it.event, title="Écully")
    making.make_session(it.event, title="eastleigh")
    page = Page(get(f"/book/{it.event.slug}"))
    index = page.text.partition("session by name")[2].split()
    assert index[:3] == ["E", "eastleigh", "Écully"]
    assert index.index("T") < index.index("Z") < index.index("Zwolle")
    targets = [link["href"] for link in page.all("a") if link["href"].startswith("#") and link.get("lang")]
    assert sorted(targets) == sorted(f"#{card['id']}" for card in page.all("li", **{"class": "card"}))
    assert len(targets) == INDEXED_FROM + 2


def test_a_session_that_took_place_before_its_event_was_cancelled_is_over(clock: Clock) -> None:
    it = scene(event={"session_noun": "dinner"})
    done = str(header(book_by_form(it.event, it.session, ann()), "Location"))
    (booking,) = every_booking(it.session.session_id)
    link = sign_link(current_token_secret(), "manage", booking.lives_at, NOW + timedelta(days=999))
    clock.now = it.session.ends_at + timedelta(minutes=1)
    cancel_event(owner_of(it.event), it.event.event_id, now=clock.now)
    forget_process_state()
    path = f"/book/{it.event.slug}/{it.session.session_id}"
    for address in (path, f"{path}/done", done, f"{path}/again", f"/manage/{link}"):
        text = Page(get(address)).text
        assert "travel there" not in text, address
        assert "dinner has been cancelled" not in text, address
    event = get(f"/events/{it.event.slug}").json_body
    assert event["status"] == "cancelled"
    assert [(each["over"], each["not_bookable"]) for each in event["sessions"]] == [(True, "closed")]
    assert event["sessions"][0]["cancellation_reason"] is None
    assert "Over" in Page(get(f"/book/{it.event.slug}")).text
    assert problem_code(book_by_json(it.event, it.session, ann(email="bo@example.org"))) == "closed"


def test_sessions_that_are_over_come_last_and_say_so_on_the_page_and_in_the_answer() -> None:
    it = scene(title="To come")
    for days, title in ((9, "Long over"), (1, "Just over")):
        starts = datetime(2027, 6, 1, 13) - timedelta(days=days)
        making.make_session(
            it.event, title=title, starts_local=starts, ends_local=starts + timedelta(hours=2)
        )
    cards = [" ".join(text.split()) for text in re.findall(r"<li class=\"card\".*?</li>", page_of(it), re.S)]
    assert [re.sub(r"<[^>]+>", "", card).split()[:2] for card in cards] == [
        ["To", "come"], ["Long", "over"], ["Just", "over"],
    ]  # fmt: skip
    assert ["Over" in card.partition("<p>")[0] for card in cards] == [False, True, True]
    sessions = json.loads(get(f"/events/{it.event.slug}").body)["sessions"]
    assert [(session["title"], session["over"]) for session in sessions] == [
        ("To come", False), ("Long over", True), ("Just over", True),
    ]  # fmt: skip


def test_the_opening_of_booking_can_be_put_into_a_calendar_with_a_reminder() -> None:
    it = scene(event={"opens_at": NOW + timedelta(hours=1), "title": "Curry; with, love"})
    there = Page(get(f"/book/{it.event.slug}")).link("/opening.ics")
    answer = get(there)
    entry = vobject.readOne(answer.body.decode()).vevent
    assert entry.dtstart.value == NOW + timedelta(hours=1)
    assert entry.summary.value == "Booking opens: Curry; with, love"
    assert f"https://book.example.org/v1/book/{it.event.slug}" in entry.description.value
    assert entry.valarm.trigger.value == -timedelta(minutes=10)
    assert get(there).headers["Content-Disposition"] == f'attachment; filename="{it.event.slug}-opening.ics"'


def test_an_event_that_can_be_booked_already_has_no_opening_to_put_into_a_calendar() -> None:
    assert get(f"/book/{scene().event.slug}/opening.ics").status_code == 404


def test_an_event_without_sessions_says_so() -> None:
    event = making.make_event()
    assert "Nothing to book yet" in Page(get(f"/book/{event.slug}")).text


def test_a_cancelled_event_says_so_on_its_page() -> None:
    it = scene(event={"status": "cancelled"})
    page = Page(get(f"/book/{it.event.slug}"))
    assert "Sorry, this event has been cancelled" in page.text


def test_a_page_says_in_the_venues_own_time_when_booking_opens() -> None:
    it = scene(event={"opens_at": NOW + timedelta(hours=1)})
    assert (
        "Booking opens at 2pm on Tuesday 1 June 2027 (UK time)." in Page(get(f"/book/{it.event.slug}")).text
    )
    assert "Booking opens at 2pm on Tuesday 1 June 2027 (UK time)." in Page(form_page(it)).text


def test_a_night_on_which_the_clocks_change_says_so_beside_its_hours() -> None:
    it = scene(starts_local=datetime(2027, 10, 31, 0, 30), ends_local=datetime(2027, 10, 31, 2, 30))
    for page in (get(f"/book/{it.event.slug}"), form_page(it)):
        shown = " ".join(Page(page).text.split())
        assert "12.30am to 2.30am, UK time (the clocks go back 1 hour at 2am)" in shown


def test_the_form_asks_for_all_that_a_booking_needs_and_can_be_sent_as_it_is() -> None:
    it = scene(event={"places_per_booking_max": 4})
    page = Page(form_page(it))
    (form,) = page.all("form")
    assert form["action"] == "https://book.example.org/v1" + bookings_path(it.event, it.session)
    assert [option["value"] for option in page.all("option")] == ["1", "2", "3", "4"]
    assert len(page.all("input", name="guests")) == 3
    for name in ("name", "email"):
        assert "required" in page.all("input", name=name)[0]


def test_the_honeypot_is_out_of_sight_of_eyes_keyboards_and_screen_readers() -> None:
    page = Page(form_page(scene()))
    (trap,) = page.all("input", name="website")
    assert (trap["tabindex"], trap["autocomplete"], trap["value"]) == ("-1", "off", "")
    assert page.all("div", **{"class": "away", "aria-hidden": "true"})


def test_each_form_has_a_key_of_its_own_and_is_kept_nowhere() -> None:
    it = scene()
    first, second = form_page(it), form_page(it)
    assert Page(first).field("idempotency_key") != Page(second).field("idempotency_key")
    assert header(first, "Cache-Control") == "no-store"


def test_the_pages_without_a_key_may_be_kept_five_seconds() -> None:
    it = scene()
    for path in (f"/book/{it.event.slug}", f"/book/{it.event.slug}/{it.session.session_id}/done"):
        assert header(get(path), "Cache-Control") == "public, max-age=5"


def test_a_page_without_a_key_is_not_sent_again_unchanged() -> None:
    it = scene()
    event_page = f"/book/{it.event.slug}"
    form = f"{event_page}/{it.session.session_id}"
    tags = {path: str(header(get(path), "ETag")) for path in (event_page, f"{form}/done", f"{form}/embed")}
    for path, tag in tags.items():
        again = get(path, If_None_Match=f"W/{tag}")
        assert (again.status_code, again.body, header(again, "ETag")) == (304, b"", tag)
        assert header(again, "Cache-Control") == "public, max-age=5"
        assert get(path, If_None_Match='"another"').status_code == 200
    making.make_session(it.event, title="Newly announced")
    changed = get(event_page, If_None_Match=tags[event_page])
    assert changed.status_code == 200
    assert header(changed, "ETag") != tags[event_page]


NO_FORM = {
    "cancelled": "Sorry, this session has been cancelled",
    "closed": "Booking is closed",
    "not_open_yet": "Booking is not open yet",
}


@pytest.mark.parametrize(
    ("heading", "arrange"),
    [(NO_FORM[code], arrange) for code, _, arrange in REFUSED if code in NO_FORM],
)
def test_where_nothing_can_be_booked_the_page_says_so_instead_of_asking(
    heading: str, arrange: Callable[[], Scene]
) -> None:
    response = form_page(arrange())
    page = Page(response)
    assert response.status_code == 200
    assert "Book now" not in page.text
    assert heading in page.text


def test_a_session_without_a_free_place_is_sold_out_on_its_page_and_in_the_list() -> None:
    it = scene(capacity=2)
    book_by_json(it.event, it.session, ann(places=2))
    page = Page(form_page(it))
    assert "Book now" not in page.text
    assert "Sorry, this session is sold out" in page.text
    assert "Sold out" in Page(get(f"/book/{it.event.slug}")).text


@pytest.mark.parametrize(
    ("still_mailed", "changes"),
    [
        (True, {"status": "closed"}),
        (True, {"closes_at": NOW}),
        (False, {"status": "cancelled"}),
        (False, {"event": {"status": "cancelled"}}),
        (False, {"event": {"opens_at": NOW + timedelta(hours=1)}}),
    ],
)
def test_whoever_lost_their_mail_may_ask_for_it_where_booking_is_over_but_not_where_it_never_began_or_is_off(
    still_mailed: bool, changes: dict[str, Any]
) -> None:
    page = Page(form_page(scene(**changes)))
    assert ("Already booked, but no email?" in page.text) == bool(page.all("form")) == still_mailed


def test_a_session_whose_capacity_is_being_changed_says_that_bookings_wait_and_still_shows_its_form() -> None:
    it = scene(paused_until=NOW + timedelta(seconds=5))
    page = Page(form_page(it))
    assert page.all("form")
    assert "Booking starts again in a few seconds." in page.text
    assert "Back in a moment" in Page(get(f"/book/{it.event.slug}")).text
    over = scene(paused_until=NOW, event={"slug": "no-longer"})
    assert "Back in a moment" not in Page(form_page(over)).text + Page(get(f"/book/{over.event.slug}")).text


@pytest.mark.parametrize("path", ["/book/nothing", "/book/{slug}/nothing", "/book/{slug}/nothing/done"])
def test_a_page_nobody_has_is_a_page_that_says_so(path: str) -> None:
    it = scene()
    response = get(path.format(slug=it.event.slug))
    assert response.status_code == 404
    assert "Not found" in Page(response).text


def test_a_draft_has_no_page() -> None:
    it = scene(event={"status": "draft", "title": "Secret"})
    for response in (get(f"/book/{it.event.slug}"), form_page(it)):
        assert response.status_code == 404
        assert b"Secret" not in response.body


def test_nothing_an_organiser_typed_becomes_part_of_the_page() -> None:
    it = scene(
        event={"title": HOSTILE, "description": HOSTILE, "language": HOSTILE},
        title=HOSTILE, venue=HOSTILE, address=HOSTILE, latitude=None,
    )  # fmt: skip
    for response in (
        get(f"/book/{it.event.slug}"),
        form_page(it),
        get(f"/book/{it.event.slug}/{it.session.session_id}/done"),
    ):
        assert response.status_code == 200
        page = Page(response)
        assert not {"script", "img"} & {tag for tag, _ in page.tags}
        assert not [name for _, have in page.tags for name in have if name.startswith("on")]
        assert b"templated" not in response.body
        assert "<script>alert(1)</script>" in page.text


def test_a_page_can_run_no_script_and_only_its_own_style() -> None:
    it = scene()
    for response in (get(f"/book/{it.event.slug}"), form_page(it), get("/book/nothing")):
        directives = (header(response, "Content-Security-Policy") or "").split("; ")
        policy = dict(directive.split(" ", 1) for directive in directives)
        (style,) = re.findall(r"<style>(.*?)</style>", response.body.decode(), re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert policy["default-src"] == "'none'"
        assert policy["style-src"] == f"'sha256-{digest}'"
        assert "script-src" not in policy
        assert not [have for _, have in Page(response).tags if "style" in have]
        assert header(response, "X-Content-Type-Options") == "nosniff"
        assert header(response, "Referrer-Policy") == "no-referrer"


def test_only_listed_sites_may_frame_the_booking_pages_and_no_listed_text_bends_the_policy() -> None:
    def framed_by(*origins: str) -> str:
        policy = header(form_page(scene(event={"allowed_origins": origins})), "Content-Security-Policy") or ""
        return policy.partition("frame-ancestors ")[2].partition(";")[0]

    assert framed_by() == "'none'"
    assert framed_by("https://curry.example") == "'self' https://curry.example"
    assert framed_by("https://x.example; script-src *", "*", "null") == "'self'"


def test_every_link_of_ours_carries_the_stage() -> None:
    it = scene()
    for response in (get(f"/book/{it.event.slug}"), form_page(it)):
        page = Page(response)
        ours = [have.get("href") or have["action"] for tag, have in page.tags if tag in {"a", "form"}]
        for url in ours:
            assert url.startswith(
                ("#", "mailto:", "https://www.openstreetmap.org/", "https://book.example.org/v1/")
            )


def test_an_error_of_ours_is_a_page_that_gives_nothing_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(_slug: str) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("chalicelib.web.public.hosted.published_event", break_down)
    response = get("/book/curry")
    assert response.status_code == 500
    assert "Something went wrong" in Page(response).text
    assert b"secret detail" not in response.body


def test_what_the_organiser_says_of_a_change_is_on_the_pages_as_words_alone() -> None:
    it = scene(sequence=1, change_note=f"Flooded. {HOSTILE}")
    for path in (f"/book/{it.event.slug}", f"/book/{it.event.slug}/{it.session.session_id}"):
        page = Page(get(path))
        assert " ".join(f"From the organiser: Flooded. {HOSTILE}".split()) in " ".join(page.text.split())
        assert not page.all("img")
    assert get(f"/events/{it.event.slug}").json_body["sessions"][0]["change_note"] == it.session.change_note


def test_a_cancelled_session_says_why_where_it_is_listed_and_on_its_own_page() -> None:
    it = scene(status="cancelled", cancellation_reason="The kitchen has flooded.", change_note="Next door.")
    making.make_session(it.event, status="cancelled")
    for path in (f"/book/{it.event.slug}", f"/book/{it.event.slug}/{it.session.session_id}"):
        text = Page(get(path)).text
        assert "From the organiser: The kitchen has flooded." in " ".join(text.split())
        assert text.count("From the organiser") == 1, "a note about where it would be is of no use now"


def test_a_cancelled_event_says_why_once_and_on_the_page_of_each_session() -> None:
    why = "We are too few."
    it = scene(
        event={"status": "cancelled", "cancellation_reason": why}, status="cancelled", cancellation_reason=why
    )
    coming = making.make_session(it.event)
    for path in (
        f"/book/{it.event.slug}",
        *(f"/book/{it.event.slug}/{session.session_id}" for session in (it.session, coming)),
    ):
        assert Page(get(path)).text.count(why) == 1, path
    event = get(f"/events/{it.event.slug}").json_body
    assert [event["cancellation_reason"], *(one["cancellation_reason"] for one in event["sessions"])] == [
        why
    ] * 3
