"""``make launch``: plays launch day in simulated time, prints what came of it, and says pass or fail.

The last line is "pass" or "fail: ..." against the goals, and so is the exit status. With ``QUICK=1`` one
crowd is played for each of the two scenarios that matter most. ``WORKERS`` is how many run at once.
"""

import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed

from bench.launch import report
from bench.launch.goals import judge, verdict
from bench.launch.outcome import Outcome
from bench.launch.play import play
from bench.launch.plot import plot
from bench.launch.scenarios import Scenario, scenarios
from infra.vendor import ROOT

PLOT = ROOT / "docs" / "images" / "launch.svg"
PLOTTED_SECONDS = 10.0


def main() -> None:
    """Play all scenarios with all seeds."""
    began = time.monotonic()
    to_play = scenarios()
    played = _play_all(to_play)
    checks = [check for scenario, outcomes in played.items() for check in judge(scenario, outcomes)]
    print(f"\n{report.figures(played)}\n\n{report.answers(played)}\n")
    print(f"{report.queues(played)}\n\n{report.goals(checks)}\n")
    if not os.environ.get("QUICK"):
        shown = {
            scenario: outcomes
            for scenario, outcomes in played.items()
            if not (scenario.is_comparison or scenario.queue)
        }
        PLOT.write_text(plot(shown, PLOTTED_SECONDS))
        print(f"Plotted in {PLOT.relative_to(ROOT)}.")
    minutes = (time.monotonic() - began) / 60
    print(f"Played in {minutes:.1f} minutes. Limits and their sources: bench/launch/limits.toml.")
    said = verdict(checks)
    print(said, flush=True)
    sys.exit(said != "pass")


def _play_all(to_play: list[Scenario]) -> dict[Scenario, list[Outcome]]:
    workers = int(os.environ.get("WORKERS") or os.cpu_count() or 2)
    found: dict[str, list[Outcome]] = {scenario.name: [] for scenario in to_play}
    # A process for each, so that none has the memory of those before it.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn, max_tasks_per_child=1) as pool:
        playing = [
            pool.submit(play, scenario, seed) for scenario in to_play for seed in range(1, scenario.seeds + 1)
        ]
        for number, future in enumerate(as_completed(playing), start=1):
            outcome = future.result()
            found[outcome.scenario].append(outcome)
            print(
                f"{number} of {len(playing)}: {outcome.scenario}, seed {outcome.seed}, "
                f"in {outcome.played_seconds:.0f} s",
                file=sys.stderr,
                flush=True,
            )
    return {scenario: found[scenario.name] for scenario in to_play}


if __name__ == "__main__":
    main()
