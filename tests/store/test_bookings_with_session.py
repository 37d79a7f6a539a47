"""A booking with what is around it, in one request and as it stands now."""

from typing import Any

import msgspec
import pytest
from pynamodb.connection import Connection

from chalicelib.domain.booking import Booking
from chalicelib.domain.session import Session
from chalicelib.store import capacity, events
from chalicelib.store.bookings import find_booking, item_from
from chalicelib.store.bookings_with_session import BookingWithSession, find_with_session
from tests.mail_faults import recording
from tests.making import booking_for, make_event, make_session

pytestmark = pytest.mark.usefixtures("table")


@pytest.fixture
def session(table: Any) -> Session:
    return make_session(make_event(reply_to="hello@example.org"))


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


def test_it_is_what_reading_one_by_one_finds_in_one_consistent_request(
    booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    call = Connection._make_api_call

    def listening(connection: Connection, operation: str, options: dict[str, Any]) -> dict[str, Any]:
        asked.append((operation, options))
        return call(connection, operation, options)

    monkeypatch.setattr(Connection, "_make_api_call", listening)
    found = find_with_session(booking.event_id, booking.session_id, booking.key)
    ((operation, options),) = asked
    (of_table,) = options["RequestItems"].values()
    assert (operation, of_table["ConsistentRead"], len(of_table["Keys"])) == ("BatchGetItem", True, 3)
    assert found == one_by_one(booking)


def test_without_the_event_s_id_it_is_read_one_by_one_and_is_the_same(booking: Booking) -> None:
    with recording() as process:
        found = find_with_session("", booking.session_id, booking.key)
    assert process.done == ["GetItem"] * 3
    assert found == one_by_one(booking)


def test_it_is_as_it_stands_now(booking: Booking, session: Session) -> None:
    events.save_session(msgspec.structs.replace(session, venue="The Other Pot", version=2), 1)
    found = find_with_session(booking.event_id, booking.session_id, booking.key)
    assert found is not None
    assert found.session.venue == "The Other Pot"


@pytest.mark.parametrize("event_id", ["", "its event's"])
def test_where_there_is_no_booking_there_is_nothing(session: Session, event_id: str) -> None:
    assert find_with_session(event_id and session.event_id, session.session_id, "k" * 32) is None


@pytest.mark.parametrize("event_id", ["", "e" * 16])
def test_a_booking_without_its_session_is_an_error(booking: Booking, event_id: str) -> None:
    item_from(msgspec.structs.replace(booking, event_id="e" * 16)).save()
    with pytest.raises(LookupError):
        find_with_session(event_id, booking.session_id, booking.key)


def test_what_was_throttled_of_the_batch_is_asked_for_again(
    booking: Booking, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = one_by_one(booking)
    asked: list[int] = []
    call = Connection._make_api_call

    def one_at_a_time(connection: Connection, operation: str, options: dict[str, Any]) -> dict[str, Any]:
        ((table, wanted),) = options["RequestItems"].items()
        asked.append(len(wanted["Keys"]))
        first, *left = wanted["Keys"]
        answer = call(connection, operation, {"RequestItems": {table: {**wanted, "Keys": [first]}}})
        # As DynamoDB says it: the keys it did not get to, and how they were asked for.
        return {**answer, "UnprocessedKeys": {table: {**wanted, "Keys": left}} if left else {}}

    monkeypatch.setattr(Connection, "_make_api_call", one_at_a_time)
    assert find_with_session(booking.event_id, booking.session_id, booking.key) == expected
    assert asked == [3, 2, 1]
