"""``make launch-plan``: read what an opening is like, and print what to set, ask for and expect.

The plan itself is bench/launch_plan.py.
"""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.launch_facts import GATEWAY_PER_SECOND, MAILS_PER_SECOND_MIN, SANDBOX_MAILS, TABLE_UNITS, Asked
from infra.numbers_typed import COUNT_MAX, count, number_from
from infra.stack import CannotDeploy

if TYPE_CHECKING:
    from infra.command import Commands

HOURS_MIN, HOURS_MAX = 2, 168
"""Processes are kept started from an hour before the opening until an hour after it at least. A week is
longer than any opening needs them."""

YEAR_MAX = 9998
"""The calendar goes beyond the opening, by a week at most, and time as Python knows it ends with 9999."""

DESCRIPTION = """\
Say what to set before an opening, which quotas to ask AWS for, when to do what, and what it costs.

For a small opening it says that there is nothing to do. It needs no AWS account: give it your
account's quotas. Each line of the plan shows its arithmetic. `make launch` tries out the plan for
one session without a queue; plans for several sessions or a queue are not tried."""


def add_command(commands: "Commands") -> None:
    """Add ``launch-plan``."""
    parser = commands.add_parser(
        "launch-plan",
        help="say what to set and ask for before an opening, and what it costs",
        description=DESCRIPTION,
        example="make launch-plan PEOPLE=100000 PLACES=5000 OPENS=2027-09-01T10:00:00Z MAILS_PER_SECOND=14",
    )

    def add(name: str, kind: Callable[[str], object], default: float | None, words: str) -> None:
        explained = words if default is None else f"{words} (default: %(default)s)"
        parser.add_argument(
            name, type=kind, default=default, required=default is None, metavar="NUMBER", help=explained
        )

    add("--people", count, None, "how many people come to book")
    add("--places", count, None, "how many places there are, in all sessions together")
    parser.add_argument(
        "--opens",
        type=_moment,
        required=True,
        metavar="TIME",
        help="when booking opens, with its offset from UTC, like 2027-09-01T10:00:00+01:00",
    )
    add("--sessions", count, 1, "over how many sessions the places are spread")
    parser.add_argument(
        "--admission",
        choices=("open", "queue"),
        default="open",
        help="open: the first to book get the places; queue: people book in turn (default: %(default)s)",
    )
    add(
        "--mails-per-second",
        number_from(MAILS_PER_SECOND_MIN, COUNT_MAX),
        1,
        "the account's rate at SES (GetAccount, MaxSendRate)",
    )
    add(
        "--mails-per-day",
        count,
        SANDBOX_MAILS,
        f"its quota for 24 hours (GetAccount, Max24HourSend); the sandbox has {SANDBOX_MAILS}",
    )
    add("--lambda-concurrency", count, 1000, "its quota of Lambda's concurrent executions")
    add("--requests-per-second", count, GATEWAY_PER_SECOND, "its quota of API Gateway")
    add("--table-units", count, TABLE_UNITS, "its quota of DynamoDB: write units a second of a table")
    add(
        "--hours",
        number_from(HOURS_MIN, HOURS_MAX),
        2,
        f"for how many hours processes are kept started: {HOURS_MIN} to {HOURS_MAX}",
    )
    for name, words in (
        ("--distribution", "on: CloudFront is before the API (docs/deploy.md)"),
        ("--firewall", "on: WAF counts requests by source"),
    ):
        parser.add_argument(
            name, choices=("off", "on"), default="off", help=f"{words} (default: %(default)s)"
        )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Print the plan for what the arguments say."""
    # Imported here, for it imports the product: --help doesn't wait for that.
    from bench.launch_plan import plan

    now = datetime.now(UTC)
    print("\n\n".join(map(str, plan(asked_for(arguments, now), now))))


def asked_for(arguments: argparse.Namespace, now: datetime) -> Asked:
    """Return what these arguments ask for. Raises CannotDeploy if they don't fit together, or are over."""
    asked = Asked(
        people=arguments.people,
        places=arguments.places,
        opens_at=arguments.opens,
        sessions=arguments.sessions,
        is_queue=arguments.admission == "queue",
        mails_per_second=arguments.mails_per_second,
        mails_per_day=arguments.mails_per_day,
        lambda_concurrency=arguments.lambda_concurrency,
        requests_per_second=arguments.requests_per_second,
        table_units=arguments.table_units,
        hours=arguments.hours,
        is_distributed=arguments.distribution == "on",
        is_filtered=arguments.firewall == "on",
    )
    if asked.opens_at <= now:
        raise CannotDeploy(f"--opens has to be in the future; {asked.opens_at:%Y-%m-%d %H:%M %Z} has passed.")
    if asked.sessions > asked.places:
        raise CannotDeploy(
            "--sessions can't be more than --places: "
            f"{asked.sessions:,} sessions can't share {asked.places:,} places."
        )
    return asked


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"has to be like 2027-09-01T10:00:00Z; {text!r} is not") from error
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("needs its offset from UTC, or Z, as in 2027-09-01T10:00:00+01:00")
    if moment.year > YEAR_MAX:
        raise argparse.ArgumentTypeError(f"has to be in the year {YEAR_MAX} at the latest")
    return moment
