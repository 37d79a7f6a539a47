import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import msgspec
import pytest
from chalice.test import HTTPResponse

from chalicelib.documents.ticket import ticket_svg
from chalicelib.domain.booking import Arrival, Booking
from chalicelib.domain.links import LINKS_LAST, BookingAddress, Purpose, sign_link
from chalicelib.domain.questions import Question
from chalicelib.domain.signing import TokenSecret
from chalicelib.domain.ticket import ticket_text
from chalicelib.store import capacity, capacity_changes
from chalicelib.store.bookings import every_booking, find_booking, item_from
from chalicelib.store.check_ins import change_arrivals
from chalicelib.store.secrets import current_token_secret
from tests import making
from tests.actions.as_routes import cancel_booking, cancel_session, change_session, correct_address
from tests.actions.callers import owner_of
from tests.web.browsing import Page, ann, book_by_json, get, header, press
from tests.web.conftest import NOW, Clock
from tests.web.refused import Scene, scene
from tests.wire import overtaken_by

pytestmark = pytest.mark.usefixtures("table")

PURPOSES: list[Purpose] = ["manage", "calendar", "ticket"]


def booked(**session: Any) -> tuple[Scene, Booking]:
    it = scene(**session)
    body = ann(places=3, guests=["Bo Baker"])
    assert book_by_json(it.event, it.session, body, Idempotency_Key="key-1").status_code == 201
    (booking,) = every_booking(it.session.session_id)
    return it, booking


def address_of(booking: Booking) -> BookingAddress:
    return BookingAddress(booking.session_id, booking.key, booking.booking_id)


def link(purpose: Purpose, booking: Booking, *, signed_for: Purpose | None = None) -> str:
    """Return the path of a link as it stands in the mail."""
    signed = sign_link(
        current_token_secret(), signed_for or purpose, address_of(booking), NOW + timedelta(days=100)
    )
    return f"/{purpose}/{signed}"


def standing(booking: Booking) -> Booking:
    found = find_booking(booking.session_id, booking.key)
    assert found is not None
    return found


def test_the_link_shows_the_booking_to_whoever_made_it() -> None:
    _, booking = booked()
    text = Page(get(link("manage", booking))).text
    for shown in (
        "Ann Archer", "Bo Baker", "Leicester", "The Copper Pot", "Sunday 5 September 2027",
        booking.booking_id[:8].upper(), "Cancel this booking",
    ):  # fmt: skip
        assert shown in text


@pytest.mark.parametrize("quiet", [False, True])
def test_the_page_of_a_cancelled_booking_promises_an_email_only_where_one_is_owed(quiet: bool) -> None:
    it, booking = booked()
    capacity.give_back(booking, NOW, quiet=quiet)
    text = Page(get(link("manage", booking))).text
    assert "Your places are cancelled." in text
    # Whether one goes to this address is not known here.
    assert "email" not in text.partition("Your places are cancelled.")[2].partition("Leicester")[0]
    cancel_session(owner_of(it.session), it.session.event_id, it.session.session_id, now=NOW)
    text = Page(get(link("manage", booking))).text
    assert "has been cancelled" in text
    # It was cancelled before its session was, so this is nothing new to them.
    assert "gets an email from us" not in text


def test_the_page_of_a_booking_shows_its_address_and_what_was_answered() -> None:
    questions = (
        Question(question_id="starter", kind="text", label="Which starter?"),
        Question(question_id="halal", kind="yes_no", label="Halal?", sensitive=True),
        Question(question_id="open", kind="text", label="Anything else?"),
    )
    it = scene(event={"questions": questions})
    body = ann(answers={"starter": "Onion bhaji", "halal": True})
    assert book_by_json(it.event, it.session, body).status_code == 201
    (booking,) = every_booking(it.session.session_id)
    text = " ".join(Page(get(link("manage", booking))).text.split())
    for shown in ("ann@example.org", "Which starter? Onion bhaji", "Halal? Yes"):
        assert shown in text
    assert "Anything else?" not in text


def test_no_get_cancels_anything_whatever_a_mail_scanner_follows() -> None:
    it, booking = booked()
    page = Page(get(link("manage", booking)))
    for have in page.all("a"):
        if have["href"].startswith("https://book.example.org/"):
            get(have["href"])
    (form,) = page.all("form")
    assert form["method"] == "post"
    followed = get(form["action"])
    assert header(followed, "Location") == form["action"].removesuffix("/cancel")
    assert standing(booking) == booking
    assert making.invariants_hold(it.session) == 3


def test_pressing_cancel_gives_the_places_back_and_the_page_then_says_so() -> None:
    it, booking = booked()
    url = link("manage", booking)
    (form,) = Page(get(url)).all("form")
    pressed = press(form["action"])
    assert (pressed.status_code, header(pressed, "Location")) == (303, f"https://book.example.org/v1{url}")
    assert standing(booking).status == "cancelled"
    assert making.invariants_hold(it.session) == 0
    page = Page(get(url))
    assert "Your booking is cancelled" in page.text
    assert "This booking was cancelled" not in page.text
    assert page.all("form") == []
    assert not [have for have in page.all("a") if "/ticket/" in have["href"]]


def test_once_somebody_of_the_party_is_in_the_booking_is_not_cancelled_any_more() -> None:
    it, booking = booked()
    arrival = Arrival(nonce="a", places=1, at=NOW, token_id="t", where="Door", arrived=1)

    def comes_in(standing: Booking) -> Booking:
        return msgspec.structs.replace(standing, arrivals=(arrival,), arrivals_version=1)

    came = change_arrivals(booking, comes_in)
    url = link("manage", booking)
    page = Page(get(url))
    assert page.all("form") == []
    assert [have for have in page.all("a") if "/ticket/" in have["href"]]
    pressed = press(f"{url}/cancel")
    assert pressed.status_code == 409
    assert "checked in" in Page(pressed).text
    assert standing(booking) == came
    assert making.invariants_hold(it.session) == 3


def test_cancelling_twice_is_cancelling_once() -> None:
    it, booking = booked()
    url = link("manage", booking) + "/cancel"
    assert [press(url).status_code for _ in range(2)] == [303, 303]
    assert standing(booking).version == booking.version + 1
    assert making.invariants_hold(it.session) == 0


def test_the_old_link_of_somebody_who_booked_again_leads_nowhere_and_touches_nothing() -> None:
    it, old = booked()
    cancel_booking(address_of(old), now=NOW)
    again = book_by_json(it.event, it.session, ann(name="Ann Again"), Idempotency_Key="key-2")
    assert again.status_code == 201
    new = standing(old)
    assert new.booking_id != old.booking_id
    opened = [get(link(purpose, old)) for purpose in PURPOSES]
    for response in (*opened, press(link("manage", old) + "/cancel")):
        assert response.status_code == 410
        assert "This link no longer works" in Page(response).text
        assert b"Ann Again" not in response.body
    assert standing(old) == new


def corrected(it: Scene, booking: Booking, address: str, *, keep_links: bool = False) -> Booking:
    caller, event_id = owner_of(it.event), it.event.event_id
    return correct_address(caller, event_id, booking.lives_at, address, now=NOW, keep_links=keep_links)


def opens_nothing(booking: Booking) -> bool:
    answers = [get(link(purpose, booking)) for purpose in PURPOSES]
    answers.append(press(link("manage", booking) + "/cancel"))
    assert not any(b"Ann" in answer.body for answer in answers if isinstance(answer.body, bytes))
    return {answer.status_code for answer in answers} == {410}


def test_what_an_address_was_sent_stops_working_when_the_booking_leaves_that_address() -> None:
    it, old = booked()
    new = corrected(it, old, "anna@example.org")
    assert new.key != old.key
    assert opens_nothing(old)
    assert "This link no longer works" in Page(get(link("manage", old))).text
    assert standing(new) == new, "nor did that cancel it"
    for purpose in PURPOSES:
        assert get(link(purpose, new)).status_code == 200
    third = corrected(it, new, "ann.archer@example.org")
    assert opens_nothing(old)
    assert opens_nothing(new)
    assert get(link("manage", third)).status_code == 200


def test_an_address_that_a_booking_comes_back_to_may_open_it_again() -> None:
    it, old = booked()
    new = corrected(it, old, "anna@example.org")
    back = corrected(it, new, old.address)
    assert back.key == old.key
    assert get(link("manage", old)).status_code == 200
    assert opens_nothing(new)


def test_links_that_the_organiser_kept_open_the_booking_where_it_is_now() -> None:
    it, old = booked()
    new = corrected(it, old, "anna@example.org", keep_links=True)
    assert new.key != old.key
    page = Page(get(link("manage", old)))
    assert old.booking_id[:8].upper() in page.text
    for have in page.all("a"):
        if "/ticket/" in have["href"] or "/calendar/" in have["href"]:
            assert new.key in have["href"], "what it links to is good for as long as links are"
            assert get(have["href"]).status_code == 200
    entry = icalendar.Calendar.from_ical(get(link("calendar", old)).body)
    (event,) = entry.walk("VEVENT")
    assert event["SEQUENCE"] == 1
    assert ticket_svg(ticket_text(address_of(new))) in get(link("ticket", old)).body.decode()
    assert press(link("manage", old) + "/cancel").status_code == 303
    assert standing(new).status == "cancelled"
    assert making.invariants_hold(it.session) == 0
    assert "Your booking is cancelled" in Page(get(link("manage", old))).text


def test_links_that_were_kept_once_stop_working_with_the_next_correction_that_keeps_none() -> None:
    it, old = booked()
    new = corrected(it, old, "anna@example.org", keep_links=True)
    corrected(it, new, "ann.archer@example.org")
    assert opens_nothing(old)
    assert opens_nothing(new)


def test_a_cancellation_by_a_link_that_a_correction_overtakes_cancels_nothing() -> None:
    it, old = booked()
    moved: list[Booking] = []
    with overtaken_by(lambda: moved.append(corrected(it, old, "anna@example.org"))):
        assert press(link("manage", old) + "/cancel").status_code == 410
    (new,) = moved
    assert standing(new) == new
    assert making.invariants_hold(it.session) == 3


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_link_works_for_its_own_purpose_only(purpose: Purpose) -> None:
    _, booking = booked()
    for other in PURPOSES:
        response = get(link(purpose, booking, signed_for=other))
        assert response.status_code == (200 if other == purpose else 404)
    if purpose != "manage":
        assert press(link("manage", booking, signed_for=purpose) + "/cancel").status_code == 404
    assert standing(booking) == booking


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_forged_link_opens_nothing(purpose: Purpose) -> None:
    _, booking = booked()
    stranger = TokenSecret("k1", b"guessed")
    forged = [sign_link(stranger, purpose, address_of(booking), NOW + timedelta(days=9))]
    real = link(purpose, booking).removeprefix(f"/{purpose}/")
    parts = real.split(".")
    # Another booking, a later expiry, an unknown secret, a changed and a missing signature.
    for place, other in ((2, "a" * 24), (3, str(int(parts[3]) + 1)), (4, "k9"), (5, parts[5][::-1]), (5, "")):
        forged.append(".".join([*parts[:place], other, *parts[place + 1 :]]))
    forged += ["x", "." * 5, "%C3%A9.b.c.1.k1.e", real + ".x", "a" * 4000]
    for text in forged:
        assert followed(f"/{purpose}/{text}").status_code == 404
        if purpose == "manage":
            assert followed(f"/manage/{text}/cancel", press).status_code == 404
            assert followed(f"/manage/{text}/cancel").status_code == 404
    assert standing(booking) == booking


def followed(path: str, ask: Callable[[str], HTTPResponse] = get) -> HTTPResponse:
    """Return what is there once more was copied than the link, and that was dropped."""
    answer = ask(path)
    return ask(header(answer, "Location") or "") if answer.status_code == 308 else answer


@pytest.mark.parametrize("ending", [".", ">", ")", '"', "'", ",", ").", "%20", "”", "%E2%80%9D"])
def test_a_link_copied_with_the_end_of_its_sentence_opens_the_booking(ending: str) -> None:
    _, booking = booked()
    for purpose in PURPOSES:
        url = link(purpose, booking)
        answer = get(url + ending)
        assert (answer.status_code, header(answer, "Location")) == (308, f"https://book.example.org/v1{url}")
        assert followed(url + ending).status_code == 200
    assert followed(link("manage", booking) + ending + "/cancel", press).status_code == 303
    assert standing(booking).status == "cancelled"


def test_what_more_was_copied_makes_no_header() -> None:
    _, booking = booked()
    answer = get(link("manage", booking) + "%0d%0aX-Evil:%20")
    assert (answer.status_code, header(answer, "Location"), header(answer, "X-Evil")) == (404, None, None)


def test_a_link_copied_in_part_says_how_to_copy_it(clock: Clock) -> None:
    _, booking = booked()
    page = Page(get(link("manage", booking)[:-3]))
    assert "Check that you have copied all of it from the email, and nothing more." in page.text


def test_a_link_stops_working_when_its_time_is_over(clock: Clock) -> None:
    _, booking = booked()
    urls = [link(purpose, booking) for purpose in PURPOSES]
    clock.now = NOW + timedelta(days=100)
    assert [get(url).status_code for url in urls] == [200, 200, 200]
    clock.now = NOW + timedelta(days=100, seconds=1)
    for response in (*map(get, urls), press(urls[0] + "/cancel")):
        assert response.status_code == 410
        assert "expired" in Page(response).text
    assert standing(booking) == booking


def test_the_calendar_file_is_the_session_in_its_venues_time() -> None:
    it, booking = booked(zone="America/Vancouver")
    response = get(Page(get(link("manage", booking))).link("/calendar/"))
    assert header(response, "Content-Type") == "text/calendar; charset=utf-8; method=PUBLISH"
    name = f"{it.event.slug}-{booking.booking_id[:8].upper()}.ics"
    assert header(response, "Content-Disposition") == f'attachment; filename="{name}"'
    (entry,) = icalendar.Calendar.from_ical(response.body.decode()).walk("VEVENT")
    assert entry["UID"] == f"{booking.booking_id}@turnout"
    starts = entry.decoded("DTSTART")
    assert starts.astimezone(UTC) == it.session.starts_at
    assert starts.replace(tzinfo=None) == datetime(2027, 9, 5, 19)  # as clocks there show it
    assert starts.utcoffset() == datetime(2027, 9, 5, 19, tzinfo=ZoneInfo("America/Vancouver")).utcoffset()


def test_the_links_on_the_page_last_as_long_as_the_mails() -> None:
    it, booking = booked()
    page = Page(get(link("manage", booking)))
    for purpose in ("calendar", "ticket"):
        expiry = int(page.link(f"/{purpose}/").split(".")[-3])
        assert expiry == int((it.session.ends_at + LINKS_LAST).timestamp())


def test_the_ticket_shows_the_code_that_the_door_will_read_and_who_it_is_for() -> None:
    _, booking = booked()
    response = get(Page(get(link("manage", booking))).link("/ticket/"))
    assert ticket_svg(ticket_text(address_of(booking))) in response.body.decode()
    text = Page(response).text
    for shown in ("Ann Archer", "3 places", "With Bo Baker", booking.booking_id[:8].upper()):
        assert shown in text


def test_a_cancelled_booking_has_neither_ticket_nor_calendar_entry() -> None:
    _, booking = booked()
    cancel_booking(address_of(booking), now=NOW)
    for purpose in ("ticket", "calendar"):
        response = get(link(purpose, booking))
        assert response.status_code == 410
        assert "This booking was cancelled" in Page(response).text


def test_what_is_one_persons_is_kept_nowhere_named_to_nobody_and_found_by_no_search_engine() -> None:
    _, booking = booked()
    for purpose in PURPOSES:
        response = get(link(purpose, booking))
        assert header(response, "Cache-Control") == "private, no-store"
        assert header(response, "Referrer-Policy") == "no-referrer"
        assert header(response, "X-Robots-Tag") == "noindex, nofollow"
    policy = header(get(link("manage", booking)), "Content-Security-Policy") or ""
    assert "frame-ancestors 'none'" in policy


def test_once_the_session_has_begun_there_is_nothing_to_cancel_on_the_page(clock: Clock) -> None:
    it, booking = booked()
    clock.now = it.session.starts_at - timedelta(seconds=1)
    assert Page(get(link("manage", booking))).all("form")
    clock.now = it.session.starts_at
    assert Page(get(link("manage", booking))).all("form") == []


def test_importing_the_app_loads_nothing_that_renders() -> None:
    program = "import sys, app; print(*({'jinja2', 'segno', 'icalendar', 'idna'} & set(sys.modules)))"
    root = Path(__file__).parents[3]
    python = [sys.executable, "-c", program]
    done = subprocess.run(python, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_page_of_a_booking_says_what_the_organiser_says_of_the_last_change() -> None:
    _, booking = booked(change_note="We are next door. <b>")
    assert "From the organiser: We are next door. <b>" in " ".join(
        Page(get(link("manage", booking))).text.split()
    )


def test_the_page_of_a_booking_says_why_its_session_was_cancelled() -> None:
    it, booking = booked(change_note="We are next door.")
    capacity_changes.cancel_session(it.session, reason="The kitchen has flooded.")
    text = " ".join(Page(get(link("manage", booking))).text.split())
    assert "has been cancelled From the organiser: The kitchen has flooded." in text
    assert "next door" not in text


def test_a_calendar_file_after_a_quiet_change_is_above_the_one_before() -> None:
    it, booking = booked()
    sequences = []
    for patch in ({}, {"venue": "Next door", "tell": False}):
        change_session(
            owner_of(it.session),
            it.session.event_id,
            it.session.session_id,
            patch,
            now=NOW,
            expected_version=None,
        )
        file = icalendar.Calendar.from_ical(get(link("calendar", booking)).body)
        sequences.append(int(str(file.walk("VEVENT")[0]["SEQUENCE"])))
    assert sequences == [0, 1]


@pytest.mark.parametrize(
    ("patches", "shown", "said"),
    [
        ([{"venue": "The Ladle"}, {"venue": "The Copper Pot"}], 0, None),
        ([{"venue": "The Ladle"}, {"starts_local": "2027-09-05T19:30"}], 1, "The time has changed"),
        ([{"venue": "The Ladle"}], 0, "The place has changed"),
        ([{"venue": "The Ladle", "tell": False}], 0, None),
    ],
)
def test_the_page_says_only_what_differs_from_the_page_that_was_booked_from(
    patches: list[dict[str, Any]], shown: int, said: str | None
) -> None:
    it, booking = booked()
    item_from(msgspec.structs.replace(booking, shown=shown)).save()
    for patch in patches:
        change_session(
            owner_of(it.session),
            it.session.event_id,
            it.session.session_id,
            patch,
            now=booking.created_at,
            expected_version=None,
        )
    text = Page(get(link("manage", booking))).text
    assert (said or "") in text
    assert ("changed" in text) is (said is not None)


def test_the_page_says_what_has_changed_since_and_links_what_the_organiser_says_of_it() -> None:
    it, booking = booked()
    assert "has changed" not in Page(get(link("manage", booking))).text
    patch = {"starts_local": "2027-09-05T19:30", "change_note": "See https://example.org/why."}
    change_session(
        owner_of(it.session),
        it.session.event_id,
        it.session.session_id,
        patch,
        now=booking.created_at + timedelta(hours=1),
        expected_version=1,
    )
    page = Page(get(link("manage", booking)))
    assert "The time has changed" in page.text
    assert page.link("https://example.org") == "https://example.org/why"


def test_a_link_that_opens_nothing_any_more_names_the_session_and_says_where_to_go(clock: Clock) -> None:
    it, old = booked()
    own = f"https://book.example.org/v1/book/{it.event.slug}"
    again = f"{own}/{it.session.session_id}/again"
    corrected(it, old, "anna@example.org")
    for purpose in PURPOSES:
        page = Page(get(link(purpose, old)))
        assert it.session.title in page.text
        assert "Sunday 5 September 2027" in page.text
        assert page.all("a", href=own)
        assert page.all("a", href=again)
    clock.now = it.session.ends_at + timedelta(seconds=1)
    assert not Page(get(link("manage", old))).all("a", href=again), "we send no email about it any more"


@pytest.mark.parametrize("off", [False, True])
def test_the_ticket_of_a_cancelled_booking_says_of_which_session_it_was(off: bool) -> None:
    it, booking = booked()
    cancel_booking(address_of(booking), now=NOW)
    if off:
        cancel_session(owner_of(it.session), it.session.event_id, it.session.session_id, now=NOW)
    page = Page(get(link("ticket", booking)))
    assert it.session.title in page.text
    assert page.all("a", href=f"https://book.example.org/v1/book/{it.event.slug}")
    assert "again" not in page.text
