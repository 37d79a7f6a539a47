"""Simulated time: unchanged code waits in it, and no real second passes.

Whoever acts is a greenlet. ``sleep`` puts it aside until its time comes, and the next one goes on. One
thing happens at a time, in order of time and then of asking, so a run with a seed is the same every time.
"""

import heapq
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest import mock

from greenlet import getcurrent, greenlet

_MONOTONIC_AT_ZERO = 1_000_000.0
"""What the monotonic clock shows at second 0: before the opening it must show something above 0 too."""


class Kernel:
    """The clock and everybody who waits for it. ``now`` is in seconds; the opening is at 0."""

    def __init__(self, opening: datetime) -> None:
        self.now = 0.0
        self.opening = opening
        self.on_resume: Callable[[greenlet], None] = lambda _: None
        """Called with who goes on, before they do."""
        self.clock_is_off_by: Callable[[], float] = lambda: 0.0
        """By how many seconds the wall clock of whoever is asking is wrong."""
        self._opening_seconds = opening.timestamp()
        self._waiting: list[tuple[float, int, greenlet | Callable[[], None]]] = []
        self._order = itertools.count()
        self._hub: greenlet | None = None

    def start(self, at: float, act: Callable[[], None]) -> None:
        """Let somebody act from this second on."""
        heapq.heappush(self._waiting, (at, next(self._order), act))

    def sleep(self, seconds: float) -> None:
        """Wait. Outside of ``run`` there is nobody to wait for, so time just passes."""
        until = self.now + max(0.0, seconds)
        if self._hub is None or not self._waiting or until < self._waiting[0][0]:
            self.now = until
            return
        heapq.heappush(self._waiting, (until, next(self._order), getcurrent()))
        self._hub.switch()

    def run(self) -> None:
        """Go on until nobody waits any more. What anybody raises ends the run."""
        self._hub = getcurrent()
        waiting = self._waiting
        while waiting:
            self.now, _, who = heapq.heappop(waiting)
            if not isinstance(who, greenlet):
                who = greenlet(who)
            self.on_resume(who)
            who.switch()
        self._hub = None

    def monotonic(self) -> float:
        """Stand in for time.monotonic."""
        return _MONOTONIC_AT_ZERO + self.now

    def time(self) -> float:
        """Stand in for time.time."""
        return self._opening_seconds + self.now + self.clock_is_off_by()

    def wall_clock(self) -> datetime:
        """Return what the product is told as ``now``."""
        return self.opening + timedelta(seconds=self.now + self.clock_is_off_by())


@contextmanager
def in_simulated_time(kernel: Kernel) -> Iterator[None]:
    """Let this process read and wait by the kernel's clock."""
    with (
        mock.patch("time.monotonic", kernel.monotonic),
        mock.patch("time.time", kernel.time),
        mock.patch("time.sleep", kernel.sleep),
    ):
        yield
