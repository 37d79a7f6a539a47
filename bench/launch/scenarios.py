"""What is played: how many come for what, with which levers set."""

from msgspec import Struct
from msgspec.structs import replace

from bench.launch.cloud import Levers

READY = Levers(
    warm_write_units_per_second=60_000,
    concurrency=7_400,
    provisioned=5_500,
    gateway_requests_per_second=27_000,
)
"""As ``make launch-plan PEOPLE=100000 PLACES=5000`` says, once AWS has granted what it says to ask for."""
AS_IT_COMES = Levers()
"""A new table, no environment running, nothing asked of AWS."""


class Queue(Struct, frozen=True, kw_only=True):
    """How people come to an event with a queue, and how fast it goes."""

    early_share: float
    late_seconds: float
    unused_share: float
    admissions_per_second: int = 50


class Scenario(Struct, frozen=True, kw_only=True):
    """One row of the table. Each seed is another crowd and other chances of everything."""

    name: str
    title: str
    levers: Levers
    people: int = 100_000
    sessions: int = 1
    places: int = 5_000
    """In each session."""
    counters: int | None = None
    """Over how many counters a session's places are spread; None: as the product does."""
    seeds: int = 3
    sold_out_in_seconds: float | None = None
    """Goal: within how many seconds everything is sold."""
    answered_in_seconds: float | None = None
    """Goal: the 99th percentile of the time until a definite answer."""
    write_units_per_booking: float | None = None
    """Goal: with the losers' waste."""
    queue: Queue | None = None
    """If people wait in a queue: the event has ``admission: queue``."""
    is_comparison: bool = False
    """Only shown beside the others: nothing is asked of it but that nobody is cheated."""


_HEADLINE = Scenario(
    name="warm",
    title="one session of 5,000, everything warm",
    levers=READY,
    seeds=10,
    sold_out_in_seconds=2,
    answered_in_seconds=2,
    write_units_per_booking=10,
)
_SMALL = replace(
    _HEADLINE, people=5_000, places=500, sold_out_in_seconds=None, answered_in_seconds=None, seeds=3
)

_ALL = (
    _HEADLINE,
    Scenario(
        name="cold",
        title="the same on a new table, no environment running",
        levers=AS_IT_COMES,
        sold_out_in_seconds=10,
        write_units_per_booking=10,
    ),
    Scenario(
        name="twenty",
        title="20 sessions of 250",
        levers=READY,
        sessions=20,
        places=250,
        write_units_per_booking=10,
        answered_in_seconds=2,
    ),
    Scenario(
        name="queue",
        title="a queue: 18,000 in the draw, 12,000 later, 5,000 places",
        levers=READY,
        people=30_000,
        queue=Queue(early_share=0.6, late_seconds=120, unused_share=0.1),
    ),
    Scenario(
        name="queue-rounds",
        title="a queue in rounds: 3,000 in the draw, 9,000 later, two in three don't use their turn",
        levers=READY,
        people=12_000,
        queue=Queue(early_share=0.25, late_seconds=600, unused_share=0.65),
    ),
    *(
        replace(
            _SMALL,
            name=f"counters-{counters}",
            title=f"5,000 people, one session of 500 on {counters} counter{'s' * (counters > 1)}",
            counters=counters,
            write_units_per_booking=None,
            is_comparison=True,
        )
        for counters in (1, 4, 16, 64)
    ),
)


def scenarios(*, quick: bool) -> list[Scenario]:
    """Return what is to be played: quickly, one crowd for each of the two that matter most."""
    if not quick:
        return list(_ALL)
    return [replace(scenario, seeds=1) for scenario in _ALL if scenario.name in {"warm", "cold"}]
