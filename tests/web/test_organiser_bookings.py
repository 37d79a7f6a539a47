"""A session's bookings, as organisers and hosts see them."""

from typing import Any

import msgspec

from chalicelib.domain.booking import Booking
from chalicelib.domain.session import Session
from chalicelib.store import capacity, events
from chalicelib.store.bookings import MOVES_FOLLOWED_MAX, item_from
from tests.making import booking_for
from tests.web.admin import new_admin, pointers, problem


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
        "address": made[one["booking_id"]].address,
        "places": 2,
        "guests": [],
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
    for cursor in ("x", "%00", "QUJD", "a" * 5000, "%C3%A9"):
        assert pointers(admin.get(f"{session}/bookings?cursor={cursor}")) == ["/cursor"], cursor
