"""What one run comes to."""

from bisect import bisect_left
from collections.abc import Sequence

from msgspec import Struct

STEP_SECONDS = 0.1
"""How far apart the points of the plot are."""


class Outcome(Struct, frozen=True, kw_only=True):
    """The figures of one scenario with one seed."""

    scenario: str
    seed: int
    people: int
    capacity: int
    bookings: int
    """That were ever made: with those cancelled since."""
    sold_out_in_seconds: float | None
    """Until every place was taken for the first time; None: never."""
    median_seconds: float
    """Until a definite answer; those who gave up count for as long as they waited."""
    p99_seconds: float
    gave_up: int
    oversold: int
    left: int
    left_though_wanted: int
    """Places free in the end, if somebody who would have fitted was told "sold out"."""
    cheated: int
    """Told "sold out" though they had fitted for longer than a process may remember."""
    broken: tuple[str, ...]
    """Invariants that don't hold in the end, as sentences."""
    write_units: int
    read_units: float
    transactions: int
    conflicts: int
    throttles: int
    refused_conditions: int
    round_trips: int
    cold_starts: int
    busy_at_most: int
    answers: dict[str, int]
    """How often what was answered."""
    sold: list[int]
    """Places sold at each STEP_SECONDS after the opening."""
    waiting: list[int]
    """People who have come and have no definite answer yet, likewise."""
    units_by_second: list[int]
    served: int = 0
    """Who were admitted, where there is a queue."""
    unserved: int = 0
    """Who heard "sold out" without having been admitted."""
    draw_correlation: float | None = None
    """Between the rank in the draw and the order in which those in it were served (Spearman)."""
    booked_correlation: float | None = None
    """Between that rank and the order in which they had their places: people take their time over forms."""
    late_moved: float | None = None
    """By how many places the order served differs from the order joined: the median of who came later."""
    played_seconds: float = 0.0
    """How long the run took here, of the processor's time."""

    @property
    def write_units_per_booking(self) -> float:
        """All that was written, whoever lost, over what was sold."""
        return self.write_units / max(1, self.bookings)

    @property
    def bookings_per_second(self) -> float:
        """How fast it was sold."""
        return self.bookings / self.sold_out_in_seconds if self.sold_out_in_seconds else 0.0


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that this share of them doesn't exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def sampled(changes: Sequence[tuple[float, int]], seconds: float) -> list[int]:
    """Return what (second, value) had become at each step."""
    times = [second for second, _ in changes]
    steps = int(seconds / STEP_SECONDS) + 1
    found = [bisect_left(times, (step + 0.5) * STEP_SECONDS) for step in range(steps)]
    return [changes[at - 1][1] if at else 0 for at in found]
