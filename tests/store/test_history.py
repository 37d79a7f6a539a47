"""The judge of the races is itself judged: it must catch what it is for."""

from tests.store.history import Deed, would_have_fitted, wrongly_refused

SOLD_OUT_AT_5 = Deed("sold_out", 2, 5.0, 5.1)


def test_a_refusal_while_places_were_certainly_free_is_caught() -> None:
    assert wrongly_refused([Deed("booked", 8, 0.0, 0.1), SOLD_OUT_AT_5], capacity=10) == [SOLD_OUT_AT_5]


def test_a_refusal_is_fair_when_a_booking_under_way_may_have_taken_the_places() -> None:
    assert wrongly_refused([Deed("booked", 9, 5.05, 6.0), SOLD_OUT_AT_5], capacity=10) == []


def test_a_refusal_from_within_the_second_that_is_remembered_is_fair() -> None:
    history = [Deed("booked", 10, 0.0, 0.1), Deed("cancelled", 5, 4.2, 4.3), SOLD_OUT_AT_5]
    assert wrongly_refused(history, capacity=10) == []


def test_a_refusal_long_after_places_were_given_back_is_caught() -> None:
    history = [Deed("booked", 10, 0.0, 0.1), Deed("cancelled", 5, 2.0, 2.1), SOLD_OUT_AT_5]
    assert wrongly_refused(history, capacity=10) == [SOLD_OUT_AT_5]


def test_places_added_count_from_when_they_are_certainly_there() -> None:
    history = [Deed("booked", 10, 0.0, 0.1), Deed("resized", 5, 2.0, 4.9), SOLD_OUT_AT_5]
    assert wrongly_refused(history, capacity=10) == []
    history = [Deed("booked", 10, 0.0, 0.1), Deed("resized", 5, 2.0, 3.0), SOLD_OUT_AT_5]
    assert wrongly_refused(history, capacity=10) == [SOLD_OUT_AT_5]


def test_a_party_refused_although_the_places_left_in_the_end_would_have_held_it_is_caught() -> None:
    assert would_have_fitted([Deed("booked", 8, 0.0, 0.1), SOLD_OUT_AT_5], capacity=10) == [SOLD_OUT_AT_5]
    assert would_have_fitted([Deed("booked", 9, 0.0, 0.1), SOLD_OUT_AT_5], capacity=10) == []
