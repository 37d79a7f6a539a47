"""domain/line.py and line_rounds.py: numbers, and how far a line is; it never goes back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.admission import ADMISSION_LASTS, QueueTicket
from chalicelib.domain.event import Event
from chalicelib.domain.line import (
    Counted,
    LatePoint,
    Line,
    as_read,
    number_in,
    rank_of,
    serving,
    turn_of,
    unpublished_line,
)
from chalicelib.domain.line_rounds import corrected_line, moved_line, new_line

OPENS = datetime(2027, 6, 1, 9, tzinfo=UTC)
SEED = "5e" * 32
EVENT = Event(
    event_id="e", organiser_id="o", slug="curry", title="Curry", status="published",
    opens_at=OPENS, admission="queue", admissions_per_second=50, line_seed=SEED,
)  # fmt: skip


def after(seconds: float) -> datetime:
    return OPENS + timedelta(seconds=seconds)


def early(person: str) -> QueueTicket:
    return QueueTicket("e", person, after(-60))


def late(seconds: float) -> QueueTicket:
    return QueueTicket("e", "late", after(seconds))


def line(**changes: object) -> Line:
    return replace(Line(rate=50, at=OPENS, up_to=1000, early=100, round_free=1000), **changes)


@given(
    steps=st.lists(
        st.tuples(
            st.floats(0.5, 900),
            st.integers(0, 5000),
            st.integers(0, 3000),
            st.integers(1, 5000),
            st.integers(0, 3000),
        ),
        min_size=1,
        max_size=25,
    ),
    begins=st.floats(-600, 600),
    places=st.integers(0, 3000),
)
def test_what_is_served_never_goes_back_whatever_was_counted_and_whenever(
    steps: list[tuple[float, int, int, int, int]], begins: float, places: int
) -> None:
    capacity = 3000
    now, arrived = begins, 0
    it = new_line(EVENT, places, Counted(100, 0, after(now)))
    seen = 0
    for wait, came, free, rate, drawn in steps:
        now += wait
        arrived += came
        counted = Counted(drawn, arrived, after(now))
        before = serving(as_read(it, counted, capacity), after(now))
        assert before >= seen
        event = replace(EVENT, admissions_per_second=rate)
        it = corrected_line(it, event, counted, free, capacity)
        seen = serving(as_read(it, counted, capacity), after(now))
        assert seen >= before


@given(
    points=st.lists(st.tuples(st.floats(0.1, 600), st.integers(0, 4000)), max_size=8),
    moments=st.lists(st.floats(0, 5000), min_size=2, max_size=20),
)
def test_who_came_later_never_has_a_lower_number(
    points: list[tuple[float, int]], moments: list[float]
) -> None:
    at, count, curve = 0.0, 0, []
    for wait, came in points:
        at, count = at + wait, count + came
        curve.append(LatePoint(after(at), count))
    numbers = [number_in(line(late=tuple(curve)), EVENT, late(moment)) for moment in sorted(moments)]
    assert numbers == sorted(numbers)
    assert all(number >= 100 for number in numbers)


@given(corrections=st.lists(st.tuples(st.floats(1, 120), st.integers(0, 500)), min_size=1, max_size=80))
def test_who_was_served_stays_served_when_points_are_left_out(corrections: list[tuple[float, int]]) -> None:
    it, now, arrived = line(up_to=100_000), 0.0, 0
    whole: tuple[LatePoint, ...] = ()
    for wait, came in corrections:
        now, arrived = now + wait, arrived + came
        it = corrected_line(it, EVENT, Counted(100, arrived, after(now)), 1000, 1000)
        whole = (*whole, LatePoint(after(now), arrived))
        for point in whole:
            ticket = QueueTicket("e", "x", point.at)
            if number_in(replace(it, late=whole), EVENT, ticket) < serving(it, after(now)):
                assert number_in(it, EVENT, ticket) < serving(it, after(now))
    assert len(it.late) <= 62


def test_the_draw_is_even_and_nobodys_rank_hangs_on_when_they_came() -> None:
    it = line(early=1000)
    numbers = [number_in(it, EVENT, early(f"person{n}")) for n in range(2000)]
    assert min(numbers) >= 0
    assert max(numbers) < 1000
    tenths = [sum(tenth * 100 <= number < tenth * 100 + 100 for number in numbers) for tenth in range(10)]
    assert all(140 < tenth < 260 for tenth in tenths)
    first = number_in(it, EVENT, early("ada"))
    assert number_in(it, EVENT, QueueTicket("e", "ada", after(-0.001))) == first


def test_anybody_can_check_a_rank_by_the_seed() -> None:
    # HMAC-SHA256 of "ada" under 32 bytes of 0x5e, by another program.
    assert f"{rank_of(SEED, 'ada'):016x}" == "630fa6fa8cecb668"


def test_who_comes_to_a_line_that_nobody_waits_in_is_next_whatever_the_rate() -> None:
    it = line()
    for minute in range(1, 30):
        it = corrected_line(it, EVENT, Counted(100, 3, after(minute * 60)), 900, 1000)
    assert number_in(it, EVENT, late(29 * 60)) == 103
    assert turn_of(it, 103, 900, after(29 * 60)).estimate_seconds == 0


def test_a_round_ends_when_its_admissions_are_over_and_the_next_calls_for_what_is_left() -> None:
    it = line(early=5000)
    reached = 1000 / 50
    over = reached + ADMISSION_LASTS.total_seconds()
    for now in (10, reached, over - 1):
        it = corrected_line(it, EVENT, Counted(5000, 0, after(now)), 200, 1000)
        assert it.up_to == 1000
    # 800 of 1000 places went to 1000 people: for 200 places, 250 are called.
    it = corrected_line(it, EVENT, Counted(5000, 0, after(over)), 200, 1000)
    assert (it.up_to, it.round_number, it.round_free) == (1250, 1000, 200)
    assert serving(it, after(over)) == 1000
    assert serving(it, after(over + 60)) == 1250


def test_a_round_in_which_nobody_booked_does_not_call_the_whole_world() -> None:
    it = corrected_line(line(early=50_000), EVENT, Counted(50_000, 0, after(3600)), 1000, 1000)
    assert it.up_to == 1000 + 10 * 1000


def test_when_no_place_is_left_the_line_stands_still() -> None:
    it = corrected_line(line(early=5000), EVENT, Counted(5000, 0, after(3600)), 0, 1000)
    assert it.up_to == 1000


def test_who_is_ahead_of_more_people_than_places_is_given_no_false_hope() -> None:
    it = line(early=5000)
    assert turn_of(it, 500, 1000, after(0)).estimate_seconds == 11
    assert turn_of(it, 500, 400, after(0)).estimate_seconds is None
    assert turn_of(it, 1000, 5000, after(3600)).estimate_seconds is None


def test_a_line_that_nobody_published_or_corrected_has_its_first_round_all_the_same() -> None:
    it = as_read(unpublished_line(EVENT), Counted(30, 0, after(0)), 40)
    assert serving(it, after(-1)) == 0
    assert serving(it, after(0.5)) == 25
    assert serving(it, after(3600)) == 40
    assert number_in(it, EVENT, late(0)) == 30


def test_a_line_begun_after_the_opening_begins_now_and_keeps_the_order_of_who_came_before() -> None:
    it = new_line(EVENT, 10, Counted(100, 40, after(3600)))
    assert serving(it, after(3600)) == 0
    assert serving(it, after(3601)) == 10
    read = as_read(it, Counted(100, 50, after(3660)), 10)
    numbers = [number_in(read, EVENT, late(moment)) for moment in (60, 1800, 3600, 3630)]
    assert numbers == sorted(numbers)
    assert number_in(read, EVENT, late(3600)) == 140


def test_an_opening_that_moves_takes_the_line_with_it_and_a_new_rate_holds_from_now() -> None:
    later = replace(EVENT, opens_at=after(600), admissions_per_second=10)
    moved = moved_line(line(), later, after(-60))
    assert (moved.at, moved.rate, moved.number) == (after(600), 10, 0)
    faster = moved_line(line(), replace(EVENT, admissions_per_second=100), after(10))
    assert [serving(faster, after(seconds)) for seconds in (10, 11)] == [500, 600]


@pytest.mark.parametrize("backwards", [0, -30])
def test_a_count_that_was_read_late_takes_nobody_away(backwards: float) -> None:
    it = corrected_line(line(), EVENT, Counted(100, 50, after(60)), 900, 1000)
    again = corrected_line(it, EVENT, Counted(100, 20, after(60 + backwards)), 900, 1000)
    assert again.late == it.late


def test_a_count_that_reads_lower_than_the_last_one_leaves_that_standing() -> None:
    it = corrected_line(line(), EVENT, Counted(100, 50, after(60)), 900, 1000)
    again = corrected_line(it, EVENT, Counted(100, 20, after(120)), 900, 1000)
    assert [point.count for point in again.late] == [50, 50]
