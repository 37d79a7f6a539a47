from datetime import timedelta

import pytest

from chalicelib.web.queue.views import PositionView
from chalicelib.web.queue.wording import ahead_in_words, estimate_in_words, looks_again_in_seconds
from tests.web.conftest import NOW


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "Nobody can say whether your turn comes."),
        (1, "Your turn comes in less than a minute."),
        (59, "Your turn comes in less than a minute."),
        (60, "Your turn comes in about 1 minute."),
        (61, "Your turn comes in about 2 minutes."),
        (5399, "Your turn comes in about 90 minutes."),
        (5400, "Your turn comes in about 2 hours."),
        (36_000, "Your turn comes in about 10 hours."),
    ],
)
def test_an_estimate_is_as_rough_as_what_is_known(seconds: int | None, words: str) -> None:
    assert estimate_in_words(seconds) == words


def test_how_many_are_ahead_is_said_in_numbers_that_can_be_read() -> None:
    assert ahead_in_words(0) == "You are next"
    assert ahead_in_words(12_345) == "About 12,345 ahead of you"


def place(state: str, **changes: object) -> PositionView:
    known = {"early": True, "number": 4, "serving": 1, "ahead": 3, "estimate_seconds": 9}
    return PositionView(
        **{**known, "state": state, "ask_again_seconds": 7, "opens_at": NOW, **changes}  # type: ignore[arg-type]  # as a test writes it
    )


def test_a_page_looks_again_only_where_something_can_still_change() -> None:
    assert looks_again_in_seconds(place("waiting"), "ticket", NOW) == 7
    for state in ("served", "sold_out", "open"):
        assert looks_again_in_seconds(place(state), "ticket", NOW) is None


def test_in_a_long_wait_for_the_opening_a_page_looks_in_between_for_it_may_be_moved() -> None:
    in_a_week = place("draw", opens_at=NOW + timedelta(days=7))
    assert looks_again_in_seconds(in_a_week, "ticket", NOW) == 600
