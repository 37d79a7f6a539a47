"""What is looked up together comes in one request, whole, or as absent as it is."""

from typing import Any

import pytest
from msgspec.structs import replace
from pynamodb.connection import Connection

from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.session import Session
from chalicelib.store import capacity, event_changes, events, patient_reads
from chalicelib.store.bookings import find_booking, item_from
from chalicelib.store.moves import move
from chalicelib.store.together import (
    BookingWithSession,
    find_event_and_session,
    find_event_session_and_booking,
    find_session_and_booking,
    find_with_session,
)
from tests.making import MADE_AT, booking_for, make_event, make_session
from tests.wire import requests_counted


@pytest.fixture
def event(table: Any) -> Event:
    return make_event()


@pytest.fixture
def session(event: Event) -> Session:
    return make_session(event)


def test_what_is_there_comes_whole_in_one_request(event: Event, session: Session) -> None:
    booked = capacity.take(session, booking_for(session, "ada"))
    with requests_counted() as sent:
        found = find_event_session_and_booking(event.event_id, booked.lives_at)
        assert found == (event, session, booked)
    assert sent == {"BatchGetItem": 1}
    assert find_event_and_session(event.event_id, session.session_id) == (event, session)
    assert find_session_and_booking(event.event_id, booked.lives_at) == (session, booked)


def test_what_is_not_there_is_none_and_no_text_is_an_id(event: Event, session: Session) -> None:
    booked = capacity.take(session, booking_for(session, "ada"))
    assert find_event_and_session("nothing", session.session_id) == (None, None)
    assert find_event_and_session(event.event_id, "nothing") == (event, None)
    other = replace(booked, booking_id="b" * 24).lives_at
    assert find_session_and_booking(event.event_id, other) == (session, None)
    assert find_session_and_booking("nothing", booked.lives_at) == (None, booked)
    with requests_counted() as sent:
        for text in ("", "a b", "a#b", "ä", "a" * 65):
            assert find_event_and_session(text, session.session_id) == (None, None)
            assert find_event_and_session(event.event_id, text) == (None, None)
            at = BookingAddress(text, booked.key, booked.booking_id)
            assert find_session_and_booking(event.event_id, at) == (None, None)
            assert find_event_session_and_booking(event.event_id, at) == (None, None, None)
    assert sent == {}


def test_a_booking_is_followed_to_where_it_moved(event: Event, session: Session) -> None:
    booked = capacity.take(session, booking_for(session, "ada"))
    keys = [booking_for(session, "bob").key]
    moved = move(booked, "bob@example.org", keys, MADE_AT, new_reference="NEWREFAB")
    assert find_session_and_booking(event.event_id, booked.lives_at) == (session, moved)


def test_what_was_throttled_of_it_is_asked_for_again(
    event: Event, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    whole = Connection._make_api_call

    def half(self: Connection, operation: str, options: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = whole(self, operation, options)
        if operation == "BatchGetItem" and not asked:
            ((table, wanted),) = options["RequestItems"].items()
            first = answer["Responses"][table][:1]
            kept = {name: first[0][name] for name in ("PK", "SK")}
            left = [key for key in wanted["Keys"] if key != kept]
            answer = {
                "Responses": {table: first},
                "UnprocessedKeys": {table: {**wanted, "Keys": left}},
            }
        asked.append(len(next(iter(options["RequestItems"].values()))["Keys"]))
        return answer

    monkeypatch.setattr(Connection, "_make_api_call", half)
    monkeypatch.setattr(patient_reads, "_READ_PAUSES_MS", (1,) * 5)
    assert find_event_and_session(event.event_id, session.session_id) == (event, session)
    assert asked == [2, 1]


@pytest.fixture
def booking(session: Session) -> Booking:
    return capacity.take(session, booking_for(session, "ann"))


def one_by_one(booking: Booking) -> BookingWithSession:
    found = find_booking(booking.session_id, booking.key)
    session = events.find_session(booking.event_id, booking.session_id)
    event = events.find_event(booking.event_id)
    assert found is not None
    assert session is not None
    assert event is not None
    return BookingWithSession(found, session, event)


def test_what_is_around_a_booking_is_what_reading_one_by_one_finds(booking: Booking) -> None:
    with requests_counted() as sent:
        found = find_with_session(booking.event_id, booking.session_id, booking.key)
    assert sent == {"BatchGetItem": 1}
    assert found == one_by_one(booking)


def test_without_the_event_s_id_it_is_the_same_with_a_request_more(booking: Booking) -> None:
    with requests_counted() as sent:
        found = find_with_session("", booking.session_id, booking.key)
    assert sent == {"GetItem": 1, "BatchGetItem": 1}
    assert found == one_by_one(booking)


def test_what_is_read_together_is_read_consistently(
    booking: Booking, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    whole = Connection._make_api_call

    def listening(self: Connection, operation: str, options: dict[str, Any]) -> dict[str, Any]:
        asked.extend(options["RequestItems"].values())
        return whole(self, operation, options)

    event_changes.save_session(replace(session, venue="The Other Pot", version=2), 1)
    monkeypatch.setattr(Connection, "_make_api_call", listening)
    found = find_with_session(booking.event_id, booking.session_id, booking.key)
    assert found is not None
    assert found.session.venue == "The Other Pot"
    assert [of_table["ConsistentRead"] for of_table in asked] == [True]


@pytest.mark.parametrize("event_id", ["", "its event's"])
def test_where_there_is_no_booking_there_is_nothing_around_it(session: Session, event_id: str) -> None:
    assert find_with_session(event_id and session.event_id, session.session_id, "k" * 32) is None


@pytest.mark.parametrize("event_id", ["", "e" * 16])
def test_a_booking_without_its_session_is_an_error(booking: Booking, event_id: str) -> None:
    item_from(replace(booking, event_id="e" * 16)).save()
    with pytest.raises(LookupError):
        find_with_session(event_id, booking.session_id, booking.key)
