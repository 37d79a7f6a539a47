"""store/recent.py: how long and how much is remembered."""

import time
from functools import partial

import pytest

from chalicelib.store.recent import Recent


class Clock:
    """A monotonic clock that goes only when told to."""

    def __init__(self) -> None:
        self.seconds = 5000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    stopped = Clock()
    monkeypatch.setattr(time, "monotonic", stopped)
    return stopped


def test_an_answers_age_counts_from_before_it_was_read(clock: Clock) -> None:
    answers: Recent[str] = Recent(2.0, entries_max=10)

    def slow() -> str:
        clock.seconds += 1.5
        return "old"

    assert answers.get("key", slow) == "old"
    clock.seconds += 0.4
    assert answers.get("key", lambda: "new") == "old"
    clock.seconds += 0.1
    assert answers.get("key", lambda: "new") == "new"


def test_no_more_than_so_many_answers_are_kept_and_the_oldest_goes_first(clock: Clock) -> None:
    answers: Recent[int] = Recent(2.0, entries_max=3)
    for number in range(3):
        answers.get(str(number), partial(int, number))
    clock.seconds += 2.0
    answers.get("0", partial(int, 0))  # read again: now the youngest
    answers.get("3", partial(int, 3))  # one too many: "1" was read longest ago
    assert answers.get("0", partial(int, -1)) == 0
    clock.seconds -= 2.0
    assert answers.get("2", partial(int, -1)) == 2
    assert answers.get("1", partial(int, -1)) == -1


def test_nothing_is_kept_when_reading_fails(clock: Clock) -> None:
    answers: Recent[str] = Recent(2.0, entries_max=3)

    def broken() -> str:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        answers.get("key", broken)
    assert answers.get("key", lambda: "fine") == "fine"
