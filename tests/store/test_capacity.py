"""The capacity rule, one caller at a time (moto): what is taken, refused, split and given back."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.booking import Booking
from chalicelib.domain.refusals import BelowBooked, Busy, Closed, SoldOut
from chalicelib.domain.session import Session
from chalicelib.store import availability, capacity, capacity_changes, hints, outcomes, pools
from chalicelib.store.bookings import find_booking
from chalicelib.store.keys import mark_key
from chalicelib.store.pools import counters_for
from chalicelib.store.table import CounterItem, MarkItem
from tests.faults import losing_the_first_answer, weather
from tests.making import booking_for, counters_of, invariants_hold, make_session

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)


def test_a_booking_takes_its_places_from_one_counter(table: Any) -> None:
    session = make_session(capacity=100)
    booked = capacity.take(session, booking_for(session, "ada", places=3))
    assert sum(booked.allocation.values()) == 3
    assert len(booked.allocation) == 1
    assert sum(counter.free for counter in counters_of(session)) == 97
    assert find_booking(session.session_id, booked.key) == booked
    invariants_hold(session)


def test_the_last_places_are_all_sold_and_not_one_more(table: Any) -> None:
    session = make_session(capacity=60)
    for person in range(60):
        capacity.take(session, booking_for(session, f"person{person}"))
    with pytest.raises(SoldOut):
        capacity.take(session, booking_for(session, "too-late"))
    assert sum(counter.free for counter in counters_of(session)) == 0
    invariants_hold(session)


def test_a_party_that_fits_no_counter_alone_is_split_over_several(table: Any) -> None:
    session = make_session(capacity=75)
    for person in range(3):
        capacity.take(session, booking_for(session, f"large{person}", places=20))
    booked = capacity.take(session, booking_for(session, "split", places=12))
    assert len(booked.allocation) == 3
    assert sum(booked.allocation.values()) == 12
    invariants_hold(session)


def test_sold_out_is_for_this_party_and_a_smaller_one_still_fits(table: Any) -> None:
    session = make_session(capacity=10)
    capacity.take(session, booking_for(session, "first", places=8))
    with pytest.raises(SoldOut) as refused:
        capacity.take(session, booking_for(session, "three", places=3))
    assert refused.value.facts["places"] == 3
    assert capacity.take(session, booking_for(session, "two", places=2)).places == 2


def test_a_new_process_believes_in_full_counters_and_still_finds_the_last_place(table: Any) -> None:
    session = make_session(capacity=8 * 25)
    for person in range(8):
        capacity.take(session, booking_for(session, f"many{person}", places=24))
    for person in range(8):
        hints.forget()
        capacity.take(session, booking_for(session, f"last{person}"))
    hints.forget()
    with pytest.raises(SoldOut):
        capacity.take(session, booking_for(session, "nobody"))
    invariants_hold(session)


def test_a_second_booking_at_the_same_key_takes_nothing_and_shows_the_first(table: Any) -> None:
    session = make_session(capacity=10)
    first = capacity.take(session, booking_for(session, "ada", places=2))
    second = capacity.take(session, booking_for(session, "ada", places=5))
    assert second == first
    assert sum(counter.free for counter in counters_of(session)) == 8


def test_giving_back_frees_the_counters_that_were_taken_from_and_tells_the_mark(table: Any) -> None:
    session = make_session(capacity=50)
    before = MarkItem.get(*mark_key(session.session_id))
    booked = capacity.take(session, booking_for(session, "ada", places=4))
    cancelled = capacity.give_back(booked, NOW)
    after = MarkItem.get(*mark_key(session.session_id))
    assert cancelled.status == "cancelled"
    assert cancelled.version == booked.version + 1
    assert [counter.free for counter in counters_of(session)] == [25, 25]
    assert after.generation == before.generation + 1
    assert after.at_most_free == before.at_most_free + 4
    invariants_hold(session)


def test_giving_back_twice_gives_back_once(table: Any) -> None:
    session = make_session(capacity=10)
    booked = capacity.take(session, booking_for(session, "ada", places=4))
    capacity.give_back(booked, NOW)
    capacity.give_back(booked, NOW)
    assert sum(counter.free for counter in counters_of(session)) == 10


def test_a_cancelled_booking_is_replaced_by_a_new_request_but_not_by_its_own(table: Any) -> None:
    session = make_session(capacity=10)
    first = capacity.take(session, booking_for(session, "ada", request="one"))
    capacity.give_back(first, NOW)
    assert capacity.take(session, booking_for(session, "ada", request="one")).status == "cancelled"
    again = capacity.take(session, booking_for(session, "ada", request="two"))
    assert again.status == "confirmed"
    assert again.booking_id != first.booking_id
    invariants_hold(session)


def test_places_given_back_after_sold_out_are_sold_again_once_the_second_is_over(table: Any) -> None:
    session = make_session(capacity=2)
    booked = capacity.take(session, booking_for(session, "ada", places=2))
    with pytest.raises(SoldOut):
        capacity.take(session, booking_for(session, "early"))
    capacity.give_back(booked, NOW)
    hints.hint_for(session).forget_limit()  # as if the second had passed
    assert capacity.take(session, booking_for(session, "later", places=2)).status == "confirmed"
    invariants_hold(session)


def test_a_closed_session_takes_no_booking_and_a_reopened_one_does(table: Any) -> None:
    session = make_session(capacity=50)
    closed = capacity_changes.close(session)
    assert closed.status == "closed"
    with pytest.raises(Closed):
        capacity.take(session, booking_for(session, "ada"))
    reopened = capacity_changes.reopen(closed)
    assert capacity.take(reopened, booking_for(session, "ada")).status == "confirmed"
    invariants_hold(reopened)


def test_cancelling_closes_every_counter_and_raises_the_sequence(table: Any) -> None:
    session = make_session(capacity=50)
    cancelled = capacity_changes.cancel_session(session)
    assert (cancelled.status, cancelled.sequence) == ("cancelled", session.sequence + 1)
    assert not any(counter.open for counter in counters_of(cancelled))


def test_growing_adds_counters_and_shrinking_never_removes_one(table: Any) -> None:
    session = make_session(capacity=30)
    grown = capacity_changes.resize(session, 200)
    assert (grown.capacity, grown.counters) == (200, counters_for(200))
    assert sum(counter.free for counter in counters_of(grown)) == 200
    shrunk = capacity_changes.resize(grown, 10)
    assert (shrunk.capacity, shrunk.counters) == (10, grown.counters)
    assert sum(counter.free for counter in counters_of(shrunk)) == 10
    invariants_hold(shrunk)


def test_shrinking_below_what_is_booked_is_refused_and_names_the_least_possible(table: Any) -> None:
    session = make_session(capacity=60)
    for person in range(7):
        capacity.take(session, booking_for(session, f"p{person}", places=5))
    with pytest.raises(BelowBooked) as refused:
        capacity_changes.resize(session, 34)
    assert refused.value.facts["capacity_min"] == 35
    invariants_hold(session)
    assert capacity_changes.resize(session, 35).capacity == 35


def test_places_added_to_a_sold_out_session_can_be_booked(table: Any) -> None:
    session = make_session(capacity=2)
    capacity.take(session, booking_for(session, "ada", places=2))
    grown = capacity_changes.resize(session, 5)
    assert capacity.take(grown, booking_for(session, "bert", places=3)).places == 3
    invariants_hold(grown)


def test_a_process_that_has_not_heard_of_new_counters_does_not_hide_them_from_others(table: Any) -> None:
    session = make_session(capacity=25)
    capacity.take(session, booking_for(session, "ada", places=20))
    capacity.take(session, booking_for(session, "bert", places=5))
    grown = capacity_changes.resize(session, 60)
    stale = capacity.take(session, booking_for(session, "cleo", places=20))
    assert set(stale.allocation) - {"0"}, "the booking must have found a new counter"
    hints.forget()
    assert capacity.take(grown, booking_for(session, "dora", places=15)).status == "confirmed"
    invariants_hold(grown)


def sold_out_session() -> tuple[Session, Booking]:
    """A session whose only counter is taken by one booking, seen by a process that knows nothing."""
    session = make_session(capacity=6)
    booked = capacity.take(session, booking_for(session, "ada", places=6))
    hints.forget()
    return session, booked


def give_back_after_the_counters_are_read(booked: Booking, monkeypatch: pytest.MonkeyPatch) -> None:
    read = CounterItem.batch_get

    def read_then_give_back(*arguments: Any, **options: Any) -> Any:
        seen = list(read(*arguments, **options))
        monkeypatch.undo()
        capacity.give_back(booked, NOW)
        return seen

    monkeypatch.setattr(CounterItem, "batch_get", read_then_give_back)


def test_a_scan_overtaken_by_a_give_back_hides_nothing_from_anybody(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, booked = sold_out_session()
    give_back_after_the_counters_are_read(booked, monkeypatch)
    assert capacity.take(session, booking_for(session, "bert", places=6)).status == "confirmed"
    assert MarkItem.get(*mark_key(session.session_id)).at_most_free >= 0
    invariants_hold(session)


def test_a_scan_that_cannot_tell_the_others_still_serves_the_one_who_made_it(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session(capacity=50)
    other = capacity.take(session, booking_for(session, "ada"))
    hints.hint_for(session).free = {0: 0, 1: 0}  # a hint that is used up
    give_back_after_the_counters_are_read(other, monkeypatch)
    budget = outcomes.Budget()
    availability.look_again(session, hints.hint_for(session), 6, budget)
    assert sum(hints.hint_for(session).free.values()) >= 49


def test_a_scan_that_finds_room_only_in_several_counters_together_refuses_nobody(table: Any) -> None:
    session = make_session(capacity=50)
    for person in range(2):
        capacity.take(session, booking_for(session, f"large{person}", places=20))
    hints.hint_for(session).free = {0: 0, 1: 0}  # a hint that is used up
    assert len(capacity.take(session, booking_for(session, "split", places=9)).allocation) == 2
    invariants_hold(session)


def test_a_scan_lease_taken_by_a_fast_clock_stops_nobody(table: Any) -> None:
    session = make_session(capacity=20)
    ahead = int((datetime.now(UTC) + timedelta(minutes=10)).timestamp() * 1000)
    MarkItem(*mark_key(session.session_id)).update([MarkItem.scan_until.set(ahead)])
    hints.hint_for(session).free = {0: 0}  # a hint that is used up
    assert capacity.take(session, booking_for(session, "ada")).status == "confirmed"


def test_sold_out_is_remembered_from_when_the_reading_began() -> None:
    hint = hints.Hint({0: 0})
    hint.remember_at_most(2, time.monotonic() - hints.SOLD_OUT_SECONDS)
    assert not hint.rules_out(3)
    hint.remember_at_most(2, time.monotonic())
    assert hint.rules_out(3)
    assert not hint.rules_out(2)


def test_a_lost_answer_is_looked_up_before_anything_is_written_again(dynamodb_local: Any) -> None:
    session = make_session(capacity=10)
    wanted = booking_for(session, "ada", places=2)
    with losing_the_first_answer() as sent:
        assert capacity.take(session, wanted).booking_id == wanted.booking_id
    assert sent == ["TransactWriteItems", "GetItem"]
    assert invariants_hold(session) == 2


def test_a_pool_that_cannot_be_opened_just_now_is_busy(dynamodb_local: Any) -> None:
    with weather(0, throttles=1.0), pytest.raises(Busy):
        pools.open_pool("session", 10)


@given(capacity_wanted=st.integers(1, 100_000), counters=st.integers(1, 98))
def test_a_capacity_is_shared_out_whole_and_level(capacity_wanted: int, counters: int) -> None:
    shares = pools.share_out(capacity_wanted, counters)
    assert sum(shares) == capacity_wanted
    assert max(shares) - min(shares) <= 1


@given(
    free=st.dictionaries(st.integers(0, 97), st.integers(0, 30), min_size=1, max_size=98),
    places=st.integers(1, 40),
)
def test_a_draw_takes_what_is_believed_to_be_there_exactly_if_it_is(
    free: dict[int, int], places: int
) -> None:
    drawn = hints.Hint(dict(free)).draw(places)
    if drawn is None:
        assert sum(free.values()) < places
    else:
        assert sum(drawn.values()) == places
        assert all(0 < taken <= free[counter] for counter, taken in drawn.items())
        assert len(drawn) == 1 or max(free.values()) < places


def test_parties_that_are_split_do_not_all_meet_on_the_same_counters() -> None:
    hint = hints.Hint(dict.fromkeys(range(20), 2))
    seen = {counter for _ in range(100) for counter in hint.draw(4) or {}}
    assert len(seen) > 10


def test_a_party_is_split_over_counters_to_avoid_only_if_the_others_do_not_hold_it() -> None:
    hint = hints.Hint({0: 3, 1: 2, 2: 2})
    assert hint.draw(4, avoid=frozenset({0})) == {1: 2, 2: 2}
    assert hint.draw(5, avoid=frozenset({0})) == {1: 2, 2: 2, 0: 1}
