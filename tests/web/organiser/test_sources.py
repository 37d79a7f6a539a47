"""Bookings by the network that they came from, and by whether an email bounced; and cancelling these."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.booking import Booking
from chalicelib.domain.ids import source_hash
from chalicelib.store import capacity
from chalicelib.store.owed_mail import owe_mail_again
from chalicelib.store.secrets import key_secret
from chalicelib.web.organiser import booking_views, bookings
from tests.making import MADE_AT
from tests.web.admin import Admin, new_admin, pointers, problem
from tests.web.organiser.test_bookings import all_slices, book_for, stored
from tests.web.organiser.test_mails import ended
from tests.wire import requests_counted

SCRIPT, OFFICE = "203.0.113.7", "198.51.100.0"


@pytest.fixture
def admin(table: Any) -> Admin:
    return new_admin()


@pytest.fixture
def session(admin: Admin) -> str:
    return admin.new_session(admin.new_event())


def book_from(network: str, session: str, person: str, **changes: Any) -> Booking:
    return book_for(session, person, source=source_hash(key_secret(), network), **changes)


def names_of(admin: Admin, session: str) -> list[str]:
    return [it["source"] for it in admin.get(f"{session}/sources").json_body["sources"]]


def people_in(admin: Admin, path: str) -> set[str]:
    return {it["name"] for part in all_slices(admin, path) for it in part}


def test_the_source_with_the_most_places_comes_first_with_when_and_how_many_of_it_bounced(
    admin: Admin, session: str
) -> None:
    minute = timedelta(minutes=1)
    for number in range(3):
        booked = book_from(SCRIPT, session, f"x{number}", places=4, created_at=MADE_AT + number * minute)
        if number:
            ended(booked, "bounced", "permanent_general")
    ended(book_from(OFFICE, session, "ada"), "delivered")
    ended(book_from(OFFICE, session, "bob"), "suppressed", "bounced")
    capacity.give_back(book_from(OFFICE, session, "gone"), MADE_AT)
    book_for(session, "by-phone")
    answer = admin.get(f"{session}/sources").json_body
    first, second = answer["sources"]
    assert answer["more"] == 0
    assert {**first, "source": ""} == {
        "source": "",
        "bookings": 3,
        "places": 12,
        "first_at": "2027-06-01T09:00:00Z",
        "last_at": "2027-06-01T09:02:00Z",
        "bounced": 2,
        "looked_at": 3,
    }
    assert (second["bookings"], second["places"], second["bounced"]) == (2, 2, 1)
    assert people_in(admin, f"{session}/bookings?source={first['source']}") == {"x0", "x1", "x2"}
    assert people_in(admin, f"{session}/bookings?source={second['source']}") == {"ada", "bob", "gone"}


def test_of_many_sources_the_largest_are_listed_and_of_many_bookings_some_are_looked_at(
    admin: Admin, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bookings, "SOURCES_SHOWN_MAX", 2)
    monkeypatch.setattr(bookings, "LOOKED_AT_MAX", 3)
    for number in range(4):
        for person in range(number + 1):
            ended(book_from(f"192.0.2.{number}", session, f"p{number}-{person}"), "bounced")
    answer = admin.get(f"{session}/sources").json_body
    seen = [(it["bookings"], it["bounced"], it["looked_at"]) for it in answer["sources"]]
    assert (seen, answer["more"]) == ([(4, 3, 3), (3, 0, 0)], 2)


def test_a_source_has_one_name_in_all_sessions_of_an_event_and_another_in_the_next_event(
    admin: Admin,
) -> None:
    event, other = admin.new_event(), admin.new_event(slug="other")
    names = []
    for session in (admin.new_session(event), admin.new_session(event), admin.new_session(other)):
        book_from(SCRIPT, session, "ada")
        names += names_of(admin, session)
    assert names[0] == names[1] != names[2]


def test_neither_the_network_nor_what_is_stored_of_it_is_shown(admin: Admin, session: str) -> None:
    booked = book_from(SCRIPT, session, "ada")
    for path in ("/sources", "/bookings", f"/bookings/{booked.path}"):
        shown = admin.get(session + path).body.decode()
        assert names_of(admin, session)[0] in shown
        assert SCRIPT not in shown
        assert booked.source[:6] not in shown
    assert admin.get(f"{session}/bookings/{book_for(session, 'bob').path}").json_body["source"] is None


def test_a_booking_keeps_its_source_when_somebody_else_asks_for_its_email_or_its_address_is_corrected(
    admin: Admin, session: str
) -> None:
    booked = book_from(SCRIPT, session, "ada")
    [name] = names_of(admin, session)
    owe_mail_again(booked, MADE_AT + timedelta(hours=1), source=source_hash(key_secret(), OFFICE))
    assert names_of(admin, session) == [name]
    admin.post(f"{session}/bookings/{booked.path}/address", {"email": "new@example.org"})
    assert names_of(admin, session) == [name]
    assert people_in(admin, f"{session}/bookings?source={name}") == {"ada"}


@pytest.mark.parametrize(("at_once", "at_most"), [(1, 2), (3, 6), (50, 1000)])
def test_the_bookings_of_a_source_and_those_that_bounced_are_listed_slice_by_slice(
    admin: Admin, session: str, monkeypatch: pytest.MonkeyPatch, at_once: int, at_most: int
) -> None:
    monkeypatch.setattr(booking_views, "_LOOKED_AT_ONCE", at_once)
    monkeypatch.setattr(booking_views, "LOOKED_AT_MAX", at_most)
    for number in range(12):
        booked = book_from(SCRIPT if number % 2 else OFFICE, session, f"p{number}")
        if number % 3 == 0:
            ended(booked, "bounced", "permanent_general")
        if number > 8:
            capacity.give_back(booked, MADE_AT)
    listed = {it["name"]: it["source"] for part in all_slices(admin, f"{session}/bookings") for it in part}
    name = listed["p1"]
    for query, expected in (
        (f"source={name}", {1, 3, 5, 7, 9, 11}),
        (f"source={name}&status=confirmed", {1, 3, 5, 7}),
        ("bounced=true", {0, 3, 6}),
        (f"bounced=true&source={name}", {3}),
        ("bounced=true&status=cancelled", set()),
        ("source=unknown", set()),
        (f"source={name}&address=p3@example.org", {3}),
        (f"source={name}&address=p4@example.org", set()),
        ("bounced=true&address=p3@example.org", {3}),
        ("bounced=true&address=p1@example.org", set()),
    ):
        limit = "" if "address" in query else "&limit=2"
        found = people_in(admin, f"{session}/bookings?{query}{limit}")
        assert found == {f"p{number}" for number in expected}, query
    for wrong in ("false", "", "1"):
        assert pointers(admin.get(f"{session}/bookings?bounced={wrong}")) == ["/bounced"]


def test_only_where_the_source_is_right_are_emails_looked_up(admin: Admin, session: str) -> None:
    for number in range(20):
        book_from(OFFICE, session, f"p{number}")
    with requests_counted() as sent:
        assert admin.get(f"{session}/bookings?source=unknown").json_body["bookings"] == []
    # The token, the session, and the bookings where they are.
    assert sent == Counter(GetItem=2, Query=16)
    with requests_counted() as sent:
        assert admin.get(f"{session}/sources").json_body["sources"][0]["looked_at"] == 20
    assert sent == Counter(GetItem=2, Query=16, BatchGetItem=1)


def test_what_the_list_shows_of_a_source_is_cancelled_and_what_changed_since_is_left(
    admin: Admin, session: str
) -> None:
    for number in range(4):
        book_from(SCRIPT, session, f"x{number}", places=4)
    book_from(OFFICE, session, "ada")
    source = names_of(admin, session)[0]
    shown = admin.get(f"{session}/bookings?source={source}&status=confirmed").json_body["bookings"]
    named = [{"booking": it["url"].rpartition("/")[2], "version": it["version"]} for it in shown]
    asked = {"bookings": named, "tell": False}
    changed = shown[2]["url"]
    assert admin.post(f"{changed}/address", {"email": "new@example.org"}).status_code == 200
    answer = admin.post(f"{session}/cancel-bookings", asked)
    assert (answer.status_code, answer.json_body) == (
        200,
        {"cancelled": 3, "places": 12, "left": [{**named[2], "why": "changed_meanwhile"}]},
    )
    left = admin.get(f"{session}/bookings?status=confirmed").json_body["bookings"]
    assert {it["address"] for it in left} == {"new@example.org", "ada@example.org"}
    gone = admin.get(f"{session}/bookings?status=cancelled").json_body["bookings"]
    assert [it["mails"] for it in gone] == [[], [], []], "nobody is owed an email"
    assert sum(it["places"] for it in admin.get(f"{session}/sources").json_body["sources"]) == 5
    again = admin.post(f"{session}/cancel-bookings", asked).json_body
    assert (again["cancelled"], again["places"]) == (0, 0)


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, ["/bookings", "/tell"]),
        ({"bookings": []}, ["/tell"]),
        ({"bookings": [], "tell": "yes"}, ["/tell"]),
        ({"bookings": ["x"], "tell": True}, ["/bookings/0"]),
        ({"bookings": [{"booking": "x", "version": 1}], "tell": True}, ["/bookings/0/booking"]),
        ({"bookings": [{"booking": f"{'a' * 32}.{'b' * 24}"}], "tell": True}, ["/bookings/0/version"]),
        (
            {"bookings": [{"booking": f"{'a' * 32}.{'b' * 24}", "version": 0}], "tell": True},
            ["/bookings/0/version"],
        ),
        (
            {"bookings": [{"booking": f"{'a' * 32}.{'b' * 24}", "version": 1}] * 501, "tell": True},
            ["/bookings"],
        ),
    ],
)
def test_a_request_that_does_not_say_which_bookings_or_who_is_told_is_refused(
    admin: Admin, session: str, body: Any, wrong: list[str]
) -> None:
    assert pointers(admin.post(f"{session}/cancel-bookings", body)) == wrong


def test_five_hundred_fit_in_one_request_and_none_is_cancelled_after_the_session(
    admin: Admin, session: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = {"booking": f"{'a' * 32}.{'b' * 24}", "version": 123}
    answer = admin.post(f"{session}/cancel-bookings", {"bookings": [one] * 500, "tell": False})
    assert (answer.status_code, len(answer.json_body["left"])) == (200, 500)
    after = stored(session).ends_at + timedelta(seconds=1)
    monkeypatch.setattr("chalicelib.web.organiser.bookings.utc_now", lambda: after)
    refused = admin.post(f"{session}/cancel-bookings", {"bookings": [one], "tell": False})
    assert problem(refused) == (409, "session_over")
