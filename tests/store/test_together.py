"""What is looked up together comes in one request, whole, or as absent as it is."""

from typing import Any

import pytest
from msgspec.structs import replace
from pynamodb.connection import Connection

from chalicelib.domain.event import Event
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.session import Session
from chalicelib.store import capacity, patient_reads
from chalicelib.store.moves import move
from chalicelib.store.together import (
    find_event_and_session,
    find_event_session_and_booking,
    find_session_and_booking,
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
    moved = move(booked, "bob@example.org", keys, MADE_AT)
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
