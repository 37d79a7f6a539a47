"""Doors that scan at once, on DynamoDB Local: never more in than booked, and every scan counts once."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from msgspec import Struct

from chalicelib.domain.booking import Booking
from chalicelib.domain.check_in import Scan, check_in_undone, checked_in
from chalicelib.domain.door_refusals import (
    AlreadyArrived,
    BookingCancelled,
    CheckInUndone,
    PartyArrived,
    TooManyArriving,
)
from chalicelib.domain.refusals import Busy, NotFound
from chalicelib.domain.session import Session
from chalicelib.store import capacity, outcomes
from chalicelib.store.bookings import find_booking
from chalicelib.store.check_ins import change_arrivals
from tests.faults import weather
from tests.making import MADE_AT, booking_for, invariants_hold, make_session

DOORS = 8
STORM = {"throttles": 0.1, "lost": 0.15, "never_sent": 0.1}


class Door(Struct):
    """One door, and what it was told: the places that each of its scans let in."""

    session: Session
    booking: Booking
    name: str
    at_once: threading.Barrier
    let_in: dict[str, int] = {}
    turned_away: int = 0

    def scan(self, nonce: str, places: int | None) -> None:
        """Scan until there is an answer, as a volunteer does."""
        scan = Scan(nonce=nonce, places=places, at=_now(), token_id=self.name, where=self.name)
        while True:
            try:
                now = change_arrivals(
                    standing(self.booking), lambda booking: checked_in(self.session, booking, scan)
                )
            except Busy:
                continue
            except (AlreadyArrived, TooManyArriving, CheckInUndone):
                self.turned_away += 1
                return
            (arrival,) = [arrival for arrival in now.arrivals if arrival.nonce == nonce]
            self.let_in[nonce] = arrival.places
            return

    def undo(self, nonce: str) -> None:
        """Undo until there is an answer."""
        while True:
            try:
                change_arrivals(standing(self.booking), lambda booking: check_in_undone(booking, nonce))
            except Busy:
                continue
            except NotFound:
                return
            self.let_in.pop(nonce, None)
            return


def _now() -> datetime:
    return datetime(2027, 9, 5, 18, 0, tzinfo=MADE_AT.tzinfo)


def standing(booking: Booking) -> Booking:
    found = find_booking(booking.session_id, booking.key)
    assert found is not None
    return found


def doors_of(session: Session, booking: Booking) -> list[Door]:
    at_once = threading.Barrier(DOORS)
    return [Door(session, booking, f"Door {number}", at_once, {}) for number in range(DOORS)]


def at_once(doors: list[Door], do: Any) -> None:
    def go(door: Door) -> None:
        door.at_once.wait()
        do(door)

    with ThreadPoolExecutor(DOORS) as pool:
        for done in [pool.submit(go, door) for door in doors]:
            done.result()


@pytest.mark.parametrize("faults", [{}, STORM], ids=["calm", "storm"])
def test_many_doors_let_in_one_by_one_exactly_as_many_as_booked(
    dynamodb_local: Any, faults: dict[str, float]
) -> None:
    session = make_session(capacity=60)
    booking = capacity.take(session, booking_for(session, "ada", places=20))
    doors = doors_of(session, booking)

    def people_come(door: Door) -> None:
        for number in range(4):
            door.scan(f"{door.name[-1]}-{number}", 1)

    with weather(1, **faults):
        at_once(doors, people_come)
    after = standing(booking)
    assert after.arrived == 20
    assert sum(door.turned_away for door in doors) == DOORS * 4 - 20
    told = {nonce: places for door in doors for nonce, places in door.let_in.items()}
    assert told == {arrival.nonce: arrival.places for arrival in after.arrivals}
    assert [arrival.arrived for arrival in after.arrivals] == list(range(1, 21))
    assert invariants_hold(session) == 20


@pytest.mark.parametrize("faults", [{}, STORM], ids=["calm", "storm"])
def test_the_same_scan_sent_by_many_at_once_lets_them_in_once(
    dynamodb_local: Any, faults: dict[str, float]
) -> None:
    session = make_session()
    booking = capacity.take(session, booking_for(session, "ada", places=6))
    doors = doors_of(session, booking)
    with weather(2, **faults):
        at_once(doors, lambda door: door.scan("the-same", 2))
    assert [(arrival.nonce, arrival.places) for arrival in standing(booking).arrivals] == [("the-same", 2)]
    assert [door.let_in for door in doors] == [{"the-same": 2}] * DOORS


@pytest.mark.parametrize("faults", [{}, STORM], ids=["calm", "storm"])
def test_scans_and_undoings_amid_each_other_leave_who_was_said_to_be_in(
    dynamodb_local: Any, faults: dict[str, float]
) -> None:
    session = make_session()
    booking = capacity.take(session, booking_for(session, "ada", places=10))
    doors = doors_of(session, booking)

    def come_and_go(door: Door) -> None:
        draw = random.Random(door.name)
        for number in range(5):
            nonce = f"{door.name[-1]}-{number}"
            door.scan(nonce, draw.randint(1, 3))
            if nonce in door.let_in and draw.random() < 0.5:
                door.undo(nonce)

    with weather(3, **faults):
        at_once(doors, come_and_go)
    after = standing(booking)
    assert after.arrived <= 10
    told = {nonce: places for door in doors for nonce, places in door.let_in.items()}
    assert told == {arrival.nonce: arrival.places for arrival in after.arrivals}
    assert not set(told) & set(after.undone_nonces)
    writes = len(after.arrivals) + 2 * len(after.undone_nonces)
    assert after.arrivals_version >= writes


@pytest.mark.parametrize("seed", range(12))
def test_a_cancellation_and_a_check_in_at_once_never_both_happen(
    dynamodb_local: Any, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "BUDGET_SECONDS", 10.0)
    session = make_session()
    booking = capacity.take(session, booking_for(session, "ada", places=4))
    start = threading.Barrier(2)
    scan = Scan(nonce="a", places=1, at=_now(), token_id="t", where="Door")

    def cancel() -> bool:
        start.wait()
        try:
            return capacity.give_back(booking, MADE_AT).status == "cancelled"
        except PartyArrived:
            return False

    def let_in() -> bool:
        start.wait()
        try:
            change_arrivals(booking, lambda there: checked_in(session, there, scan))
        except BookingCancelled:
            return False
        return True

    with weather(seed, lost=0.2, conflicts=0.2), ThreadPoolExecutor(2) as pool:
        cancelled, came = pool.submit(cancel), pool.submit(let_in)
    assert cancelled.result() != came.result()
    after = standing(booking)
    assert (after.status, after.arrived) == (("cancelled", 0) if cancelled.result() else ("confirmed", 1))
    assert invariants_hold(session) == (0 if cancelled.result() else 4)
