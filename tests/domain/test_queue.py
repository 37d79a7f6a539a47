"""domain/queue.py: numbers, and what is said of them."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.admission import QueueTicket
from chalicelib.domain.queue import (
    Counted,
    LatePoint,
    as_read,
    number_in,
    rank_of,
    serving,
    standing_of,
    unpublished_queue,
    with_point,
)
from tests.domain.queues_made import EVENT, OPENS, SEED, after, early, late, queue


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
    numbers = [number_in(queue(late=tuple(curve)), EVENT, late(moment)) for moment in sorted(moments)]
    assert numbers == sorted(numbers)
    assert all(number >= 100 for number in numbers)


def test_the_draw_is_even_and_nobodys_rank_hangs_on_when_they_came() -> None:
    it = queue(early=1000)
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


def test_who_is_ahead_of_more_people_than_places_is_given_no_false_hope() -> None:
    it = queue(early=5000)
    assert standing_of(it, 500, 1000, after(0)).estimate_seconds == 11
    assert standing_of(it, 500, 400, after(0)).estimate_seconds is None
    assert standing_of(it, 1000, 5000, after(3600)).estimate_seconds is None


def test_a_queue_that_nobody_corrected_has_its_first_round_all_the_same() -> None:
    it = as_read(queue(early=None, up_to=None), Counted(30, 0, after(0)), 40)
    assert [serving(it, after(seconds)) for seconds in (-1, 0.5, 3600)] == [0, 25, 40]
    assert number_in(it, EVENT, late(0)) == 30


def test_how_many_were_in_the_draw_is_what_was_published_whatever_is_counted_later() -> None:
    it = as_read(queue(early=100), Counted(130, 0, after(60)), 40)
    assert (it.early, number_in(it, EVENT, late(0))) == (100, 100)


def test_a_queue_that_nobody_published_calls_everybody_for_there_are_no_rounds() -> None:
    counted = Counted(300, 20, after(0))
    it = as_read(unpublished_queue(EVENT, counted, 40), counted, 40)
    assert [serving(it, after(seconds)) for seconds in (-1, 0.5, 3600)] == [0, 25, 360]


def test_between_two_counts_and_after_the_last_late_numbers_go_by_the_time() -> None:
    it = queue(late=(LatePoint(after(10), 40), LatePoint(after(30), 60)))
    numbers = [number_in(it, EVENT, late(seconds)) for seconds in (0, 5, 10, 20, 29, 30, 31, 32)]
    assert numbers == [100, 120, 140, 150, 159, 160, 210, 260]
    assert number_in(queue(), EVENT, late(2)) == 200


def test_a_point_is_added_where_people_came_and_the_last_one_moves_on_where_nobody_did() -> None:
    late_points: tuple[LatePoint, ...] = ()
    for seconds, count in ((60, 3), (120, 3), (180, 3), (240, 5), (300, 6), (360, 6), (420, 6)):
        late_points = with_point(late_points, Counted(100, count, after(seconds)))
    told = [((point.at - OPENS).total_seconds(), point.count) for point in late_points]
    assert told == [(60, 3), (180, 3), (240, 5), (300, 6), (420, 6)]
