"""The door's calls: scanning tickets, references and bookings, and undoing what was wrong."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.booking import Booking
from chalicelib.domain.ids import reference
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.session import Session
from chalicelib.domain.ticket import ticket_text
from chalicelib.store import capacity, events
from chalicelib.store.bookings import find_booking
from tests.making import MADE_AT, booking_for
from tests.web.admin import Admin, another_token, new_admin, pointers, problem
from tests.web.conftest import Clock

EVENING = datetime(2027, 9, 5, 17, 50, tzinfo=MADE_AT.tzinfo)


def as_said(printed: str) -> str:
    """Return a reference as somebody types it who heard it, in groups."""
    return f" {printed[:3].lower()}-{printed[3:6]} {printed[6:]}\n".translate(str.maketrans("OIB", "018"))


@pytest.fixture
def evening(clock: Clock) -> Clock:
    """Ten minutes before the sessions of tests/web/admin.py start."""
    clock.now = EVENING
    return clock


def session_at(path: str) -> Session:
    _, _, _, event_id, _, session_id = path.split("/")
    found = events.find_session(event_id, session_id)
    assert found is not None
    return found


def booked(session: str, person: str = "ada", places: int = 3) -> Booking:
    return capacity.take(session_at(session), booking_for(session_at(session), person, places=places))


def address_of(booking: Booking) -> str:
    return f"{booking.key}.{booking.booking_id}"


def ticket_of(booking: Booking) -> str:
    return ticket_text(BookingAddress(booking.session_id, booking.key, booking.booking_id))


def door() -> tuple[Admin, Admin, str]:
    """An organiser, its door, and a session."""
    admin = new_admin()
    return admin, another_token(admin, role="door"), admin.new_session(admin.new_event())


def test_a_ticket_lets_its_party_in_and_says_who_that_is(table: Any, evening: Clock) -> None:
    admin, at_door, session = door()
    booking = booked(session)
    answer = at_door.post(f"{session}/check-ins", {"ticket": ticket_of(booking), "nonce": "scan-1"})
    assert answer.status_code == 201, answer.body
    said = answer.json_body
    where = said["where"]
    assert where
    assert said == {
        "url": f"https://book.example.org/v1{session}/bookings/{address_of(booking)}/check-ins/scan-1",
        "booking": {"reference": reference(booking.booking_id), "name": "ada", "places": 3, "guests": []},
        "checked_in": 3,
        "arrived": 3,
        "at": "2027-09-05T17:50:00Z",
        "where": where,
        "replayed": False,
    }
    listed = admin.get(f"{session}/bookings").json_body["bookings"][0]
    assert listed["arrived"] == 3
    assert listed["arrivals"] == [
        {"url": said["url"], "places": 3, "at": "2027-09-05T17:50:00Z", "where": where}
    ]
    assert listed["version"] == 1


def test_the_same_scan_again_gets_the_same_answer_and_says_that_it_is(table: Any, evening: Clock) -> None:
    _, at_door, session = door()
    scan = {"ticket": ticket_of(booked(session)), "nonce": "scan-1", "places": 2}
    first = at_door.post(f"{session}/check-ins", scan)
    evening.now += timedelta(minutes=1)
    at_door.post(f"{session}/check-ins", scan | {"nonce": "scan-2", "places": 1})
    again = at_door.post(f"{session}/check-ins", scan)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json_body == first.json_body | {"replayed": True}


def test_a_second_scan_is_told_when_and_where_the_first_was(table: Any, evening: Clock) -> None:
    _, at_door, session = door()
    scan = {"ticket": ticket_of(booked(session)), "nonce": "scan-1"}
    first = at_door.post(f"{session}/check-ins", scan).json_body
    evening.now += timedelta(minutes=9)
    second = at_door.post(f"{session}/check-ins", scan | {"nonce": "scan-2"})
    assert problem(second) == (409, "already_arrived")
    told = second.json_body
    assert (told["first_at"], told["first_where"], told["places"]) == (first["at"], first["where"], 3)
    assert f"6.50pm on 5 September ({first['where']})" in told["detail"]


def test_a_party_may_come_bit_by_bit_and_is_told_how_many_are_left(table: Any, evening: Clock) -> None:
    _, at_door, session = door()
    booking = booked(session)
    path = f"{session}/check-ins"
    some = at_door.post(path, {"booking": address_of(booking), "nonce": "a", "places": 2})
    assert (some.json_body["checked_in"], some.json_body["arrived"]) == (2, 2)
    more = at_door.post(path, {"reference": reference(booking.booking_id), "nonce": "b", "places": 2})
    assert problem(more) == (409, "too_many_arriving")
    assert more.json_body["places_left"] == 1
    rest = at_door.post(path, {"reference": as_said(reference(booking.booking_id)), "nonce": "c"})
    assert (rest.json_body["checked_in"], rest.json_body["arrived"]) == (1, 3)


def test_undoing_is_done_at_the_url_of_the_check_in_and_again_changes_nothing(
    table: Any, evening: Clock
) -> None:
    _, at_door, session = door()
    booking = booked(session)
    scan = {"ticket": ticket_of(booking), "nonce": "a"}
    url = at_door.post(f"{session}/check-ins", scan).json_body["url"]
    for _ in range(2):
        undone = at_door.send("DELETE", url)
        assert undone.status_code == 200, undone.body
        assert undone.json_body["arrived"] == 0
        assert undone.json_body["booking"]["name"] == "ada"
    assert problem(at_door.post(f"{session}/check-ins", scan)) == (409, "check_in_undone")
    assert at_door.post(f"{session}/check-ins", scan | {"nonce": "b"}).status_code == 201


@pytest.mark.parametrize("nonce", ["other", "a%20b", "%2F", "..", "a" * 200, "%00", "ä"])
def test_undoing_what_nobody_scanned_is_not_found(table: Any, evening: Clock, nonce: str) -> None:
    _, at_door, session = door()
    booking = booked(session)
    at_door.post(f"{session}/check-ins", {"ticket": ticket_of(booking), "nonce": "a"})
    path = f"{session}/bookings/{address_of(booking)}/check-ins/{nonce}"
    assert at_door.send("DELETE", path).status_code in {403, 404}
    stored = find_booking(booking.session_id, booking.key)
    assert stored is not None
    assert stored.arrived == 3


def test_a_rehearsal_counts_nobody_but_says_that_the_ticket_is_good(table: Any, evening: Clock) -> None:
    _, at_door, session = door()
    booking = booked(session)
    evening.now = EVENING - timedelta(days=1)
    refused = at_door.post(f"{session}/check-ins", {"ticket": ticket_of(booking), "nonce": "a"})
    assert problem(refused) == (409, "check_in_not_open_yet")
    assert refused.json_body["opens_at"] == "2027-09-05T06:00:00Z"
    assert find_booking(booking.session_id, booking.key) == booking


def test_what_is_no_good_ticket_is_refused_each_in_its_own_way(table: Any, evening: Clock) -> None:
    admin, at_door, session = door()
    other = admin.new_session("/".join(session.split("/")[:4]), title="Ludlow")
    path = f"{session}/check-ins"

    def refused(**named: str) -> Any:
        return problem(at_door.post(path, {"nonce": "a", **named}))

    gone = booked(session, "gone")
    capacity.give_back(gone, MADE_AT)
    assert refused(ticket="https://example.org/") == (404, "not_found")
    assert refused(ticket=ticket_of(booking_for(session_at(session), "nobody"))) == (404, "not_found")
    assert refused(ticket=ticket_of(gone)) == (409, "booking_cancelled")
    assert refused(ticket=ticket_of(booked(other))) == (409, "wrong_session")
    assert refused(reference="AAAAAAAA") == (404, "not_found")
    assert refused(booking="nonsense") == (404, "not_found")
    assert admin.post(f"{session}/cancel").status_code == 200
    late = booking_for(session_at(session), "late")
    assert refused(ticket=ticket_of(gone)) == (409, "cancelled")
    assert refused(ticket=ticket_of(late)) == (404, "not_found")


def test_fields_that_are_wrong_are_named(table: Any, evening: Clock) -> None:
    _, at_door, session = door()
    path = f"{session}/check-ins"
    assert pointers(at_door.post(path, {"nonce": "a"})) == [""]
    assert pointers(at_door.post(path, {"ticket": "t", "reference": "AAAAAAAA", "nonce": "a"})) == [""]
    assert pointers(at_door.post(path, {"nonce": "a b", "places": -1, "x": 1})) == ["/nonce", "/places", "/x"]
    assert pointers(at_door.post(path, [])) == [""]
