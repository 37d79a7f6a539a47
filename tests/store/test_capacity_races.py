"""True races on DynamoDB Local: threads in processes, on a wire that conflicts, throttles, loses answers."""

import contextlib
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.refusals import BelowBooked, Busy
from chalicelib.domain.session import Session
from chalicelib.store import capacity_changes, events
from tests.faults import weather
from tests.making import counters_of, invariants_hold, make_session
from tests.store import racers
from tests.store.history import Deed, would_have_fitted, wrongly_refused
from tests.store.racers import Person, crowd

STORM = {"conflicts": 0.15, "throttles": 0.05, "lost": 0.05, "never_sent": 0.02}


def sold(deeds: list[Deed]) -> int:
    return sum({"booked": deed.places, "cancelled": -deed.places}.get(deed.what, 0) for deed in deeds)


@pytest.mark.parametrize("faults", [{}, STORM], ids=["calm", "storm"])
def test_300_people_for_100_places_get_exactly_what_fits_and_nobody_is_cheated(
    dynamodb_local: Any, faults: dict[str, float]
) -> None:
    session = make_session(capacity=100)
    assert session.counters == 4
    people = crowd(1, 300, retrying=0.2)
    deeds = racers.run(session, people, seed=1, faults=faults)
    places_booked = invariants_hold(session)
    assert places_booked == sold(deeds)
    assert wrongly_refused(deeds, 100) == []
    assert would_have_fitted(deeds, 100) == []
    assert sum(deed.what in {"booked", "sold_out"} for deed in deeds) == 300


@pytest.mark.parametrize("counters", [1, 4, 16, 64])
def test_the_last_place_is_sold_however_many_counters_there_are_and_however_many_meet_on_one(
    dynamodb_local: Any, tmp_path: Path, counters: int
) -> None:
    session = make_session(capacity=128, counters=counters)
    people = [*crowd(6, 90, retrying=0.2), *(Person(f"single{number}", 1) for number in range(30))]
    raced = racers.race(session, people, seed=6, faults=STORM, locks=tmp_path)
    outcomes = Counter(deed.what for deed in raced.deeds)
    assert outcomes["booked"] + outcomes["sold_out"] == len(people)
    assert invariants_hold(session) == sold(raced.deeds) == 128, "somebody still wanted each place"
    assert would_have_fitted(raced.deeds, 128) == wrongly_refused(raced.deeds, 128) == []
    # Otherwise this would say nothing about conflicts.
    assert min(raced.seen[fault] for fault in ("item held", "conflict", "throttle", "lost")) > 0


@pytest.mark.parametrize("faults", [{}, STORM], ids=["calm", "storm"])
def test_cancellations_amid_the_race_neither_leak_nor_oversell(
    dynamodb_local: Any, faults: dict[str, float]
) -> None:
    session = make_session(capacity=100)
    deeds = racers.run(session, crowd(2, 200, cancelling=0.4, retrying=0.2), seed=2, faults=faults)
    assert invariants_hold(session) == sold(deeds) <= 100
    assert wrongly_refused(deeds, 100) == []


def test_resizing_up_and_down_amid_the_race_keeps_every_count(dynamodb_local: Any) -> None:
    session = make_session(capacity=60)
    with ThreadPoolExecutor(1) as organiser:
        resizing = organiser.submit(_resize_again_and_again, session, [90, 70, 120, 10, 100], at=3.0)
        deeds = racers.run(session, crowd(3, 160, cancelling=0.2), seed=3, faults={"conflicts": 0.1})
        resizes = resizing.result()
    stored = events.find_session(session.event_id, session.session_id)
    assert stored is not None
    assert stored.capacity == 60 + sum(deed.places for deed in resizes)
    assert invariants_hold(session) == sold(deeds)
    # Between the resize and the end of its second of grace, refusals rest on the smaller session.
    assert wrongly_refused(deeds + resizes, 60) == []
    assert any(deed.what == "resized" and deed.places > 0 for deed in resizes)


def _resize_again_and_again(session: Session, capacities: list[int], at: float) -> list[Deed]:
    time.sleep(at)
    resizes: list[Deed] = []
    for wanted in capacities:
        stored = events.find_session(session.event_id, session.session_id)
        assert stored is not None
        began = time.monotonic()
        try:
            capacity_changes.resize(stored, wanted)
        except (BelowBooked, Busy):
            continue
        resizes.append(Deed("resized", wanted - stored.capacity, began, time.monotonic()))
    return resizes


@pytest.mark.parametrize("faults", [{}, STORM], ids=["calm", "storm"])
def test_300_people_who_cancel_and_retry_while_organisers_resize_and_close_leave_every_count_right(
    dynamodb_local: Any, faults: dict[str, float]
) -> None:
    session = make_session(capacity=100)
    people = crowd(5, 300, cancelling=0.25, retrying=0.2, patient=True)
    with ThreadPoolExecutor(1) as organiser:
        meddling = organiser.submit(_resize_close_and_reopen, session, at=3.0)
        deeds = racers.run(session, people, seed=5, faults=faults)
        resizes = meddling.result()
    stored = events.find_session(session.event_id, session.session_id)
    assert stored is not None
    assert stored.status == "open"
    assert stored.capacity == 100 + sum(deed.places for deed in resizes)
    assert invariants_hold(session) == sold(deeds) <= stored.capacity
    assert wrongly_refused(deeds + resizes, 100) == []
    assert len([deed for deed in deeds if deed.what in {"booked", "sold_out"}]) == 300


def _resize_close_and_reopen(session: Session, at: float) -> list[Deed]:
    time.sleep(at)
    resizes: list[Deed] = []
    for wanted in (110, 60, 120):
        resizes += _resize_again_and_again(session, [wanted], at=0.1)
        for change in (capacity_changes.close, capacity_changes.reopen):
            done = False
            while not done:
                stored = events.find_session(session.event_id, session.session_id)
                assert stored is not None
                with contextlib.suppress(Busy):
                    change(stored)
                    done = True
    return resizes


def test_closing_amid_the_race_closes_all_counters_and_no_booking_comes_after(dynamodb_local: Any) -> None:
    session = make_session(capacity=400)
    with ThreadPoolExecutor(1) as organiser:
        closing = organiser.submit(_close_soon, session)
        deeds = racers.run(session, crowd(4, 250), seed=4)
        closed_at = closing.result()
    stored = events.find_session(session.event_id, session.session_id)
    assert stored is not None
    assert stored.status == "closed"
    assert not any(counter.open for counter in counters_of(stored))
    assert not [deed for deed in deeds if deed.what == "booked" and deed.began > closed_at]
    assert [deed for deed in deeds if deed.what == "closed"], "the race was over before the closing"
    assert invariants_hold(session) == sold(deeds)


def _close_soon(session: Session) -> float:
    # In the thick of it, however fast the machine is: some have booked, and most are still to come.
    while sum(counter.free for counter in counters_of(session)) > session.capacity - 60:
        time.sleep(0.01)
    capacity_changes.close(session)
    return time.monotonic()


@pytest.mark.parametrize("seed", range(5))
def test_closing_under_injected_conflicts_ends_with_everything_or_nothing_closed(
    dynamodb_local: Any, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session(capacity=200)
    # Nobody else runs, so there is no cache to wait out; the protocol is the same.
    monkeypatch.setattr(capacity_changes, "CACHE_SECONDS", 0.05)
    with weather(seed, conflicts=0.9, throttles=0.04, lost=0.03) as bad, contextlib.suppress(Busy):
        capacity_changes.close(session)
    stored = events.find_session(session.event_id, session.session_id)
    assert stored is not None
    is_open = {counter.open for counter in counters_of(stored)}
    assert is_open == {stored.status == "open"}
    assert bad.seen.total() > 0
    invariants_hold(session)


def test_a_closing_that_always_loses_says_busy_and_unpauses(
    dynamodb_local: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session(capacity=50)
    monkeypatch.setattr(capacity_changes, "CACHE_SECONDS", 0.05)
    monkeypatch.setattr(capacity_changes, "_KEEP_TRYING_SECONDS", 0.5)
    with weather(0, conflicts=1.0), pytest.raises(Busy):
        capacity_changes.close(session)
    stored = events.find_session(session.event_id, session.session_id)
    assert stored is not None
    assert stored.status == "open"
    assert all(counter.open for counter in counters_of(stored))
    assert stored.paused_until is None
