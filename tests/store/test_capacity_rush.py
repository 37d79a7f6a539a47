"""Booking while everybody comes at once: a wait and a look before the write, and no more than that."""

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from pynamodb.connection import Connection

from chalicelib.domain.refusals import SoldOut
from chalicelib.store import capacity, hints, outcomes
from chalicelib.store.connection import connection
from chalicelib.store.keys import counter_key
from chalicelib.store.table import CounterItem
from tests.making import booking_for, counters_of, invariants_hold, make_session
from tests.wire import requests_counted


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


def test_in_a_rush_one_look_comes_before_the_write_and_a_moment_of_chance_before_both(
    table: Any, waits: list[float]
) -> None:
    session = make_session(capacity=8 * 25)
    with requests_counted() as sent:
        capacity.take(session, booking_for(session, "ada"), is_rush=True)
    assert sent == {"BatchGetItem": 1, "TransactWriteItems": 1}
    (waited,) = waits
    assert 0 <= waited <= 0.1
    invariants_hold(session)


def test_a_booking_whose_answer_is_lost_has_time_to_look_and_to_try_again(table: Any) -> None:
    config: Any = connection().client.meta.config  # its options are not in the stubs
    assert 2 * config.read_timeout < outcomes.BUDGET_SECONDS


def test_outside_a_rush_nothing_is_read_and_nobody_waits(table: Any, waits: list[float]) -> None:
    session = make_session(capacity=8 * 25)
    with requests_counted() as sent:
        capacity.take(session, booking_for(session, "ada"))
    assert sent == {"TransactWriteItems": 1}
    assert waits == []


@pytest.mark.parametrize(("chance", "looks"), [(0.0, 1), (0.2, 1), (0.3, 2), (0.999, 2)])
def test_in_a_rush_the_last_counter_of_four_is_tried_by_one_in_four_who_look_and_by_all_at_the_second_look(
    table: Any, waits: list[float], monkeypatch: pytest.MonkeyPatch, chance: float, looks: int
) -> None:
    session = make_session(capacity=4 * 25)
    for counter in range(3):
        # Others did that: this process believes all four to be full.
        CounterItem(*counter_key(session.session_id, counter)).update([CounterItem.free.set(0)])
    monkeypatch.setattr(random, "random", lambda: chance)
    with requests_counted() as sent:
        booked = capacity.take(session, booking_for(session, "ada"), is_rush=True)
    assert booked.allocation == {"3": 1}
    assert sent == {"BatchGetItem": looks, "TransactWriteItems": 1}
    assert len(waits) == looks, "a wait before each look"


def test_after_a_setback_a_look_comes_before_the_write_also_outside_a_rush(
    table: Any, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session(capacity=4 * 25)
    for counter in (0, 1, 2):
        CounterItem(*counter_key(session.session_id, counter)).update([CounterItem.free.set(0)])
    hints.hint_for(session).free = {0: 25, 1: 25, 2: 25, 3: 1}  # whichever is drawn, it was emptied
    monkeypatch.setattr(random, "random", lambda: 0.0)  # nor is it left to others
    with requests_counted() as sent:
        booked = capacity.take(session, booking_for(session, "ada"))
    assert booked.allocation == {"3": 1}
    assert sent == {"TransactWriteItems": 2, "BatchGetItem": 1}


def test_in_a_rush_a_party_is_not_split_over_counters_that_others_emptied(
    table: Any, waits: list[float]
) -> None:
    session = make_session(capacity=4 * 25)
    for person in range(4):
        capacity.take(session, booking_for(session, f"large{person}", places=20))
    assert set(hints.hint_for(session).free.values()) == {5}
    for counter in range(4):
        # Others did that: this process believes that five are left in each.
        CounterItem(*counter_key(session.session_id, counter)).update([CounterItem.free.set(0)])
    with requests_counted() as sent, pytest.raises(SoldOut):
        capacity.take(session, booking_for(session, "split", places=12), is_rush=True)
    assert sent["TransactWriteItems"] == 0


def test_a_process_that_was_alone_wrong_about_a_counter_waits_once_before_it_asks_the_mark(
    table: Any, waits: list[float]
) -> None:
    session = make_session(capacity=25)
    CounterItem(*counter_key(session.session_id, 0)).update([CounterItem.free.set(0)])
    with requests_counted() as sent, pytest.raises(SoldOut):
        capacity.take(session, booking_for(session, "ada"))
    assert sent["TransactWriteItems"] == 1
    assert len(waits) == 1


def test_a_look_at_four_counters_that_are_all_used_up_is_enough_to_ask_the_mark(
    table: Any, waits: list[float]
) -> None:
    session = make_session(capacity=12 * 25)
    for counter in range(12):
        # Others did that: this process believes all twelve to be full.
        CounterItem(*counter_key(session.session_id, counter)).update([CounterItem.free.set(0)])
    with requests_counted() as sent, pytest.raises(SoldOut):
        capacity.take(session, booking_for(session, "ada"), is_rush=True)
    assert sent["BatchGetItem"] == 2, "the look, and the count of all for the mark"
    assert sent["TransactWriteItems"] == 0
    assert len(waits) == 2, "before each"


def test_in_a_rush_not_all_who_look_meet_at_the_fullest(table: Any, waits: list[float]) -> None:
    session = make_session(capacity=4 * 25)
    for counter in range(3):
        CounterItem(*counter_key(session.session_id, counter)).update([CounterItem.free.set(9)])
    taken: set[str] = set()
    for person in range(16):
        hints.forget()
        taken |= set(capacity.take(session, booking_for(session, f"p{person}"), is_rush=True).allocation)
    assert taken & {"0", "1", "2"}, "the last was the fullest all the time"


def test_in_a_rush_a_party_that_fits_no_counter_alone_is_split(table: Any, waits: list[float]) -> None:
    session = make_session(capacity=75)
    for person in range(3):
        capacity.take(session, booking_for(session, f"large{person}", places=20), is_rush=True)
    hints.forget()
    booked = capacity.take(session, booking_for(session, "split", places=12), is_rush=True)
    assert len(booked.allocation) == 3
    invariants_hold(session)


def test_in_a_rush_the_last_places_are_all_sold_and_not_one_more(table: Any, waits: list[float]) -> None:
    session = make_session(capacity=60)
    for person in range(60):
        hints.forget()
        capacity.take(session, booking_for(session, f"person{person}"), is_rush=True)
    with pytest.raises(SoldOut):
        capacity.take(session, booking_for(session, "late"), is_rush=True)
    assert [counter.free for counter in counters_of(session)] == [0, 0, 0]
    invariants_hold(session)


def test_in_a_rush_too_whoever_is_known_to_be_late_hears_so_at_once(table: Any, waits: list[float]) -> None:
    session = make_session(capacity=2)
    capacity.take(session, booking_for(session, "ada", places=2), is_rush=True)
    with pytest.raises(SoldOut):
        capacity.take(session, booking_for(session, "early"), is_rush=True)
    waits.clear()
    with requests_counted() as sent, pytest.raises(SoldOut):
        capacity.take(session, booking_for(session, "late"), is_rush=True)
    assert not sent
    assert waits == []


def test_who_heard_sold_out_from_the_mark_is_not_refused_by_a_counter_when_the_second_is_over(
    table: Any, waits: list[float]
) -> None:
    session = make_session(capacity=8 * 25)
    for person in range(8):
        capacity.take(session, booking_for(session, f"large{person}", places=25))
    with pytest.raises(SoldOut):
        capacity.take(session, booking_for(session, "finder"))
    hints.forget()  # another process, which believes every counter to be full
    with pytest.raises(SoldOut):
        capacity.take(session, booking_for(session, "first"))
    hints.hint_for(session).forget_limit()  # as if the second had passed
    with requests_counted() as sent, pytest.raises(SoldOut):
        capacity.take(session, booking_for(session, "second"))
    assert sent == {"GetItem": 1}, "the mark, and no write"


def _lost(_options: dict[str, Any]) -> dict[str, Any]:
    raise ReadTimeoutError(endpoint_url="https://dynamodb.example")


def _throttled(options: dict[str, Any]) -> dict[str, Any]:
    return {
        "Responses": {name: [] for name in options["RequestItems"]},
        "UnprocessedKeys": options["RequestItems"],
    }


@pytest.mark.parametrize("answer", [_lost, _throttled])
def test_in_a_rush_a_look_that_fails_is_not_repeated_and_keeps_nobody_from_booking(
    table: Any, waits: list[float], monkeypatch: pytest.MonkeyPatch, answer: Callable[[Any], Any]
) -> None:
    session = make_session(capacity=8 * 25)
    looks: list[str] = []
    send = Connection._make_api_call

    def without_looks(self: Connection, operation: str, options: dict[str, Any]) -> Any:
        if operation != "BatchGetItem":
            return send(self, operation, options)
        looks.append(operation)
        return answer(options)

    monkeypatch.setattr(Connection, "_make_api_call", without_looks)
    booked = capacity.take(session, booking_for(session, "ada"), is_rush=True)
    assert booked.places == 1
    assert len(looks) == len(waits) == 1


def test_in_a_rush_what_a_look_does_not_bring_is_believed_as_before(
    table: Any, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session(capacity=4 * 25)
    send = Connection._make_api_call

    def only_the_first(self: Connection, operation: str, options: dict[str, Any]) -> Any:
        sent = send(self, operation, options)
        if operation == "BatchGetItem":
            ((name, wanted),) = options["RequestItems"].items()
            sent["Responses"][name] = sent["Responses"][name][:1]
            sent["UnprocessedKeys"] = {name: {"Keys": wanted["Keys"][1:]}}
        return sent

    for counter in range(4):
        # Others did that: whatever comes of the look says so, and three counters don't come.
        CounterItem(*counter_key(session.session_id, counter)).update([CounterItem.free.set(0)])
    monkeypatch.setattr(Connection, "_make_api_call", only_the_first)
    with requests_counted() as sent, pytest.raises(SoldOut):
        capacity.take(session, booking_for(session, "ada"), is_rush=True)
    assert sent["TransactWriteItems"] >= 1, "one that was believed to be free was tried"
