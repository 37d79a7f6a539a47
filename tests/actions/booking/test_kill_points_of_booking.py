"""The process dies before and after each request it makes; what it leaves behind is whole, and goes on.

Every boundary is found by counting: each deed is done again and again, dying one request later each
time, until it gets through. On DynamoDB Local, so that a transaction is one.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest

from chalicelib.domain.booking import Booking
from chalicelib.domain.refusals import Busy, SoldOut
from chalicelib.domain.session import Session, require_bookable_session
from chalicelib.store import capacity, capacity_changes, events, hints
from chalicelib.store.bookings import every_booking, find_booking
from chalicelib.store.capacity_changes import PAUSE
from chalicelib.store.takers import took_nothing
from tests import engines
from tests.faults import Died, dying
from tests.making import booking_for, counters_of, invariants_hold, make_event, make_session

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)
When = Literal["before", "after"]
both = pytest.mark.parametrize("when", ["before", "after"])


def deaths(do: Callable[[], Any], when: When, conflicts: int = 0) -> Iterator[int]:
    """Do it, dying at request 0, 1, 2, ..., and yield after each death until it gets through."""
    for number in itertools.count():
        engines.forget_process_state()
        with dying(number, when, conflicts=conflicts) as sent:
            try:
                do()
            except Died:
                pass
            else:
                assert sent.total() <= number
                return
        engines.forget_process_state()
        yield number


def stored(session: Session) -> Session:
    found = events.find_session(session.event_id, session.session_id)
    assert found is not None
    return found


@both
def test_a_death_while_booking_leaves_no_place_without_a_booking_and_the_retry_gets_one(
    dynamodb_local: Any, when: When
) -> None:
    session = make_session(capacity=10)
    request = itertools.count()
    wanted: list[Booking] = []

    def book() -> None:
        wanted.append(booking_for(session, f"p{next(request)}", places=2, request="the-same"))
        capacity.take(session, wanted[-1])

    died = 0
    for _ in deaths(book, when):
        died += 1
        taken = invariants_hold(session)
        # The same request again: whichever way the first went, there is one booking in the end.
        engines.forget_process_state()
        again = booking_for(session, wanted[-1].name, places=2, request="the-same")
        capacity.take(session, again)
        assert invariants_hold(session) == (taken if when == "after" else taken + 2)
    assert died == 1, "a booking is one request"
    assert len(list(every_booking(session.session_id))) == 2


@both
def test_a_death_while_splitting_a_party_leaves_nothing_half_taken(dynamodb_local: Any, when: When) -> None:
    session = make_session(capacity=50)
    for person in range(2):
        capacity.take(session, booking_for(session, f"large{person}", places=20))
    party = booking_for(session, "split", places=9, request="split")
    died = 0
    for _ in deaths(lambda: capacity.take(session, party), when):
        died += 1
        assert invariants_hold(session) in {40, 49}
    booked = find_booking(session.session_id, party.key)
    assert booked is not None
    assert len(booked.allocation) == 2
    assert died >= 3, "it looks at the mark and the counters first"


@both
def test_a_death_while_finding_all_sold_never_lets_a_retry_hear_so_of_its_own_booking(
    dynamodb_local: Any, when: When
) -> None:
    session = make_session(capacity=50)
    booked = [capacity.take(session, booking_for(session, f"p{n}", places=5)) for n in range(10)]

    def be_refused() -> None:
        with pytest.raises(SoldOut):
            capacity.take(session, booking_for(session, "late", places=5))

    died = 0
    for _ in deaths(be_refused, when):
        died += 1
        for again in booked:
            engines.forget_process_state()
            hints.hint_for(session).free = {0: 0, 1: 0}  # a hint that is used up
            with contextlib.suppress(SoldOut):
                assert capacity.take(session, again) == again
                continue
            assert not took_nothing(session, [again.key], again.idempotency_key, again.places)
        # Somebody else gets the places of one who cancels: the next has to scan, and to see more.
        capacity.give_back(booked.pop(0), NOW)
        engines.forget_process_state()
        booked.append(capacity.take(session, booking_for(session, f"next{died}", places=5)))
    assert died >= 5, "the mark, the lease, the counters, who took them, the mark"


@both
def test_a_death_while_cancelling_gives_back_once_or_not_yet(dynamodb_local: Any, when: When) -> None:
    session = make_session(capacity=10)
    booked = capacity.take(session, booking_for(session, "ada", places=4))
    for _ in deaths(lambda: capacity.give_back(booked, NOW), when):
        assert invariants_hold(session) in {0, 4}
    assert sum(counter.free for counter in counters_of(session)) == 10


@both
@pytest.mark.parametrize("change", ["close", "resize", "cancel_session"])
def test_a_death_while_an_organiser_changes_capacity_changes_all_of_it_or_nothing(
    dynamodb_local: Any, when: When, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two conflicts force the whole protocol: pause, wait, try again. The wait is for nobody here.
    monkeypatch.setattr(capacity_changes, "CACHE_SECONDS", 0.0)
    monkeypatch.setattr(capacity_changes, "_BOOKING_UNDER_WAY_SECONDS", 0.0)
    session = make_session(capacity=60)
    capacity.take(session, booking_for(session, "ada", places=4))
    changes: dict[str, Callable[[Session], Session]] = {
        "close": capacity_changes.close,
        "resize": lambda session: capacity_changes.resize(session, 90),
        "cancel_session": capacity_changes.cancel_session,
    }
    died = 0
    for _ in deaths(lambda: changes[change](stored(session)), when, conflicts=1):
        died += 1
        now_stored = stored(session)
        assert invariants_hold(session) == 4
        assert len(counters_of(now_stored)) == now_stored.counters
        assert {counter.open for counter in counters_of(now_stored)} == {now_stored.status == "open"}
    assert died >= 4
    assert stored(session) != session
    assert stored(session).paused_until is None


def test_a_session_paused_by_a_process_that_died_is_bookable_when_the_pause_is_over(
    dynamodb_local: Any,
) -> None:
    event = make_event()
    session = make_session(event, capacity=20)
    with dying(2, "after", conflicts=1), pytest.raises(Died):
        # Request 0 loses, 1 reads how things stand, 2 pauses the session.
        capacity_changes.close(session)
    left_behind = stored(session)
    paused_until = left_behind.paused_until
    assert paused_until is not None
    with pytest.raises(Busy):
        require_bookable_session(event, left_behind, paused_until - timedelta(seconds=1))
    require_bookable_session(event, left_behind, paused_until)
    assert paused_until <= datetime.now(UTC) + PAUSE
    assert {counter.open for counter in counters_of(left_behind)} == {True}
