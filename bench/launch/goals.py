"""What launch day is held to, and whether it was met: by the worst seed of each scenario."""

from collections.abc import Sequence

from msgspec import Struct

from bench.launch.outcome import Outcome
from bench.launch.scenarios import Scenario


class Check(Struct, frozen=True):
    """One goal of one scenario, what came of it, and whether that will do."""

    scenario: str
    goal: str
    measured: str
    holds: bool


def judge(scenario: Scenario, outcomes: Sequence[Outcome]) -> list[Check]:
    """Return all checks of a scenario, over all of its seeds."""
    checks = [*_nobody_is_cheated(scenario, outcomes)]
    cheated = max(outcome.cheated for outcome in outcomes)
    if (within := scenario.sold_out_in_seconds) is not None:
        never = [outcome.sold_out_in_seconds is None for outcome in outcomes]
        slowest = max(outcome.sold_out_in_seconds or 0.0 for outcome in outcomes)
        said = f"{sum(never)} of {len(never)} never" if any(never) else f"{slowest:.2f} s"
        checks.append(
            _check(scenario, f"sold out within {within:g} s", said, not any(never) and slowest <= within)
        )
    if (within := scenario.answered_in_seconds) is not None:
        slowest = max(outcome.p99_seconds for outcome in outcomes)
        goal = f"99 in 100 have a definite answer within {within:g} s"
        checks.append(_check(scenario, goal, f"{slowest:.2f} s", slowest <= within))
    if (most := scenario.write_units_per_booking) is not None:
        spent = max(outcome.write_units_per_booking for outcome in outcomes)
        goal = f"at most {most:g} write units a booking, losers' waste included"
        checks.append(_check(scenario, goal, f"{spent:.1f}", spent <= most))
    if scenario.queue is not None:
        left = max(outcome.left for outcome in outcomes)
        checks.append(_check(scenario, "every place is reached", f"{left} left", left == 0))
        # Counted above: who hears "sold out" while their party fits, booking or being admitted.
        checks.append(
            _check(scenario, "nobody served is refused while places remain", str(cheated), cheated == 0)
        )
    return checks


def _nobody_is_cheated(scenario: Scenario, outcomes: Sequence[Outcome]) -> list[Check]:
    oversold = max(outcome.oversold for outcome in outcomes)
    left = max(outcome.left_though_wanted for outcome in outcomes)
    cheated = max(outcome.cheated for outcome in outcomes)
    broken = [sentence for outcome in outcomes for sentence in outcome.broken]
    return [
        _check(scenario, "0 places oversold", str(oversold), oversold == 0),
        _check(scenario, "0 places left while somebody wanted them", str(left), left == 0),
        _check(
            scenario, 'nobody hears "sold out" whose party has fitted for 1 s', str(cheated), cheated == 0
        ),
        _check(
            scenario, "rows = places taken = what the counters say", "; ".join(broken) or "so", not broken
        ),
    ]


def _check(scenario: Scenario, goal: str, measured: str, holds: bool) -> Check:
    return Check(scenario.title, goal, measured, holds)


def verdict(checks: Sequence[Check]) -> str:
    """Return the last line: "pass", or "fail: " and what does."""
    failed = [f"{check.scenario}: {check.goal} ({check.measured})" for check in checks if not check.holds]
    return f"fail: {'; '.join(failed)}" if failed else "pass"
