"""What happens to a session's places, seen at the table itself: what was sold when, and whom it failed."""

from typing import Any

from bench.launch.engine import Engine, Key
from bench.launch.expressions import Item
from bench.launch.kernel import Kernel

FELT_SECONDS = 1.0
"""How long a process may go on believing what it read (chalicelib/store/hints.py)."""
PARTY_MAX = 4


class Ledger:
    """Watches the counters of all sessions."""

    def __init__(self, kernel: Kernel, engine: Engine, sessions: list[str]) -> None:
        self._kernel = kernel
        self.free = dict.fromkeys(sessions, 0)
        self.capacity = dict.fromkeys(sessions, 0)
        self.sold: list[tuple[float, int]] = []
        """(second, places sold in all) after each change."""
        self.sold_out_at: dict[str, float] = {}
        self.oversold = 0
        self._fits_since = {session: [float("-inf")] * (PARTY_MAX + 1) for session in sessions}
        engine.on_change = self._change

    def _change(self, key: Key, before: Item | None, after: Item | None) -> None:
        if key[1] != "POOL":
            return
        session = key[0].split("#")[1]
        was, now = _number(before, "free"), _number(after, "free")
        if now < 0:
            self.oversold += -now
        self.capacity[session] += _number(after, "capacity") - _number(before, "capacity")
        fitted = self.free[session]
        self.free[session] += now - was
        self._note(session, fitted)

    def _note(self, session: str, fitted: int) -> None:
        free, second = self.free[session], self._kernel.now
        for places in range(max(1, fitted + 1), min(free, PARTY_MAX) + 1):
            self._fits_since[session][places] = second
        if free == 0:
            self.sold_out_at.setdefault(session, second)
        self.sold.append((second, sum(self.capacity.values()) - sum(self.free.values())))

    def was_cheated(self, session: str, places: int, asked_at: float) -> bool:
        """Return whether a party that was just told "sold out" fitted all the time, and for long enough."""
        return self.free[session] >= places and self._fits_since[session][places] < asked_at - FELT_SECONDS


def _number(item: Item | None, name: str) -> int:
    value: dict[str, Any] = (item or {}).get(name, {"N": "0"})
    return int(value["N"])
