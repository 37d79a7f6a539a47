"""A booking moves to another key, whole or not at all, whatever happens meanwhile. On DynamoDB Local."""

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.actions.event import recount_session as recounting
from chalicelib.actions.event.recount_session import Recount, recount_session
from chalicelib.domain.booking import Arrival, Booking
from chalicelib.domain.correction import AddressHasBooking, BookingNotLive
from chalicelib.domain.refusals import Busy, Cancelled, Refusal
from chalicelib.domain.session import Session
from chalicelib.store import capacity, capacity_changes, outcomes
from chalicelib.store.bookings import (
    every_booking,
    every_booking_in,
    find_booking,
    find_booking_at,
    item_from,
)
from chalicelib.store.directory import remember_listed
from chalicelib.store.keys import counter_key
from chalicelib.store.moves import move
from chalicelib.store.partitions import partition_of
from chalicelib.store.recounts import watched_sessions
from chalicelib.store.table import CounterItem
from tests.actions.booking.test_kill_points_of_booking import When, both, deaths
from tests.faults import weather
from tests.making import MADE_AT, booking_for, invariants_hold, make_session

LATER = MADE_AT + timedelta(hours=1)


def move_to(booking: Booking, session: Session, person: str) -> Booking:
    return move(
        booking, f"{person}@example.org", [booking_for(session, person).key], LATER, new_reference="NEWREFAB"
    )


def standing(session: Session) -> list[Booking]:
    return [booking for booking in every_booking(session.session_id) if booking.status == "confirmed"]


@both
def test_a_booking_that_dies_while_moving_is_at_one_key_and_gets_there_when_it_is_done_again(
    dynamodb_local: Any, when: When
) -> None:
    session = make_session(capacity=10)
    booked = capacity.take(session, booking_for(session, "wrong", places=3))
    died = 0
    for _ in deaths(lambda: move_to(booked, session, "right"), when):
        died += 1
        assert invariants_hold(session) == 3
        [there] = standing(session)
        assert there == find_booking_at(booked.lives_at)
    assert died >= 2, "it reads the new keys, then writes"
    [there] = standing(session)
    assert (there.address, there.version) == ("right@example.org", 2)
    assert move_to(there, session, "right") == there


def test_a_move_on_a_wire_that_fails_is_made_once(dynamodb_local: Any) -> None:
    session = make_session(capacity=10)
    there = capacity.take(session, booking_for(session, "wrong"))
    seen: Counter[str] = Counter()
    for seed in range(30):
        before = there
        with weather(seed, lost=0.3, conflicts=0.2, throttles=0.1) as bad:
            try:
                there = move_to(before, session, f"p{seed}")
            except Busy:
                [there] = standing(session)
        seen += bad.seen
        assert [there] == standing(session)
        assert (there.address, there.version) in {
            (f"p{seed}@example.org", before.version + 1),
            (before.address, before.version),
        }
        assert find_booking_at(before.lives_at) == there
    assert min(seen["lost"], seen["conflict"]) > 3
    assert there.version > 20
    assert invariants_hold(session) == 1


def test_a_move_that_always_loses_says_busy_and_changes_nothing(
    dynamodb_local: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "BUDGET_SECONDS", 0.3)
    session = make_session(capacity=10)
    booked = capacity.take(session, booking_for(session, "wrong"))
    with weather(0, conflicts=1.0), pytest.raises(Busy):
        move_to(booked, session, "right")
    assert list(every_booking(session.session_id)) == [booked]


def outcome(deed: Callable[[], Booking]) -> Booking | Refusal:
    try:
        return deed()
    except Refusal as refusal:
        return refusal


def race(*deeds: Callable[[], Booking]) -> list[Booking | Refusal]:
    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(outcome, deeds))


def booked_wrongly() -> tuple[Session, Booking]:
    session = make_session(capacity=10)
    return session, capacity.take(session, booking_for(session, "wrong", places=2))


@pytest.mark.parametrize("attempt", range(8))
def test_two_corrections_at_once_leave_one_booking_and_both_say_where_it_is(
    dynamodb_local: Any, attempt: int
) -> None:
    session, booked = booked_wrongly()
    ends = race(lambda: move_to(booked, session, "right"), lambda: move_to(booked, session, "better"))
    addresses = [end.address for end in ends if isinstance(end, Booking)]
    assert addresses == ["right@example.org", "better@example.org"]
    [there] = standing(session)
    assert there.version == 3, "one after the other"
    assert invariants_hold(session) == 2


@pytest.mark.parametrize("attempt", range(8))
def test_the_same_correction_twice_at_once_is_made_once(dynamodb_local: Any, attempt: int) -> None:
    session, booked = booked_wrongly()
    ends = race(lambda: move_to(booked, session, "right"), lambda: move_to(booked, session, "right"))
    [there] = standing(session)
    assert ends == [there, there]
    assert there.version == 2


@pytest.mark.parametrize("attempt", range(8))
def test_who_books_at_the_new_address_meanwhile_keeps_that_booking(dynamodb_local: Any, attempt: int) -> None:
    session, booked = booked_wrongly()
    theirs = booking_for(session, "right")
    moved, took = race(lambda: move_to(booked, session, "right"), lambda: capacity.take(session, theirs))
    assert isinstance(took, Booking)
    if isinstance(moved, AddressHasBooking):
        assert took.booking_id == theirs.booking_id
        assert invariants_hold(session) == 3
    else:
        assert moved == took, "they hear that their address has a booking: this one"
        assert invariants_hold(session) == 2


@pytest.mark.parametrize("attempt", range(8))
def test_a_correction_and_a_cancellation_at_once_end_cancelled_with_the_places_given_back(
    dynamodb_local: Any, attempt: int
) -> None:
    session, booked = booked_wrongly()
    moved, cancelled = race(
        lambda: move_to(booked, session, "right"), lambda: capacity.give_back(booked, LATER)
    )
    assert isinstance(cancelled, Booking)
    assert isinstance(moved, Booking | BookingNotLive)
    found = find_booking_at(booked.lives_at)
    assert found is not None
    assert found.status == "cancelled"
    assert invariants_hold(session) == 0


def test_no_booking_moves_in_a_cancelled_session(dynamodb_local: Any) -> None:
    session = make_session(capacity=10)
    booked = capacity.take(session, booking_for(session, "wrong"))
    capacity_changes.cancel_session(session)
    with pytest.raises(Cancelled):
        move_to(booked, session, "right")
    assert list(every_booking(session.session_id)) == [booked]


def test_a_check_in_just_before_a_move_goes_along(dynamodb_local: Any) -> None:
    session = make_session(capacity=10)
    booked = capacity.take(session, booking_for(session, "wrong"))
    checked_in = check_in_by_hand(booked)
    moved = move_to(booked, session, "right")
    assert moved.arrivals == checked_in.arrivals
    left = find_booking(session.session_id, booked.key)
    assert left is not None
    assert left.arrivals == ()


def check_in_by_hand(booking: Booking) -> Booking:
    arrival = Arrival(nonce="n", places=1, at=MADE_AT, token_id="t", where="Front door", arrived=1)
    checked_in = replace(booking, arrivals=(arrival,), arrivals_version=1)
    item_from(checked_in).save()
    return checked_in


# The recount


def watched(session: Session) -> Any:
    [found] = [found for found in watched_sessions() if found.session_id == session.session_id]
    return found


@pytest.mark.parametrize("starts_in", ["0", "f"])
def test_a_booking_that_moves_past_the_reader_is_no_drift(
    dynamodb_local: Any, monkeypatch: pytest.MonkeyPatch, starts_in: str
) -> None:
    session = make_session(capacity=10)
    people = {partition_of(booking_for(session, f"p{n}").key): f"p{n}" for n in range(500)}
    ends_in = "f" if starts_in == "0" else "0"
    turns = itertools.cycle([people[ends_in], people[starts_in]])
    there = capacity.take(session, booking_for(session, people[starts_in], places=3))

    def read_while_it_moves(session_id: str, partition: str) -> Iterator[Booking]:
        nonlocal there
        yield from every_booking_in(session_id, partition)
        if partition == "0":
            # Now it is seen twice, or not at all; and so it is when the recount reads once more.
            there = move_to(there, session, next(turns))

    monkeypatch.setattr(recounting, "every_booking_in", read_while_it_moves)
    found = recount_session(watched(session), now=MADE_AT)
    assert found == Recount(whole=False)
    monkeypatch.undo()
    assert there.version > 1
    assert recount_session(watched(session), now=MADE_AT) == Recount(whole=False), "its mail is owed"


def test_recounts_while_bookings_keep_moving_find_no_drift_and_afterwards_find_a_real_one(
    dynamodb_local: Any,
) -> None:
    session = make_session(capacity=100)
    booked = [capacity.take(session, booking_for(session, f"p{n}", places=2)) for n in range(5)]
    # Or each would list them all, again and again while they move (tests/store/test_directory.py).
    remember_listed(session.session_id, 0)
    over = threading.Event()

    def keep_moving(booking: Booking) -> Booking:
        for number in itertools.count():
            booking = move_to(booking, session, f"{booking.name}x{number}")
            if over.is_set():
                break
        return booking

    def recount() -> Recount | None:
        return recount_session(watched(session), now=MADE_AT)

    with ThreadPoolExecutor(len(booked)) as threads:
        moved = [threads.submit(keep_moving, booking) for booking in booked]
        found = [recount() for _ in range(6)]
        over.set()
    assert found == [Recount(whole=False)] * 6
    assert all(moving.result().version > 2 for moving in moved)
    assert invariants_hold(session) == 10
    CounterItem(*counter_key(session.session_id, 1)).update([CounterItem.free.set(CounterItem.free - 1)])
    assert recount() == Recount(whole=False, drifted_counters=(1,))
