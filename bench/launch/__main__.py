"""``make launch``: plays launch day in simulated time, prints what came of it, and says pass or fail.

The last line is "pass" or "fail: ..." against the goals, and so is the exit status.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from bench.launch import report
from bench.launch.goals import judge, verdict
from bench.launch.outcome import Outcome
from bench.launch.play import play
from bench.launch.plot import plot
from bench.launch.scenarios import Scenario, scenarios
from infra.command import Parser, ends_in_words
from infra.vendor import ROOT

PLOT = ROOT / "docs" / "images" / "launch.svg"
PLOTTED_SECONDS = 10.0


def read_arguments(given: Sequence[str]) -> argparse.Namespace:
    """Return how much is to be played, and by how many processes."""
    parser = Parser(prog="python -m bench.launch", description=__doc__, example="make launch QUICK=1")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="play one crowd only for each of the two scenarios that matter most; some minutes",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=os.cpu_count() or 2,
        metavar="NUMBER",
        help="how many run at once (default: one for each processor)",
    )
    return parser.parse_args(given)


def main(given: Sequence[str]) -> None:
    """Play all scenarios with all seeds."""
    arguments = read_arguments(given)
    began = time.monotonic()
    to_play = scenarios(quick=arguments.quick)
    played = _play_all(to_play, arguments.workers)
    checks = [check for scenario, outcomes in played.items() for check in judge(scenario, outcomes)]
    print(f"\n{report.figures(played)}\n\n{report.answers(played)}\n")
    print(f"{report.queues(played)}\n\n{report.goals(checks)}\n")
    if not arguments.quick:
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


def _play_all(to_play: list[Scenario], workers: int) -> dict[Scenario, list[Outcome]]:
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
    with ends_in_words():
        main(sys.argv[1:])
