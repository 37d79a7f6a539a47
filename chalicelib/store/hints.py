"""Which counter to try first: what this process believes about each session's counters.

It only saves work. Every belief may be wrong; the conditions in store/capacity.py decide.
"""

import random
import time

from msgspec import Struct

from chalicelib.domain.refusals import Closed, SoldOut
from chalicelib.domain.session import Session
from chalicelib.store.outcomes import Kind, Outcome

SOLD_OUT_SECONDS = 1.0
_SESSIONS_MAX = 1000

_hints: dict[str, "Hint"] = {}


class Limit(Struct, frozen=True):
    """What the mark said: parties larger than ``at_most_free`` do not fit, known ``until`` (monotonic).

    ``traces_at`` names what was written of who has taken the places (store/takers.py), if that is known.
    """

    at_most_free: int
    until: float
    traces_at: int | None = None

    def rules_out(self, places: int) -> bool:
        """Return whether a party of this size was seen not to fit within the last second."""
        return places > self.at_most_free and time.monotonic() < self.until


_UNLIMITED = Limit(0, 0.0)


class Hint(Struct):
    """What a process believes of one session.

    ``free`` is {counter: places}; ``seen_at`` is that of the mark it came from (epoch ms, 0 for none).
    """

    free: dict[int, int]
    seen_at: int = 0
    limit: Limit = _UNLIMITED

    def rules_out(self, places: int) -> bool:
        """Return whether a party of this size was seen not to fit within the last second."""
        return self.limit.rules_out(places)

    def require_may_fit(self, places: int) -> None:
        """Refuse with SoldOut a party of a size that was seen not to fit within the last second."""
        limit = self.limit
        if limit.rules_out(places):
            raise SoldOut(places, limit.at_most_free)

    def remember_at_most(self, at_most_free: int, read_began: float, traces_at: int | None = None) -> None:
        """Remember that no more than this is free, until a second after the reading began (monotonic)."""
        self.limit = Limit(at_most_free, read_began + SOLD_OUT_SECONDS, traces_at)

    def forget_limit(self) -> None:
        """Believe that anything may fit, as when that second is over."""
        self.limit = _UNLIMITED

    def draw(self, places: int, avoid: frozenset[int] = frozenset()) -> dict[int, int] | None:
        """Return what to take from which counter, or None if nothing is believed to fit.

        Of two random counters that fit, the fuller: that keeps them level without herding everyone to
        the same one. If none fits alone, the party is split over the fullest, in any order among equals:
        or all who split at the end of a launch would meet on the same few. A counter to ``avoid``
        (somebody is on it this moment) is taken only if no other fits.
        """
        fitting = [counter for counter, free in self.free.items() if free >= places]
        if fitting:
            fitting = [counter for counter in fitting if counter not in avoid] or fitting
            # Chance spreads load; nothing secret hangs on it.
            two = random.sample(fitting, min(2, len(fitting)))
            return {max(two, key=lambda counter: self.free[counter]): places}
        allocation: dict[int, int] = {}
        in_any_order = random.sample(sorted(self.free.items()), len(self.free))
        for counter, free in sorted(in_any_order, key=lambda entry: (entry[0] in avoid, -entry[1])):
            if free > 0 and places > 0:
                allocation[counter] = min(free, places)
                places -= allocation[counter]
        return None if places else allocation

    def learn(self, outcome: Outcome, allocation: dict[int, int], *, booking_index: int) -> frozenset[int]:
        """Take in what a try was answered; return the counters to avoid in the next. Raises Closed."""
        tried = frozenset(allocation)
        match outcome.kind:
            case Kind.REFUSED:
                counters = list(allocation)
                for index, raw in outcome.items.items():
                    if index <= booking_index:
                        continue
                    counter = counters[index - booking_index - 1]
                    if raw is None:
                        self.free[counter] = 0
                    elif raw["open"]["BOOL"]:
                        self.free[counter] = int(raw["free"]["N"])
                    else:
                        raise Closed
                return frozenset()
            case Kind.THROTTLED:
                # The booking's own partition may be the hot one: another counter wouldn't help.
                return frozenset() if booking_index in outcome.items else tried
            case Kind.CONFLICT | Kind.LOST:
                return tried


def hint_for(session: Session) -> Hint:
    """Return this process's hint; a new one believes that every place is free."""
    hint = _hints.get(session.session_id)
    # A hint from the mark may know of more counters than a session that was read just before they were added.
    if hint is None or len(hint.free) < session.counters:
        while len(_hints) >= _SESSIONS_MAX:
            del _hints[next(iter(_hints))]
        full = -(-session.capacity // session.counters)
        hint = _hints[session.session_id] = Hint(dict.fromkeys(range(session.counters), full))
    return hint


def forget() -> None:
    """Believe nothing, like a new process."""
    _hints.clear()
