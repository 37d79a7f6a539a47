"""domain/queue_rounds.py: how a queue goes on; it never goes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.admission import ADMISSION_LASTS, QueueTicket
from chalicelib.domain.queue import (
    Counted,
    LatePoint,
    as_read,
    number_in,
    serving,
    standing_of,
)
from chalicelib.domain.queue_rounds import (
    EARLY_FINAL_AFTER,
    corrected_queue,
    moved_queue,
    new_queue,
    queue_off,
    queue_on_again,
)
from tests.domain.queues_made import EVENT, OPENS, after, late, queue


@given(
    steps=st.lists(
        st.tuples(
            st.floats(0.5, 900),
            st.integers(0, 5000),
            st.integers(0, 3000),
            st.integers(1, 5000),
            st.integers(0, 3000),
            st.sampled_from(["tick", "tick", "tick", "off and on", "change"]),
            st.floats(0, 900),
            st.floats(0, 3),
            st.floats(0, 2),
        ),
        min_size=1,
        max_size=25,
    ),
    begins=st.floats(-600, 600),
    places=st.integers(0, 3000),
)
def test_what_is_served_never_goes_back_whatever_was_counted_and_whenever(
    steps: list[tuple[float, int, int, int, int, str, float, float, float]], begins: float, places: int
) -> None:
    capacity = 3000
    now, arrived = begins, 0
    it = new_queue(EVENT, Counted(100, 0, after(now)), places, capacity)
    event, seen = EVENT, 0
    # Whoever changes the queue has a clock that is a little slow, and readers may have an older copy.
    for wait, came, free, rate, drawn, what, off, slow, copy in steps:
        now += wait
        arrived += came
        counted = Counted(drawn, arrived, after(now - slow))
        earlier, told_at = it, now + copy
        assert serving(as_read(it, counted, capacity), after(now)) >= seen
        event_before, event = event, replace(EVENT, admissions_per_second=rate)
        if what == "off and on" and after(now - slow) >= OPENS:
            it = queue_off(it, counted.at, capacity)
            now += off
            counted = Counted(drawn, arrived, after(now - slow))
            it = queue_on_again(it, event, counted, free, capacity)
        elif what == "change":
            it = moved_queue(it, event, event_before, counted.at)
        else:
            it = corrected_queue(it, event, counted, free, capacity)
        told = serving(as_read(earlier, counted, capacity), after(told_at))
        now = max(now, told_at)
        seen = serving(as_read(it, counted, capacity), after(now))
        assert seen >= told


@given(corrections=st.lists(st.tuples(st.floats(1, 120), st.integers(0, 500)), min_size=1, max_size=80))
def test_who_was_served_stays_served_when_points_are_left_out(corrections: list[tuple[float, int]]) -> None:
    it, now, arrived = queue(up_to=100_000), 0.0, 0
    whole: tuple[LatePoint, ...] = ()
    for wait, came in corrections:
        now, arrived = now + wait, arrived + came
        it = corrected_queue(it, EVENT, Counted(100, arrived, after(now)), 1000, 1000)
        whole = (*whole, LatePoint(after(now), arrived))
        for point in whole:
            ticket = QueueTicket("e", "x", point.at)
            if number_in(replace(it, late=whole), EVENT, ticket) < serving(it, after(now)):
                assert number_in(it, EVENT, ticket) < serving(it, after(now))
    assert len(it.late) <= 62


def test_of_too_many_points_every_other_one_goes_and_the_first_and_the_last_never() -> None:
    it, event = queue(rate=1), replace(EVENT, admissions_per_second=1)
    for minute in range(1, 200):
        came = 700 + 500 * (minute - 1)
        it = corrected_queue(it, event, Counted(100, came, after(60 * minute)), 0, 1000)
        assert len(it.late) <= 60
        # After the first minute they come evenly: then points between say nothing that others don't.
        numbers = [number_in(it, event, late(60 * then)) for then in range(1, minute + 1)]
        assert numbers == [800 + 500 * then for then in range(minute)]
        if len(it.late) < minute:
            break
    assert len(it.late) == 32
    assert it.late[0] == LatePoint(after(60), 700)


def test_a_short_queue_is_served_at_its_rate_too_and_not_all_at_once() -> None:
    it = corrected_queue(queue(early=500), EVENT, Counted(500, 0, after(2)), 950, 1000)
    assert [serving(it, after(seconds)) for seconds in (2, 3)] == [100, 150]


def test_when_all_who_came_are_served_as_many_more_may_come_at_once_as_places_are_left() -> None:
    it = queue(early=100, up_to=110)
    it = corrected_queue(it, EVENT, Counted(100, 10, after(60)), 40, 110)
    assert it.up_to == 150
    # Nobody has to wait for those before them to book, or not to.
    assert serving(it, after(62)) == 150
    # Nor for tickets of the draw that are counted when that is over.
    again = corrected_queue(it, EVENT, Counted(400, 30, after(120)), 40, 110)
    assert again.up_to == 170


def test_who_comes_to_a_queue_that_nobody_waits_in_is_next_whatever_the_rate() -> None:
    it = queue()
    for minute in range(1, 30):
        it = corrected_queue(it, EVENT, Counted(100, 3, after(minute * 60)), 900, 1000)
    assert number_in(it, EVENT, late(29 * 60)) == 103
    assert standing_of(it, 103, 900, after(29 * 60)).estimate_seconds == 0


def test_a_round_ends_when_its_admissions_are_over_and_the_next_calls_for_what_is_left() -> None:
    it = queue(early=5000)
    reached = 1000 / 50
    over = reached + ADMISSION_LASTS.total_seconds()
    for now in (10, reached, over - 1):
        it = corrected_queue(it, EVENT, Counted(5000, 0, after(now)), 200, 1000)
        assert it.up_to == 1000
    # 800 of 1000 places went to 1000 people: for 200 places, 250 are called.
    it = corrected_queue(it, EVENT, Counted(5000, 0, after(over)), 200, 1000)
    assert (it.up_to, it.round_number, it.round_sold) == (1250, 1000, 800)
    assert serving(it, after(over)) == 1000
    assert serving(it, after(over + 60)) == 1250


def test_each_round_goes_by_its_own_bookings_and_its_own_people() -> None:
    it = queue(early=50_000, number=1000.0, round_number=1000, round_sold=800, up_to=1250)
    # 100 of the 250 took a place: for the other 100, 250 more are called.
    it = corrected_queue(it, EVENT, Counted(50_000, 0, after(3600)), 100, 1000)
    assert (it.up_to, it.round_number, it.round_sold) == (1500, 1250, 900)


def test_a_round_in_which_hardly_anybody_booked_does_not_call_the_whole_world() -> None:
    it = corrected_queue(queue(early=50_000), EVENT, Counted(50_000, 0, after(3600)), 999, 1000)
    assert it.up_to == 1000 + 10 * 999


@pytest.mark.parametrize("booked", [0, -300])
def test_a_round_in_which_nobody_booked_calls_no_more_people_than_there_are_places(booked: int) -> None:
    it = queue(early=50_000, round_sold=400)
    it = corrected_queue(it, EVENT, Counted(50_000, 0, after(3600)), 600 - booked, 1000)
    assert it.up_to == 1000 + 600 - booked


def test_places_that_were_added_during_a_round_are_not_taken_for_people_who_did_not_book() -> None:
    # 800 of the 1000 have booked, and there are 790 places more than there were.
    it = corrected_queue(queue(early=50_000), EVENT, Counted(50_000, 0, after(3600)), 990, 1790)
    assert it.up_to == 1000 + 1238


def test_when_no_place_is_left_the_queue_stands_still() -> None:
    before = queue(early=5000, round_sold=400)
    it = corrected_queue(before, EVENT, Counted(5000, 0, after(3600)), 0, 1000)
    # So what comes back by cancelling is called for by what this round has booked.
    assert it == replace(before, late=it.late, version=2)


@pytest.mark.parametrize("seconds", [-60, 60])
def test_each_change_is_a_version_on_or_two_at_once_would_both_be_stored(seconds: float) -> None:
    counted, event = Counted(100, 0, after(seconds)), replace(EVENT, admissions_per_second=7)
    assert corrected_queue(queue(), EVENT, counted, 900, 1000).version == 2
    assert moved_queue(queue(), event, EVENT, counted.at).version == 2
    off = queue_off(queue(), counted.at, 1000)
    assert (off.version, queue_on_again(off, event, counted, 900, 1000).version) == (2, 3)


def test_a_queue_begun_after_the_opening_begins_now_and_keeps_the_order_of_who_came_before() -> None:
    it = new_queue(EVENT, Counted(100, 40, after(3600)), 10, 10)
    assert serving(it, after(3600)) == 0
    assert serving(it, after(3601)) == 10
    read = as_read(it, Counted(100, 50, after(3660)), 10)
    numbers = [number_in(read, EVENT, late(moment)) for moment in (60, 1800, 3600, 3630)]
    assert numbers == sorted(numbers)
    assert number_in(read, EVENT, late(3600)) == 140


def test_an_opening_that_moves_takes_the_queue_with_it_and_a_new_rate_holds_from_now() -> None:
    later = replace(EVENT, opens_at=after(600), admissions_per_second=10)
    moved = moved_queue(queue(), later, EVENT, after(-60))
    assert (moved.at, moved.rate, moved.number) == (after(600), 10, 0)
    faster = moved_queue(queue(), replace(EVENT, admissions_per_second=100), EVENT, after(10))
    assert [serving(faster, after(seconds)) for seconds in (10, 11)] == [500, 600]


@pytest.mark.parametrize("backwards", [0, -30])
def test_a_count_that_was_read_late_takes_nobody_away(backwards: float) -> None:
    it = corrected_queue(queue(), EVENT, Counted(100, 50, after(60)), 900, 1000)
    again = corrected_queue(it, EVENT, Counted(100, 20, after(60 + backwards)), 900, 1000)
    assert again.late == it.late


def test_a_count_that_reads_lower_than_the_last_one_leaves_that_standing() -> None:
    it = corrected_queue(queue(), EVENT, Counted(100, 50, after(60)), 900, 1000)
    again = corrected_queue(it, EVENT, Counted(100, 20, after(120)), 900, 1000)
    assert [point.count for point in again.late] == [50, 50]


def test_a_change_by_a_clock_a_little_behind_the_last_ticks_moves_the_queue_nowhere() -> None:
    it = queue(number=500.0, at=after(600))
    for event in (EVENT, replace(EVENT, admissions_per_second=100)):
        changed = moved_queue(it, event, EVENT, after(599.995))
        assert (changed.at, serving(changed, after(600))) == (after(600), 500)


def test_a_queue_switched_off_and_on_goes_on_where_it_stood_with_a_round_for_what_is_left() -> None:
    off = queue_off(queue(late=(LatePoint(after(5), 8),)), after(10), 1000)
    assert (off.off_at, serving(off, after(10))) == (after(10), 500)
    on = queue_on_again(off, EVENT, Counted(100, 20, after(900)), 70, 1000)
    # Five seconds longer than it was on: for so long others may have let people in.
    assert [serving(on, after(seconds)) for seconds in (900, 901, 960)] == [750, 800, 820]
    assert (on.off_at, on.round_number, on.round_sold, on.version) == (None, 750, 930, 3)
    numbers = [number_in(on, EVENT, late(seconds)) for seconds in (0, 5, 450, 900)]
    assert numbers == [100, 108, 113, 120]


def test_a_queue_held_while_nobody_could_book_judges_nobody_by_that() -> None:
    # Of those called 50 had booked when booking was shut, and it was shut for an hour.
    shut, reopened, soon = after(60), Counted(50_000, 0, after(3660)), Counted(50_000, 0, after(3720))
    held = queue_on_again(queue_off(queue(early=50_000), shut, 1000), EVENT, reopened, 950, 1000)
    held = corrected_queue(held, EVENT, soon, 950, 1000)
    assert (serving(held, after(3660)), held.up_to) == (1000, 1950)
    # Those called since then are asked by what was booked since then.
    later = corrected_queue(held, EVENT, Counted(50_000, 0, after(7200)), 475, 1000)
    assert later.up_to == 1950 + 950
    not_held = corrected_queue(queue(early=50_000), EVENT, soon, 950, 1000)
    assert not_held.up_to == 1000 + 9500


def test_a_queue_switched_off_and_on_at_once_is_five_seconds_later_where_it_would_have_been() -> None:
    on = queue_on_again(queue_off(queue(), after(10), 1000), EVENT, Counted(100, 0, after(10)), 70, 1000)
    assert [serving(on, after(seconds)) for seconds in (10, 15, 16, 60)] == [750, 750, 800, 820]


def test_at_a_lower_rate_the_next_five_seconds_are_served_at_once_and_nobody_twice() -> None:
    slower = moved_queue(queue(), replace(EVENT, admissions_per_second=5), EVENT, after(10))
    assert [serving(slower, after(seconds)) for seconds in (10, 15, 16)] == [750, 750, 755]
    # Done again at once, it leaps no further.
    again = moved_queue(slower, replace(EVENT, admissions_per_second=4), EVENT, after(10))
    assert [serving(again, after(seconds)) for seconds in (10, 15, 16)] == [750, 750, 754]


def test_a_rate_that_is_lowered_before_the_opening_lets_nobody_in_early() -> None:
    slower = moved_queue(queue(), replace(EVENT, admissions_per_second=5), EVENT, after(-60))
    assert [serving(slower, after(seconds)) for seconds in (-1, 0, 1)] == [0, 0, 5]


def test_a_tick_that_takes_it_to_be_before_the_opening_still_takes_no_place_in_the_queue_away() -> None:
    # It is the fourth second of the opening, and so many of 190 are booked; the clock is five seconds slow.
    corrected = corrected_queue(queue(up_to=190), EVENT, Counted(100, 0, after(-1)), 20, 190)
    assert serving(corrected, after(4)) == 190


def test_a_queue_whose_first_rounds_end_nobody_published_is_kept_with_the_end_that_readers_took() -> None:
    off = queue_off(queue(up_to=None), after(60), 300)
    on = queue_on_again(off, EVENT, Counted(100, 0, after(90)), 70, 300)
    assert [serving(on, after(seconds)) for seconds in (90, 120)] == [300, 370]


def test_who_is_in_the_draw_is_final_ten_seconds_after_the_opening_and_not_before() -> None:
    it = queue(early=None)
    final = EARLY_FINAL_AFTER.total_seconds()
    assert corrected_queue(it, EVENT, Counted(80, 0, after(final - 0.001)), 900, 1000).early is None
    it = corrected_queue(it, EVENT, Counted(90, 0, after(final)), 900, 1000)
    assert it.early == 90
    assert corrected_queue(it, EVENT, Counted(95, 0, after(60)), 900, 1000).early == 90


def test_no_queue_begins_with_a_version_that_another_one_of_its_event_had() -> None:
    first, second = (new_queue(EVENT, Counted(0, 0, after(at)), 10, 10) for at in (-60, -59))
    assert (first.version, second.version - first.version) == (after(-60).timestamp() * 1000, 1000)
