"""The page after booking: what the browser that booked sees of it, and how it corrects a mistyped address."""

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from chalice.test import HTTPResponse

from chalicelib.domain.booking import Booking
from chalicelib.domain.links import FRESH_LASTS, sign_link
from chalicelib.settings import settings
from chalicelib.store import capacity, capacity_changes
from chalicelib.store.bookings import every_booking
from chalicelib.store.moves import move
from chalicelib.store.secrets import current_token_secret, key_secret
from tests.engines import forget_process_state
from tests.making import booking_for, invariants_hold
from tests.store.test_moves import check_in_by_hand
from tests.web.browsing import FORM, Page, ann, book_by_form, book_by_json, bookings_path, get, header, post
from tests.web.conftest import NOW, Clock
from tests.web.refused import Scene, scene
from tests.wire import requests_counted

pytestmark = pytest.mark.usefixtures("table")

WRONG, RIGHT = "ann@gmial.com", "ann@gmail.com"
THANKS = "https://curry.example/thanks"


def booked(it: Scene, email: str = WRONG, **changes: Any) -> str:
    """Book by the form, and return where it leads."""
    sent = ann(email=email, guests=["Bo Baker"], idempotency_key=f"key-{email}", **changes)
    return str(header(book_by_form(it.event, it.session, sent), "Location"))


def correct(it: Scene, done: str, email: str) -> HTTPResponse:
    """Send the form on that page."""
    path = f"/book/{it.event.slug}/{it.session.session_id}/done/correct"
    fresh = done.partition("?fresh=")[2]
    return post(path, urlencode({"fresh": fresh, "email": email}).encode(), **FORM)


def only(it: Scene) -> Booking:
    (booking,) = [there for there in every_booking(it.session.session_id) if there.status == "confirmed"]
    return booking


def test_the_browser_that_has_just_booked_sees_what_it_sent_and_nothing_of_it_is_in_the_address() -> None:
    it = scene()
    done = booked(it)
    assert "ann" not in done.lower().partition("fresh=")[0]
    assert "gmial" not in done
    forget_process_state()
    get(f"/book/{it.event.slug}")
    get(done)
    with requests_counted() as sent:
        answer = get(done)
    assert sent == {"GetItem": 1}
    page = Page(answer)
    for shown in (WRONG, "Ann Archer", "Bo Baker", "Places 2", only(it).booking_id[:8].upper()):
        assert shown in page.text
    assert header(answer, "Cache-Control") == "private, no-store"
    assert header(answer, "Referrer-Policy") == "no-referrer"
    assert header(answer, "X-Robots-Tag") == "noindex, nofollow"
    assert header(answer, "ETag") is None
    assert "/manage/" not in answer.body.decode()


def test_anybody_else_gets_the_page_that_is_the_same_for_all(clock: Clock) -> None:
    it, other = scene(), scene()
    done = booked(it)
    plain = f"/book/{it.event.slug}/{it.session.session_id}/done"
    theirs = only(it).lives_at
    link = sign_link(current_token_secret(), "manage", theirs, NOW + timedelta(days=1))
    foreign = f"/book/{other.event.slug}/{other.session.session_id}/done?{done.partition('?')[2]}"
    clock.now = NOW + FRESH_LASTS
    assert "Ann Archer" in Page(get(done)).text
    clock.now += timedelta(seconds=1)
    for path in (plain, done, done + "a", f"{plain}?fresh=", f"{plain}?fresh={link}", foreign):
        answer = get(path)
        assert header(answer, "Cache-Control") == "public, max-age=5"
        assert not Page(answer).all("form")
        for secret in ("Ann Archer", "gmial", theirs.key, theirs.booking_id):
            assert secret not in answer.body.decode()


def test_a_replay_a_program_and_a_form_that_returns_elsewhere_get_no_such_link() -> None:
    it = scene(event={"return_urls": (THANKS,)})
    booked(it)
    assert booked(it).endswith("/done?turnout=booked")
    assert "fresh" not in str(book_by_json(it.event, it.session, ann()).headers)
    assert booked(it, "bo@example.org", return_url=THANKS) == f"{THANKS}?turnout=booked"


def test_no_script_reads_what_is_the_browsers_own_and_a_listed_sites_reads_that_it_booked() -> None:
    home = "https://curry.example"
    it = scene(event={"allowed_origins": (home,)})
    sent = urlencode({**ann(email=WRONG), "consent": "true"}).encode()
    by_script = post(bookings_path(it.event, it.session), sent, **{**FORM, "Accept": "*/*", "Origin": home})
    assert str(header(by_script, "Location")).endswith("/done?turnout=booked")
    done = booked(it, "bo@example.org")
    for origin in (home, "https://evil.example", "null"):
        answer = get(done, Origin=origin)
        assert answer.status_code == 200
        assert "Ann Archer" not in Page(answer).text
        assert header(answer, "Access-Control-Allow-Origin") == (home if origin == home else None)
    assert header(get(done), "Access-Control-Allow-Origin") is None


def test_a_near_miss_of_a_big_provider_is_asked_about_and_booked_all_the_same() -> None:
    it = scene()
    page = Page(get(booked(it)))
    assert f"Did you mean {RIGHT} ?" in page.text
    assert page.field("email") == RIGHT
    assert page.all("details", open="")
    other = Page(get(booked(it, "ann@ymail.com")))
    assert "Did you mean" not in other.text
    assert not other.all("details", open="")


def test_a_correction_is_made_and_the_page_says_where_the_mail_goes_now() -> None:
    it = scene()
    done = booked(it)
    answer = correct(it, done, f" {RIGHT.upper()} ")
    assert (answer.status_code, header(answer, "Location")) == (303, done)
    booking = only(it)
    assert (booking.address, booking.version, bool(booking.source)) == (RIGHT, 2, True)
    page = Page(get(done))
    assert f"We are sending an email to {RIGHT} . It says what is booked with that address." in page.text
    assert not page.all("form")
    assert "Ann Archer" not in page.text
    assert correct(it, done, RIGHT).status_code == 303, "a second click"
    again = correct(it, done, "third@example.org")
    assert again.status_code == 409
    assert "ask the organiser" in Page(again).text
    assert only(it).address == RIGHT


def test_whoever_corrects_cannot_tell_whether_the_right_address_had_a_booking() -> None:
    told = []
    for has_booked in (False, True):
        it = scene()
        if has_booked:
            capacity.take(it.session, _theirs(it))
        done = booked(it)
        with requests_counted() as sent:
            answer = correct(it, done, RIGHT)
        assert header(answer, "Location") == done
        with requests_counted() as looked:
            page = Page(get(done))
        again = [correct(it, done, email).status_code for email in (RIGHT, WRONG, "third@example.org")]
        late = booked(it)
        link = sign_link(current_token_secret(), "manage", _at_first(it), NOW + timedelta(days=1))
        gone = get(f"/manage/{link}")
        text = page.text.replace(it.event.slug, "")
        told.append((answer.status_code, sent, looked, text, again, late[-20:], Page(gone).text))
        assert invariants_hold(it.session) == (1 if has_booked else 2)
        assert only(it).address == RIGHT
    assert told[0] == told[1]
    assert told[0][1] == {"GetItem": 1, "BatchGetItem": 1, "TransactWriteItems": 1}


def test_a_request_for_the_right_address_under_the_first_ones_key_hears_the_same_too() -> None:
    told = []
    for has_booked in (False, True):
        it = scene()
        if has_booked:
            capacity.take(it.session, _theirs(it))
        correct(it, booked(it), RIGHT)
        for key in (f"key-{WRONG}", only(it).booking_id):
            for places in (1, 2, 7):
                with requests_counted() as sent:
                    sought = ann(email=RIGHT, places=places)
                    answer = book_by_json(it.event, it.session, sought, Idempotency_Key=key)
                told.append((has_booked, answer.status_code, answer.json_body["code"], dict(sent)))
    without, having = ([each[1:] for each in told if each[0] is has_booked] for has_booked in (False, True))
    assert without[:3] == having[:3]
    assert [each[1] for each in without] == ["already_booked", "already_booked", "too_many_places"] * 2


def _theirs(it: Scene) -> Booking:
    from msgspec.structs import replace

    from chalicelib.domain.ids import booking_key

    key = booking_key(key_secret(), it.session.session_id, RIGHT)
    return replace(booking_for(it.session, "ann"), key=key, address=RIGHT)


def _at_first(it: Scene) -> Any:
    (left,) = [booking for booking in every_booking(it.session.session_id) if booking.status == "moved"]
    return left.lives_at


def test_the_same_address_and_one_that_is_none_are_refused_at_their_field_and_what_was_typed_stays() -> None:
    it = scene()
    done = booked(it)
    before = only(it)
    refused = ((WRONG, "We already have this address."), ("nobody", "Enter an email"), ("", "Enter an email"))
    for typed, sentence in refused:
        answer = correct(it, done, typed)
        page = Page(answer)
        assert answer.status_code == 422
        assert header(answer, "Cache-Control") == "private, no-store"
        (field,) = page.all("input", name="email")
        assert (field["aria-invalid"], field["value"]) == ("true", typed or RIGHT)
        assert sentence in page.text
        assert page.all("details", open="")
    assert only(it) == before


def test_the_page_shows_how_the_booking_stands_by_now(clock: Clock) -> None:
    it = scene()
    done = booked(it)
    check_in_by_hand(only(it))
    assert not Page(get(done)).all("form"), "somebody is in"
    it = scene()
    done = booked(it)
    move(only(it), "organised@example.org", ["k" * 32], NOW, new_reference="NEWREFAB")
    assert "The email address of your booking was changed." in Page(get(done)).text
    assert "organised" not in get(done).body.decode()
    it = scene()
    done = booked(it)
    capacity.give_back(only(it), NOW)
    page = Page(get(done))
    assert "This booking was cancelled" in page.text
    assert "You sent this form before" not in page.text
    refused = correct(it, done, RIGHT)
    assert (refused.status_code, "This booking was cancelled" in Page(refused).text) == (409, True)
    it = scene()
    done = booked(it)
    capacity.give_back(only(it), NOW, quiet=True)
    capacity_changes.cancel_session(it.session)
    page = Page(get(done))
    assert "Sorry, this session has been cancelled" in page.text
    assert "gets an email" not in page.text, "it was cancelled quietly"
    it = scene()
    done = booked(it)
    capacity_changes.cancel_session(it.session)
    page = Page(get(done))
    assert "Everyone who booked gets an email from us." in page.text
    assert "Sorry, this session has been cancelled" in page.text
    assert not page.all("form")
    assert correct(it, done, RIGHT).status_code == 409


def test_an_old_page_never_says_that_a_booking_stands_and_says_so_if_it_was_cancelled(clock: Clock) -> None:
    it = scene()
    done = booked(it)
    plain = done.partition("?")[0]
    clock.now = NOW + FRESH_LASTS + timedelta(days=9)
    for address in (done, plain, f"{plain}?fresh=abc"):
        page = Page(get(address))
        assert "is confirmed" not in page.text
        assert "Our email says what you have booked" in page.text
        assert "Ann" not in page.text
    capacity.give_back(only(it), NOW)
    page = Page(get(done))
    assert "This booking was cancelled" in page.text
    assert "Ann" not in page.text
    assert "This booking was cancelled" not in Page(get(plain)).text
    other = scene()
    elsewhere = f"/book/{other.event.slug}/{other.session.session_id}/done?{done.partition('?')[2]}"
    assert "This booking was cancelled" not in Page(get(elsewhere)).text, "it is no booking of that session"


def test_a_correction_too_late_or_with_a_forged_link_says_so_and_does_nothing(clock: Clock) -> None:
    it = scene()
    done = booked(it)
    assert correct(it, done + "a", RIGHT).status_code == 404
    other = scene()
    assert correct(other, done, RIGHT).status_code == 404, "another session's"
    clock.now = NOW + FRESH_LASTS + timedelta(seconds=1)
    late = correct(it, done, RIGHT)
    assert late.status_code == 410
    assert "ask the organiser" in Page(late).text
    assert only(it).address == WRONG


def test_corrections_count_like_bookings_of_their_source() -> None:
    it = scene()
    done = booked(it)
    for _ in range(settings().bookings_per_source_minute - 1):
        assert correct(it, done, WRONG).status_code == 422
    refused = correct(it, done, RIGHT)
    assert (refused.status_code, header(refused, "Retry-After")) == (429, "60")
    assert only(it).address == WRONG


def test_the_address_of_a_refused_correction_leads_back_to_the_page() -> None:
    it = scene()
    path = f"/book/{it.event.slug}/{it.session.session_id}/done"
    assert header(get(path + "/correct"), "Location") == f"https://book.example.org/v1{path}"


def test_a_framed_form_shows_what_it_sent_where_the_form_may_be_framed() -> None:
    it = scene(event={"allowed_origins": ("https://curry.example",)})
    policy = header(get(booked(it)), "Content-Security-Policy") or ""
    assert "frame-ancestors 'self' https://curry.example" in policy


def test_neither_the_link_nor_what_it_shows_is_logged(caplog: pytest.LogCaptureFixture, capsys: Any) -> None:
    it = scene()
    with caplog.at_level(logging.DEBUG, logger="turnout"):
        done = booked(it)
        get(done)
        correct(it, done, "nobody")
        correct(it, done, RIGHT)
        correct(it, done, "third@example.org")
    logged = caplog.text + "".join(capsys.readouterr())
    assert "not_correctable" in logged
    for secret in (done.partition("fresh=")[2], "gmial", "gmail", "third@", "Ann Archer"):
        assert secret not in logged
