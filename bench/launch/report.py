"""The tables that ``make launch`` prints: Markdown, which a terminal shows well enough."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from bench.launch.goals import Check
from bench.launch.outcome import Outcome
from bench.launch.scenarios import Scenario

Outcomes = Sequence[Outcome]

_COLUMNS: tuple[tuple[str, Callable[[Outcomes], str]], ...] = (
    ("seeds", lambda them: str(len(them))),
    ("sold out in, median / worst seed", lambda them: _seconds([one.sold_out_in_seconds for one in them])),
    ("answer p50", lambda them: _answered(them, lambda one: one.median_seconds)),
    ("p99", lambda them: _answered(them, lambda one: one.p99_seconds)),
    ("bookings/s until then", lambda them: f"{median(one.bookings_per_second for one in them):,.0f}"),
    ("write units a booking", lambda them: f"{median(one.write_units_per_booking for one in them):.1f}"),
    ("conflicts a booking", lambda them: _each(them, lambda one: one.conflicts)),
    ("round trips a person", lambda them: f"{median(one.round_trips / one.people for one in them):.2f}"),
    ("throttled by the table", lambda them: _count(them, lambda one: one.throttles)),
    ("oversold, worst", lambda them: str(max(one.oversold for one in them))),
    ("left though wanted, worst", lambda them: str(max(one.left_though_wanted for one in them))),
)

_ANSWERS = ("booked", "sold_out", "not_open_yet", "429", "503", "busy", "reply lost")


def figures(played: Mapping[Scenario, Outcomes]) -> str:
    """Return the table of all scenarios: medians over the seeds; with a slash, also the worst of them."""
    rows = [[scenario.title, *(show(them) for _, show in _COLUMNS)] for scenario, them in played.items()]
    return _table(["", *(name for name, _ in _COLUMNS)], rows)


def answers(played: Mapping[Scenario, Outcomes]) -> str:
    """Return how often what was answered, and who got none."""
    rows = [
        [
            scenario.title,
            *(_count(them, lambda one, answer=answer: one.answers.get(answer, 0)) for answer in _ANSWERS),  # type: ignore[misc]  # it binds answer
            _count(them, lambda one: one.gave_up),
            _count(them, lambda one: one.cold_starts),
            _count(them, lambda one: one.busy_at_most),
        ]
        for scenario, them in played.items()
    ]
    return _table(["answers", *_ANSWERS, "gave up", "cold starts", "handlers at work at once"], rows)


def queues(played: Mapping[Scenario, Outcomes]) -> str:
    """Return how fair the queues were."""
    rows = [
        [
            scenario.title,
            _count(them, lambda one: one.served),
            _count(them, lambda one: one.unserved),
            _number([one.draw_correlation for one in them], "{:.3f}"),
            _number([one.booked_correlation for one in them], "{:.3f}"),
            _number([one.late_moved for one in them], "{:.0f}"),
        ]
        for scenario, them in played.items()
        if scenario.queue is not None
    ]
    head = [
        "queues",
        "served",
        "sold out before their turn",
        "rank in the draw and order served",
        "and order booked",
    ]
    return _table([*head, "later ones: places moved"], rows)


def goals(checks: Sequence[Check]) -> str:
    """Return each goal with what came of it."""
    rows = [[check.scenario, check.goal, check.measured, "yes" if check.holds else "NO"] for check in checks]
    return _table(["", "goal", "worst seed", "met"], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _seconds(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return f"never in {len(values) - len(known)} of {len(values)}"
    return f"{median(known):.2f} / {max(known):.2f} s"


def _answered(them: Outcomes, seconds: Callable[[Outcome], float]) -> str:
    """Return how long an answer took; where people wait in a queue, that is their turn's affair."""
    return "-" if any(one.served for one in them) else _seconds([seconds(one) for one in them])


def _each(them: Outcomes, count: Callable[[Outcome], int]) -> str:
    return f"{median(count(one) / max(1, one.bookings) for one in them):.2f}"


def _number(values: Sequence[float | None], shown: str) -> str:
    known = [value for value in values if value is not None]
    return shown.format(median(known)) if known else "-"


def _count(them: Outcomes, count: Callable[[Outcome], int]) -> str:
    return f"{median(count(one) for one in them):,.0f}"
