"""Cancelling many bookings while people book, cancel, are corrected and come in, and while processes die.

On DynamoDB Local, with true threads, and a wire that conflicts, throttles and loses answers.
"""

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.correction import BulkCancelled
from chalicelib.domain.door_refusals import BookingCancelled, PartyArrived
from chalicelib.domain.refusals import Busy, Refusal
from chalicelib.domain.session import Session
from chalicelib.store import capacity, outcomes
from chalicelib.store.bookings import every_booking, find_booking_at
from tests.actions.as_routes import cancel_booking, check_in, correct_address
from tests.actions.booking.test_cancel_bookings import LATER, as_shown, booked, cancel, scan
from tests.actions.booking.test_kill_points_of_booking import When, both, deaths
from tests.actions.callers import NOW, owner_of
from tests.faults import weather
from tests.making import booking_for, counters_of, invariants_hold, make_session

MINUTE = timedelta(minutes=1)
STORM = {"conflicts": 0.15, "throttles": 0.05, "lost": 0.05, "never_sent": 0.02}


def until_answered(do: Callable[[], object]) -> bool:
    """Do it until there is an answer, as people do; return whether it was done."""
    while True:
        try:
            do()
        except Busy:
            continue
        except Refusal:
            return False
        return True


@pytest.mark.parametrize("faults", [{}, STORM], ids=["calm", "storm"])
def test_whatever_happens_meanwhile_every_place_is_free_or_booked_and_comes_back_once(
    dynamodb_local: Any, faults: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "BUDGET_SECONDS", 10.0)
    session = make_session(capacity=200)
    owner = owner_of(session)
    bookings = booked(session, *(f"p{number}" for number in range(60)))
    before = {booking.booking_id for booking in bookings}
    leave, move, come = bookings[:15], bookings[15:30], bookings[30:45]

    def enter(booking: Any) -> object:
        return check_in(owner, session.event_id, session.session_id, booking.lives_at, scan(session))

    deeds: list[Callable[[], object]] = []
    for number in range(15):
        new = booking_for(session, f"new{number}", places=3, request=f"new{number}")
        away = (owner, session.event_id, move[number].lives_at, f"moved{number}@example.com")
        deeds += [
            partial(cancel_booking, leave[number].lives_at, now=NOW),
            partial(correct_address, *away, now=NOW),
            partial(enter, come[number]),
            partial(capacity.take, session, new),
        ]
    with weather(7, **faults) as bad, ThreadPoolExecutor(6) as pool:
        bulk = [pool.submit(_until_all_reached, session, bookings, at) for at in (LATER, LATER + MINUTE)]
        done = list(pool.map(until_answered, deeds))
        answers = [answer for one in bulk for answer in one.result()]
    assert not faults or bad.seen.total() > 0
    there = list(every_booking(session.session_id))
    # Nobody is in who was cancelled, and everybody new has their place.
    assert not [it for it in there if it.status == "cancelled" and it.arrivals]
    assert all(done[3::4])
    kept = [it for it in there if it.status == "confirmed" and it.booking_id in before]
    assert invariants_hold(session) == 2 * len(kept) + 3 * 15
    assert len({it.booking_id for it in there if it.status != "moved"}) == 60 + 15
    # What was told of places that came back is what came back, but for those who left by themselves.
    left = sum(done[0::4])
    by_bulk = sum(answer.cancelled for answer in answers)
    assert 60 - len(kept) - left <= by_bulk <= 60 - len(kept)
    assert sum(answer.places for answer in answers) == 2 * by_bulk


def _until_all_reached(session: Session, bookings: Any, now: datetime = LATER) -> list[BulkCancelled]:
    """Send the same request until nothing is left for want of time, as an organiser does."""
    answers: list[BulkCancelled] = []
    while not answers or any(left.why == "busy" for left in answers[-1].left):
        with contextlib.suppress(Busy):
            answers.append(cancel(session, as_shown(bookings), now=now))
    return answers


@pytest.mark.parametrize("seed", range(6))
def test_a_booking_is_cancelled_or_checked_in_and_never_both(
    dynamodb_local: Any, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "BUDGET_SECONDS", 10.0)
    session = make_session(capacity=40)
    bookings = booked(session, *(f"p{number}" for number in range(10)))

    def let_in(booking: Any) -> bool:
        try:
            check_in(owner_of(session), session.event_id, session.session_id, booking.lives_at, scan(session))
        except (BookingCancelled, PartyArrived):
            return False
        return True

    with weather(seed, lost=0.1, conflicts=0.2), ThreadPoolExecutor(4) as pool:
        bulk = pool.submit(_until_all_reached, session, bookings)
        came = list(pool.map(let_in, reversed(bookings)))
        answers = bulk.result()
    for booking, is_in in zip(reversed(bookings), came, strict=True):
        after = find_booking_at(booking.lives_at)
        assert after is not None
        assert (after.status, after.arrived) == (("confirmed", 1) if is_in else ("cancelled", 0))
    assert sum(answer.places for answer in answers) == 2 * (10 - sum(came))
    assert invariants_hold(session) == 2 * sum(came)


@both
def test_a_process_dying_after_some_of_them_leaves_the_rest_to_the_same_request_again(
    dynamodb_local: Any, when: When
) -> None:
    session = make_session(capacity=50)
    bookings = booked(session, "ada", "bob", "eve", "joe")
    asked = as_shown(bookings)
    died = 0
    for _ in deaths(lambda: cancel(session, asked), when):
        died += 1
        assert invariants_hold(session) in {0, 2, 4, 6, 8}
    assert died >= 2, "the bookings are read, and each is written"
    assert invariants_hold(session) == 0
    assert sum(counter.free for counter in counters_of(session)) == 50
    statuses = {it.status: it.changed_at for it in every_booking(session.session_id)}
    assert statuses == {"cancelled": LATER}
