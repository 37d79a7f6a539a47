"""What this process read a moment ago."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """Keeps up to ``entries_max`` answers for ``seconds`` each; what was read longest ago goes first.

    Its clock is this machine's monotonic one: a wall clock set back must not keep an old answer.
    Two threads may both read what neither has: nothing is locked while reading.
    """

    def __init__(self, seconds: float, *, entries_max: int) -> None:
        self._seconds = seconds
        self._entries_max = entries_max
        self._entries: OrderedDict[str, tuple[float, V]] = OrderedDict()
        self._changing = Lock()

    def get(self, key: str, read: Callable[[], V]) -> V:
        """Return the answer under this key, reading it if there is none young enough."""
        now = time.monotonic()
        entry = self._entries.get(key)
        if entry is not None and now - entry[0] < self._seconds:
            return entry[1]
        value = read()
        # Its age counts from before the read, so that it is never older than it seems.
        self.keep(key, value, now)
        return value

    def keep(self, key: str, value: V, read_began: float) -> None:
        """Keep an answer that came with another one; reading began then (monotonic)."""
        with self._changing:
            self._entries[key] = (read_began, value)
            self._entries.move_to_end(key)
            while len(self._entries) > self._entries_max:
                self._entries.popitem(last=False)

    def forget(self) -> None:
        """Forget everything."""
        with self._changing:
            self._entries.clear()
