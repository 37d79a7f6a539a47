"""Turns: who comes first where time may not do for all, so that none waits for ever.

The caller writes down when a turn begins, before it begins. So what fails, or takes all the time, goes to the
back like the others. What was left out comes first the next time.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Turns(Generic[T]):
    """Yields these until time is up, the one first whose ``last_turn`` is the longest ago.

    The first has its turn whatever the time is, so that each round gets something done.
    """

    def __init__(
        self, waiting: Iterable[T], last_turn: Callable[[T], int], is_time_up: Callable[[], bool]
    ) -> None:
        self._waiting = deque(sorted(waiting, key=last_turn))
        self._is_time_up = is_time_up

    def __iter__(self) -> Iterator[T]:
        """Yield them."""
        while self._waiting:
            yield self._waiting.popleft()
            if self._is_time_up():
                return

    @property
    def not_reached(self) -> int:
        """How many have had no turn so far."""
        return len(self._waiting)


def time_is_up(after_seconds: float, clock: Callable[[], float]) -> Callable[[], bool]:
    """Return what says whether so many seconds have passed from now on, by this clock."""
    ends = clock() + after_seconds
    return lambda: clock() >= ends
