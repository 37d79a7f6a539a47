"""store/check_ins.py on one thread: what is stored, on which condition, and what a lost answer means."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from chalicelib.domain.booking import Booking
from chalicelib.domain.check_in import Scan, check_in_undone, checked_in
from chalicelib.domain.door_refusals import BookingCancelled, PartyArrived, TooManyArriving
from chalicelib.domain.refusals import Busy
from chalicelib.domain.session import Session
from chalicelib.store import capacity, outcomes
from chalicelib.store.bookings import find_booking, item_from
from chalicelib.store.check_ins import change_arrivals
from chalicelib.store.moves import move
from tests import faults
from tests.making import MADE_AT, booking_for, invariants_hold, make_session
from tests.wire import answered_with, losing, overtaken_by, requests_counted


def four(session: Session) -> Booking:
    return capacity.take(session, booking_for(session, "ada", places=4))


def letting_in(session: Session, nonce: str, places: int | None = None) -> Callable[[Booking], Booking]:
    at = session.starts_at
    scan = Scan(nonce=nonce, places=places, at=at, token_id="t", where="Front door")
    return lambda booking: checked_in(session, booking, scan)


def stored(booking: Booking) -> Booking:
    found = find_booking(booking.session_id, booking.key)
    assert found is not None
    return found


def test_a_check_in_is_one_write_and_what_it_returns_is_what_is_stored(table: Any) -> None:
    session = make_session()
    booking = four(session)
    with requests_counted() as sent:
        after = change_arrivals(booking, letting_in(session, "a", 3))
    assert sent == {"UpdateItem": 1}
    assert stored(booking) == after
    assert [arrival.places for arrival in after.arrivals] == [3]
    assert invariants_hold(session) == 4


def test_undoing_leaves_no_trace_but_the_nonce(table: Any) -> None:
    session = make_session()
    booking = four(session)
    came = change_arrivals(booking, letting_in(session, "a"))
    undone = change_arrivals(came, lambda standing: check_in_undone(standing, "a"))
    assert stored(booking) == undone
    assert undone == msgspec.structs.replace(booking, undone_nonces=("a",), arrivals_version=2)


def test_what_changes_nothing_writes_nothing(table: Any) -> None:
    session = make_session()
    came = change_arrivals(four(session), letting_in(session, "a"))
    with requests_counted() as sent:
        assert change_arrivals(came, letting_in(session, "a")) == came
    assert not sent


def test_a_door_that_was_overtaken_looks_again_and_never_lets_in_more_than_booked(table: Any) -> None:
    session = make_session()
    booking = four(session)
    with overtaken_by(lambda: change_arrivals(booking, letting_in(session, "b", 3))):
        rest = change_arrivals(booking, letting_in(session, "a"))
    assert [(arrival.nonce, arrival.places) for arrival in rest.arrivals] == [("b", 3), ("a", 1)]
    second = capacity.take(session, booking_for(session, "bob", places=4))
    with (
        overtaken_by(lambda: change_arrivals(second, letting_in(session, "b", 3))),
        pytest.raises(TooManyArriving),
    ):
        change_arrivals(second, letting_in(session, "a", 2))
    assert stored(second).arrived == 3


def test_the_same_scan_that_was_faster_is_found_and_not_counted_again(table: Any) -> None:
    session = make_session()
    booking = four(session)
    with overtaken_by(lambda: change_arrivals(booking, letting_in(session, "a", 2))):
        after = change_arrivals(booking, letting_in(session, "a", 2))
    assert stored(booking) == after
    assert after.arrived == 2


@pytest.mark.parametrize("again", [False, True], ids=["cancelled", "cancelled and booked again"])
def test_a_booking_cancelled_just_before_lets_nobody_in(table: Any, again: bool) -> None:
    session = make_session()
    booking = four(session)

    def cancel() -> None:
        capacity.give_back(booking, MADE_AT)
        if again:
            capacity.take(session, booking_for(session, "ada", places=4))

    with overtaken_by(cancel), pytest.raises(BookingCancelled):
        change_arrivals(booking, letting_in(session, "a"))
    assert stored(booking).arrivals == ()


def test_a_booking_moved_just_before_is_checked_in_where_it_is_now(table: Any) -> None:
    session = make_session()
    booking = four(session)
    bob = booking_for(session, "bob")
    with overtaken_by(lambda: move(booking, bob.address, [bob.key], MADE_AT, new_reference="NEWREFAB")):
        after = change_arrivals(booking, letting_in(session, "a"))
    assert (after.key, after.arrived) == (bob.key, 4)
    assert stored(bob) == after
    assert stored(booking).arrivals == ()


def test_a_move_takes_along_who_came_and_what_was_undone_just_before(table: Any) -> None:
    session = make_session()
    booking = four(session)
    bob = booking_for(session, "bob")

    def come_and_go() -> None:
        came = change_arrivals(booking, letting_in(session, "a"))
        change_arrivals(came, lambda standing: check_in_undone(standing, "a"))

    with overtaken_by(come_and_go):
        moved = move(booking, bob.address, [bob.key], MADE_AT, new_reference="NEWREFAB")
    assert (stored(bob), moved.undone_nonces, moved.arrivals_version) == (moved, ("a",), 2)
    assert (stored(booking).status, stored(booking).undone_nonces) == ("moved", ())


def test_a_booking_with_somebody_in_is_not_cancelled_and_keeps_its_places(table: Any) -> None:
    session = make_session()
    booking = four(session)
    came = change_arrivals(booking, letting_in(session, "a", 1))
    with requests_counted() as sent, pytest.raises(PartyArrived) as refused:
        capacity.give_back(came, MADE_AT)
    assert (refused.value.facts, sent) == ({"arrived": 1}, {})
    assert stored(booking) == came
    assert invariants_hold(session) == 4


def test_somebody_who_comes_in_just_before_the_cancellation_stays_in(table: Any) -> None:
    session = make_session()
    booking = four(session)
    with (
        overtaken_by(lambda: change_arrivals(booking, letting_in(session, "a", 1))),
        pytest.raises(PartyArrived),
    ):
        capacity.give_back(booking, MADE_AT)
    assert (stored(booking).status, stored(booking).arrived) == ("confirmed", 1)
    assert invariants_hold(session) == 4


def test_once_the_check_in_is_undone_the_booking_can_be_cancelled(table: Any) -> None:
    session = make_session()
    came = change_arrivals(four(session), letting_in(session, "a"))
    undone = change_arrivals(came, lambda standing: check_in_undone(standing, "a"))
    assert capacity.give_back(undone, MADE_AT).status == "cancelled"
    assert invariants_hold(session) == 0


def test_a_session_called_off_cancels_those_who_came_too_and_keeps_that_they_came(table: Any) -> None:
    session = make_session()
    came = change_arrivals(four(session), letting_in(session, "a"))
    cancelled = capacity.give_back(came, MADE_AT, even_if_arrived=True)
    assert (cancelled.status, stored(came)) == ("cancelled", cancelled)
    assert cancelled.arrived == 4
    assert invariants_hold(session) == 0


@pytest.mark.parametrize("done", [True, False], ids=["done all the same", "never arrived"])
def test_a_lost_answer_counts_nobody_twice_and_says_busy_when_none_comes(
    table: Any, done: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "BUDGET_SECONDS", 0.2)
    session = make_session()
    booking = four(session)
    if done:
        with answered_with(losing(done=True)):
            assert change_arrivals(booking, letting_in(session, "a", 3)).arrived == 3
    else:
        with answered_with(losing(done=False)), pytest.raises(Busy):
            change_arrivals(booking, letting_in(session, "a", 3))
    assert stored(booking).arrived == (3 if done else 0)
    assert change_arrivals(stored(booking), letting_in(session, "a", 3)).arrived == 3


def test_a_door_that_is_always_throttled_says_busy_and_lets_nobody_in(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "BUDGET_SECONDS", 0.2)
    session = make_session()
    booking = four(session)
    with answered_with(faults.throttle), pytest.raises(Busy):
        change_arrivals(booking, letting_in(session, "a"))
    assert stored(booking) == booking


def test_a_booking_stored_before_there_were_check_ins_has_nobody_in(table: Any) -> None:
    session = make_session()
    booking = four(session)
    assert not {"arrivals", "undone_nonces", "arrivals_version"} & set(item_from(booking).serialize())
    assert booking.arrived == 0
