"""A session's bookings, as organisers and hosts see them."""

import base64
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from chalice.test import HTTPResponse

from chalicelib.domain.booking import Arrival, Booking
from chalicelib.domain.ids import booking_key
from chalicelib.domain.notices import notice_owed
from chalicelib.domain.session import Session
from chalicelib.store import booking_lists, capacity, events, sent_mail
from chalicelib.store.bookings import MOVES_FOLLOWED_MAX, item_from
from chalicelib.store.secrets import key_secret
from tests.making import MADE_AT, booking_for
from tests.web.admin import Admin, new_admin, pointers, problem
from tests.wire import requests_counted


def stored(session: str) -> Session:
    """What the table holds of the session with this path."""
    _, _, _, event_id, _, session_id = session.split("/")
    found = events.find_session(event_id, session_id)
    assert found is not None
    return found


def address_of(booking: Booking) -> str:
    """How a path names this booking."""
    return f"{booking.key}.{booking.booking_id}"


def test_a_booking_is_read_at_the_url_that_the_list_gives_for_it(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    capacity.take(stored(session), booking_for(stored(session), "ada", places=2))
    [listed] = admin.get(f"{session}/bookings").json_body["bookings"]
    answer = admin.get(listed["url"])
    assert (answer.status_code, answer.json_body) == (200, listed)


def test_a_booking_is_found_by_its_key_and_its_id_together_only(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    session, other = admin.new_session(event), admin.new_session(event)
    ada = capacity.take(stored(session), booking_for(stored(session), "ada"))
    bob = capacity.take(stored(session), booking_for(stored(session), "bob"))
    wrong = [
        f"{session}/bookings/{ada.key}.{bob.booking_id}",
        f"{session}/bookings/{'a' * 32}.{ada.booking_id}",
        f"{other}/bookings/{address_of(ada)}",
        f"{session}/bookings/{ada.booking_id}",
        f"{session}/bookings/{ada.key}.{ada.booking_id}.",
        f"{session}/bookings/{address_of(ada).upper()}",
        f"{session}/bookings/{address_of(ada)}%0A",
        f"{session}/bookings/%00.%00",
        f"{session}/bookings/.",
        f"{session}/bookings/{'9' * 32}.{ada.booking_id}",
    ]
    for path in wrong:
        assert problem(admin.get(path)) == (404, "not_found"), path


def move_by_hand(booking: Booking, person: str, session: Session) -> Booking:
    """Put the booking at another person's key, and leave behind what says so."""
    new_key = booking_for(session, person).key
    moved = msgspec.structs.replace(booking, key=new_key, address=f"{person}@example.org")
    item_from(moved).save()
    item_from(msgspec.structs.replace(booking, status="moved", moved_to=new_key, name="", address="")).save()
    return moved


def test_a_booking_whose_address_was_corrected_is_found_where_it_was_before(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    there = first = capacity.take(stored(session), booking_for(stored(session), "ada"))
    for number in range(MOVES_FOLLOWED_MAX):
        there = move_by_hand(there, f"ada{number}", stored(session))
    answer = admin.get(f"{session}/bookings/{address_of(first)}")
    assert answer.json_body["address"] == f"ada{MOVES_FOLLOWED_MAX - 1}@example.org"
    assert answer.json_body["url"].endswith(address_of(there))
    move_by_hand(there, "one-too-many", stored(session))
    assert problem(admin.get(f"{session}/bookings/{address_of(first)}")) == (404, "not_found")
    assert admin.get(f"{session}/bookings/{address_of(there)}").status_code == 200


def test_moves_that_lead_in_a_circle_or_nowhere_end(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    booking = booking_for(stored(session), "ada")
    for moved_to in (booking.key, None, "a" * 32):
        item_from(msgspec.structs.replace(booking, status="moved", moved_to=moved_to)).save()
        assert problem(admin.get(f"{session}/bookings/{address_of(booking)}")) == (404, "not_found")


def test_bookings_are_listed_page_by_page_each_of_them_once(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    made = {}
    for number in range(7):
        booking = booking_for(stored(session), f"person{number}", places=2)
        made[booking.booking_id] = capacity.take(stored(session), booking)
    path, seen, pages = f"{session}/bookings?limit=3", [], 0
    while path:
        answer = admin.get(path)
        seen += answer.json_body["bookings"]
        pages += 1
        link = answer.headers.get("Link", "")
        assert link.endswith('>; rel="next"') or (link == "" and answer.json_body["next_cursor"] is None)
        path = link.removeprefix("<").removesuffix('>; rel="next"')
    assert pages == 3
    assert {booking["booking_id"] for booking in seen} == set(made)
    assert len(seen) == 7
    one = seen[0]
    assert one == {
        "url": f"https://book.example.org/v1{session}/bookings/{address_of(made[one['booking_id']])}",
        "booking_id": one["booking_id"],
        "reference": one["booking_id"][:8].upper(),
        "status": "confirmed",
        "name": made[one["booking_id"]].name,
        "email": made[one["booking_id"]].address,
        "address": made[one["booking_id"]].address,
        "places": 2,
        "guests": [],
        "answers": {},
        "arrived": 0,
        "arrivals": [],
        "mails": [{"kind": "confirmation", "state": "owed", "reason": None, "at": "2027-06-01T09:00:00Z"}],
        "source": None,
        "bounced": False,
        "created_at": "2027-06-01T09:00:00Z",
        "changed_at": "2027-06-01T09:00:00Z",
        "version": 1,
    }


def test_a_page_has_between_one_and_a_hundred_bookings(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    for limit in ("0", "101", "x", "-1", "", "%C2%B2"):
        assert pointers(admin.get(f"{session}/bookings?limit={limit}")) == ["/limit"], limit
    assert admin.get(f"{session}/bookings?limit=100").status_code == 200


def test_a_cursor_that_we_did_not_make_is_refused(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    spelled = [base64.urlsafe_b64encode(b"a" * length).decode().rstrip("=") for length in (31, 33, 1020)]
    for cursor in ("x", "%00", "QUJD", "a" * 5000, "%C3%A9", *spelled):
        assert pointers(admin.get(f"{session}/bookings?cursor={cursor}")) == ["/cursor"], cursor


# Looking for some of them


def all_slices(admin: Admin, path: str) -> list[list[dict[str, Any]]]:
    """Every page from this one on, by their Link headers."""
    pages = []
    while path:
        answer = admin.get(path)
        assert answer.status_code == 200, answer.body
        pages.append(answer.json_body["bookings"])
        link = answer.headers.get("Link", "")
        assert (link == "") == (answer.json_body["next_cursor"] is None)
        path = link.removeprefix("<").removesuffix('>; rel="next"')
    return pages


@pytest.mark.parametrize("sifted", [1, 3, 1000])
def test_a_page_by_status_is_full_unless_it_is_the_last(
    table: Any, monkeypatch: pytest.MonkeyPatch, sifted: int
) -> None:
    monkeypatch.setattr(booking_lists, "_SIFTED_PER_REQUEST", sifted)
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    made = [
        capacity.take(stored(session), booking_for(stored(session), f"p{number}")) for number in range(25)
    ]
    for booking in made[::3]:
        capacity.give_back(booking, MADE_AT)
    expected = {
        "cancelled": {booking.booking_id for booking in made[::3]},
        "confirmed": {booking.booking_id for booking in made} - {b.booking_id for b in made[::3]},
    }
    for status, ids in expected.items():
        pages = all_slices(admin, f"{session}/bookings?status={status}&limit=4")
        assert [len(page) for page in pages[:-1]] == [4] * (len(pages) - 1), status
        seen = [booking["booking_id"] for page in pages for booking in page]
        assert len(seen) == len(ids), status
        assert set(seen) == ids, status


def test_what_moved_is_in_no_list_but_where_it_is_now(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    for number in range(6):
        booking = capacity.take(stored(session), booking_for(stored(session), f"p{number}"))
        moved = move_by_hand(booking, f"new{number}", stored(session))
    pages = all_slices(admin, f"{session}/bookings?limit=2")
    assert [len(page) for page in pages] == [2, 2, 2]
    assert {booking["address"] for page in pages for booking in page} == {
        f"new{number}@example.org" for number in range(6)
    }
    assert {booking["status"] for page in pages for booking in page} == {"confirmed"}
    found = admin.get(f"{session}/bookings?reference={moved.booking_id[:8]}").json_body["bookings"]
    assert [booking["url"].rpartition("/")[2] for booking in found] == [address_of(moved)]


def test_a_booking_is_found_by_the_reference_in_its_mail_however_that_is_typed(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    made = [capacity.take(stored(session), booking_for(stored(session), f"p{number}")) for number in range(9)]
    for booking in made:
        reference = booking.booking_id[:8]
        said = f"{reference[:4]} {reference[4:]}".upper()
        misread = said.translate(str.maketrans("OIB", "018"))
        for typed in (reference, reference.upper(), reference.title(), quote(said), quote(f" {misread}-")):
            answer = admin.get(f"{session}/bookings?reference={typed}")
            assert [found["booking_id"] for found in answer.json_body["bookings"]] == [booking.booking_id]
            assert answer.json_body["next_cursor"] is None
    assert admin.get(f"{session}/bookings?reference=aaaaaaaa").json_body["bookings"] == []
    narrowed = admin.get(f"{session}/bookings?reference={made[0].booking_id[:8]}&status=cancelled")
    assert narrowed.json_body["bookings"] == []


def test_all_bookings_of_an_address_are_found_however_it_is_typed_and_none_of_another(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    session, other = admin.new_session(event), admin.new_session(event)
    for ordinal in (2, 0, 4):
        for where in (session, other):
            booking = booking_for(stored(where), "ada")
            key = booking_key(key_secret(), booking.session_id, booking.address, ordinal)
            capacity.take(
                stored(where), msgspec.structs.replace(booking, key=key, ordinal=ordinal, places=1 + ordinal)
            )
    bob = booking_for(stored(session), "bob")
    capacity.take(
        stored(session),
        msgspec.structs.replace(bob, key=booking_key(key_secret(), bob.session_id, bob.address)),
    )
    for typed in ("ada@example.org", "%20Ada@EXAMPLE.org%20"):
        found = admin.get(f"{session}/bookings?address={typed}").json_body["bookings"]
        assert [booking["places"] for booking in found] == [1, 3, 5]
        assert {booking["address"] for booking in found} == {"ada@example.org"}
        assert found == admin.get(f"{session}/bookings?email={typed}").json_body["bookings"]
    assert admin.get(f"{session}/bookings?address=eve@example.org").json_body["bookings"] == []


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("status=moved", ["/status"]),
        ("status=", ["/status"]),
        ("reference=abc", ["/reference"]),
        ("reference=abcdefg9", ["/reference"]),
        ("reference=", ["/reference"]),
        ("address=nobody", ["/address"]),
        ("address=", ["/address"]),
        ("email=nobody", ["/email"]),
        ("email=ada@example.org&address=ada@example.org", ["/address"]),
        ("reference=aaaaaaaa&email=ada@example.org", ["/email"]),
        ("email=ada@example.org&cursor=QUJD", ["/cursor"]),
        ("reference=aaaaaaaa&address=ada@example.org", ["/address"]),
        ("reference=aaaaaaaa&cursor=QUJD", ["/cursor"]),
        ("address=ada@example.org&limit=3", ["/limit"]),
        ("status=x&reference=1&limit=0&cursor=a", ["/cursor", "/limit", "/reference", "/status"]),
    ],
)
def test_a_query_that_makes_no_sense_is_refused_by_the_names_of_its_fields(
    table: Any, query: str, wrong: list[str]
) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    assert pointers(admin.get(f"{session}/bookings?{query}")) == wrong


def test_a_booking_is_shown_with_its_answers_its_arrivals_and_how_far_its_mail_got(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    booking = msgspec.structs.replace(
        booking_for(stored(session), "ada", places=4),
        guests=("Sam",),
        answers={"diet": "vegan", "bus": True},
        arrivals=tuple(
            Arrival(
                nonce=f"n{places}",
                places=places,
                at=MADE_AT,
                token_id="t",
                where="Front door",
                arrived=arrived,
            )
            for places, arrived in ((1, 1), (2, 3))
        ),
    )
    booking = capacity.take(stored(session), booking)
    seen = admin.get(f"{session}/bookings/{address_of(booking)}").json_body
    assert (seen["guests"], seen["answers"]) == (["Sam"], {"diet": "vegan", "bus": True})
    assert seen["arrived"] == 3
    assert [arrival["where"] for arrival in seen["arrivals"]] == ["Front door", "Front door"]
    assert [mail["state"] for mail in seen["mails"]] == ["owed"]
    line = (booking.booking_id, "confirmation", 1)
    sent_mail.advance(line, "bounced", MADE_AT, reason="permanent_general")
    [listed] = admin.get(f"{session}/bookings").json_body["bookings"]
    assert listed["mails"] == [
        {
            "kind": "confirmation",
            "state": "bounced",
            "reason": "permanent_general",
            "at": "2027-06-01T09:00:00Z",
        }
    ]
    cancelled = capacity.give_back(booking, MADE_AT, even_if_arrived=True)
    sent_mail.take_lease(notice_owed(cancelled), MADE_AT)
    [listed] = admin.get(f"{session}/bookings").json_body["bookings"]
    assert [(mail["kind"], mail["state"]) for mail in listed["mails"]] == [("cancellation", "sending")]


# Correcting an address


def book_for(session: str, person: str, **changes: Any) -> Booking:
    """Book as this person would, with the key that the API makes."""
    booking = msgspec.structs.replace(booking_for(stored(session), person), **changes)
    key = booking_key(key_secret(), booking.session_id, booking.address, booking.ordinal)
    return capacity.take(stored(session), msgspec.structs.replace(booking, key=key))


def test_an_address_is_corrected_and_both_urls_lead_to_the_booking(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    old = book_for(session, "adda", places=2)
    was = f"{session}/bookings/{old.path}"
    answer = admin.post(f"{was}/address", {"email": " Ada@Example.org"})
    assert answer.status_code == 200, answer.body
    now = answer.json_body
    assert (now["address"], now["booking_id"], now["places"]) == ("ada@example.org", old.booking_id, 2)
    assert [(mail["kind"], mail["state"]) for mail in now["mails"]] == [("confirmation", "owed")]
    assert now["url"] != f"https://book.example.org/v1{was}"
    shown = {name: value for name, value in now.items() if name != "links_kept"}
    assert admin.get(was).json_body == admin.get(now["url"]).json_body == shown
    assert admin.post(f"{was}/address", {"email": "ada@example.org"}).json_body == now
    bob = book_for(session, "bob")
    refused = admin.post(f"{session}/bookings/{bob.path}/address", {"email": "ada@example.org"})
    assert problem(refused) == (409, "address_has_booking")
    assert now["url"].endswith(refused.json_body["booking"])


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, ["/email"]),
        ({"email": "ada"}, ["/email"]),
        ({"email": "a@example.org\r\nBcc: b@example.org"}, ["/email"]),
        ({"email": 5}, ["/email"]),
        ({"email": "ada@example.org", "name": "x"}, ["/name"]),
        ([], [""]),
    ],
)
def test_a_correction_that_is_no_address_is_refused(table: Any, body: Any, wrong: list[str]) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    booking = book_for(session, "adda")
    assert pointers(admin.post(f"{session}/bookings/{booking.path}/address", body)) == wrong


# Booking and cancelling for somebody


def test_a_booking_for_somebody_is_answered_as_it_is_shown_and_safe_to_send_again(table: Any) -> None:
    admin = new_admin()
    event = admin.new_event()
    session = admin.new_session(event)
    body = {"name": "Ada", "email": "ada@example.org", "places": 2, "guests": ["Sam"]}
    assert problem(admin.post(f"{session}/bookings", body)) == (404, "not_published")
    admin.post(f"{event}/publish")
    first, again = (admin.post(f"{session}/bookings", body, Idempotency_Key="k") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    shown = first.json_body
    assert first.headers["Location"] == shown["url"]
    assert admin.get(shown["url"]).json_body == again.json_body == shown
    assert [mail["state"] for mail in shown["mails"]] == ["owed"]
    taken = admin.post(f"{session}/bookings", body)
    assert problem(taken) == (409, "address_has_booking")
    assert shown["url"].endswith(taken.json_body["booking"])
    cancelled = admin.post(f"{shown['url']}/cancel")
    assert (cancelled.status_code, cancelled.json_body["status"]) == (200, "cancelled")
    assert admin.post(f"{shown['url']}/cancel").json_body == cancelled.json_body


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"consent": "x"}, ["/consent"]),
        ({"website": ""}, ["/website"]),
        ({"name": "", "email": "x", "places": 0}, ["/email", "/name", "/places"]),
        ({"guests": ["A", "B"]}, ["/guests"]),
        ({"answers": {"unknown": "x"}}, ["/answers/unknown"]),
        ({"name": "=HYPERLINK(https://x.example)"}, ["/name"]),
    ],
)
def test_a_booking_for_somebody_that_makes_no_sense_is_refused_field_by_field(
    table: Any, changes: dict[str, Any], wrong: list[str]
) -> None:
    admin = new_admin()
    event = admin.new_event()
    session = admin.new_session(event)
    admin.post(f"{event}/publish")
    body = {"name": "Ada", "email": "ada@example.org", **changes}
    refused = pointers(admin.post(f"{session}/bookings", body))
    assert set(refused) <= set(wrong)
    assert refused
    assert admin.get(f"{session}/bookings").json_body["bookings"] == []


def test_an_organiser_s_call_looks_up_what_it_is_about_once(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    path = f"{session}/bookings/{book_for(session, 'ada').path}"
    calls: list[tuple[Callable[[], HTTPResponse], dict[str, int]]] = [
        (lambda: admin.get(path), {"BatchGetItem": 2}),
        (lambda: admin.post(f"{path}/cancel"), {"BatchGetItem": 2, "TransactWriteItems": 1}),
        (lambda: admin.post(f"{session}/close"), {"BatchGetItem": 2, "TransactWriteItems": 1}),
        (
            lambda: admin.send("PATCH", session, {"title": "Leicester, upstairs"}, If_Match="*"),
            {"BatchGetItem": 2, "PutItem": 1},
        ),
    ]
    for send, sent_at_most in calls:
        with requests_counted() as sent:
            assert send().status_code == 200
        # The authorizer, a function of its own, reads the token.
        assert sent - Counter(GetItem=1) == sent_at_most


def test_an_email_address_is_called_email_and_is_taken_by_its_older_name_too(table: Any) -> None:
    admin = new_admin()
    session = admin.new_session(admin.new_event())
    admin.post(session.rpartition("/sessions/")[0] + "/publish")
    made = admin.post(f"{session}/bookings", {"name": "Ada", "address": "Ada@example.org", "consent": False})
    assert made.status_code == 201, made.body
    assert made.json_body["email"] == made.json_body["address"] == "ada@example.org"
    for name, typed in (("email", "b@example.org"), ("address", "c@example.org")):
        corrected = admin.post(made.json_body["url"] + "/address", {name: typed})
        assert corrected.json_body["email"] == corrected.json_body["address"] == typed
    both = {"name": "Bob", "email": "b@example.org", "address": "b@example.org"}
    assert pointers(admin.post(f"{session}/bookings", both)) == ["/address"]
