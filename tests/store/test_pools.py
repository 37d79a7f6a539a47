from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.session import PAUSE_BELIEVED_MAX
from chalicelib.store.capacity_changes import PAUSE
from chalicelib.store.pools import COUNTERS_MAX, PLACES_PER_COUNTER, counters_for


@given(st.integers(1, 100_000))
def test_places_are_spread_over_enough_counters_and_not_more_than_a_transaction_holds(capacity: int) -> None:
    counters = counters_for(capacity)
    assert 1 <= counters <= COUNTERS_MAX
    assert counters == COUNTERS_MAX or capacity <= counters * PLACES_PER_COUNTER


def test_a_pause_is_believed_in_even_if_the_clock_that_set_it_is_as_much_ahead_as_it_lasts() -> None:
    assert PAUSE_BELIEVED_MAX == 2 * PAUSE
