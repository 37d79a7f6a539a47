"""``make launch-plan PEOPLE=100000 PLACES=5000 OPENS=2027-09-01T10:00:00Z``: what to set, ask for and expect.

| variable            | means                                                                      | default |
|---------------------|----------------------------------------------------------------------------|---------|
| PEOPLE              | how many come for it                                                       |         |
| PLACES              | how many places there are, in all sessions                                 |         |
| OPENS               | when booking opens, with its offset from UTC                               |         |
| SESSIONS            | over how many sessions the places are spread                               | 1       |
| ADMISSION           | open: whoever is first; queue: in turn                                     | open    |
| MAILS_PER_SECOND    | the account's rate at SES (GetAccount, MaxSendRate)                        | 1       |
| MAILS_PER_DAY       | its quota for 24 hours (GetAccount, Max24HourSend); 200 is the sandbox's   | 200     |
| LAMBDA_CONCURRENCY  | its quota of concurrent executions                                         | 1000    |
| REQUESTS_PER_SECOND | API Gateway's quota                                                        | 10000   |
| TABLE_UNITS         | DynamoDB's quotas of a table: write units a second, and as many read units | 40000   |
| HOURS               | how long processes are kept started: 2 to 168                              | 2       |
| DISTRIBUTION        | on: CloudFront is before the API (docs/deploy.md)                          | off     |
| FIREWALL            | on: WAF counts requests by source                                          | off     |

What comes of it is arithmetic, and each line shows its own. bench/launch tries out the plan for one
open session; several sessions and queues it plays with the levers of that one: their plans are not tried.
"""

import difflib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from bench.costs import read_prices
from bench.launch_bill import bill_of_launch
from bench.launch_calendar import calendar
from bench.launch_facts import GATEWAY_PER_SECOND, TABLE_UNITS, Asked, Figure
from bench.launch_figures import figures

VARIABLES = (
    "PEOPLE",
    "PLACES",
    "OPENS",
    "SESSIONS",
    "ADMISSION",
    "MAILS_PER_SECOND",
    "MAILS_PER_DAY",
    "LAMBDA_CONCURRENCY",
    "REQUESTS_PER_SECOND",
    "TABLE_UNITS",
    "HOURS",
    "DISTRIBUTION",
    "FIREWALL",
)
OF_THE_MAKEFILE = ("PYTHON", "REQUIREMENTS", "READY", "RUN")
PEOPLE_MAX = 100_000_000
MAILS_PER_SECOND_MIN = 0.2
"""As the template wants it."""

HOURS_MIN, HOURS_MAX = 2, 168
"""Processes are kept started from an hour before the opening until an hour after it at least; nobody needs
them for longer than a week."""

YEAR_MAX = 9998
"""The calendar goes beyond the opening, by a week at most, and time as Python knows it ends with 9999."""

NUMBER = re.compile(r"([0-9]+|[0-9]{1,3}(,[0-9]{3})+|[0-9]{1,3}(_[0-9]{3})+)(\.[0-9]+)?")
"""100,000 and 100_000 as well: people write large numbers so. 1,0 may be meant to be one or ten."""


class CannotPlan(Exception):
    """What is wrong with what was asked, in words for whoever asked."""


class Section(Struct, frozen=True):
    """Some lines under a title."""

    title: str
    lines: list[str]

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"  {line}" for line in self.lines)])


def main() -> None:
    """Print the plan for what the environment says."""
    now = datetime.now(UTC)
    try:
        require_known(os.environ.get("NAMES_GIVEN", "").split())
        asked = asked_for(os.environ, now)
    except CannotPlan as why:
        example = "make launch-plan PEOPLE=100000 PLACES=5000 OPENS=2027-09-01T10:00:00Z MAILS_PER_SECOND=14"
        sys.exit(f"{why}\n\n    {example}\n\nAll that can be said: bench/launch_plan.py")
    print("\n\n".join(map(str, plan(asked, now))))


def require_known(names: Sequence[str]) -> None:
    """Raise CannotPlan for a name that means nothing here: its value would not be heeded, and nobody told."""
    for name in names:
        if name in VARIABLES or name in OF_THE_MAKEFILE:
            continue
        near = difflib.get_close_matches(name.upper(), VARIABLES, n=1)
        instead = f"Did you mean {near[0]}?" if near else f"There are {', '.join(VARIABLES)}."
        raise CannotPlan(f"{name} means nothing here. {instead}")


def asked_for(variables: Mapping[str, str], now: datetime) -> Asked:
    """Return what these variables ask for. Raises CannotPlan if that can't be read or is over."""
    asked = Asked(
        people=_count(variables, "PEOPLE"),
        places=_count(variables, "PLACES"),
        opens_at=_moment(variables, "OPENS"),
        sessions=_count(variables, "SESSIONS", "1"),
        is_queue=_one_of(variables, "ADMISSION", "open", "queue"),
        mails_per_second=_number(variables, "MAILS_PER_SECOND", "1", MAILS_PER_SECOND_MIN, PEOPLE_MAX),
        mails_per_day=_count(variables, "MAILS_PER_DAY", "200"),
        lambda_concurrency=_count(variables, "LAMBDA_CONCURRENCY", "1000"),
        requests_per_second=_count(variables, "REQUESTS_PER_SECOND", str(GATEWAY_PER_SECOND)),
        table_units=_count(variables, "TABLE_UNITS", str(TABLE_UNITS)),
        hours=_number(variables, "HOURS", "2", HOURS_MIN, HOURS_MAX),
        is_distributed=_one_of(variables, "DISTRIBUTION", "off", "on"),
        is_filtered=_one_of(variables, "FIREWALL", "off", "on"),
    )
    if asked.opens_at <= now:
        raise CannotPlan(f"OPENS has to be still to come; {asked.opens_at:%Y-%m-%d %H:%M %Z} has passed.")
    if asked.opens_at.year > YEAR_MAX:
        raise CannotPlan(f"OPENS has to be in the year {YEAR_MAX} at the latest.")
    if asked.sessions > asked.places:
        raise CannotPlan(
            "SESSIONS can't be more than PLACES: "
            f"{asked.sessions:,} sessions can't share {asked.places:,} places."
        )
    return asked


def plan(asked: Asked, now: datetime) -> list[Section]:
    """Return what to set, ask for and expect, and what it costs."""
    found = figures(asked, read_prices().assumed)
    bill = bill_of_launch(asked, found, read_prices())
    return [
        Section("What is expected", [_line(one) for one in found.expected]),
        Section("Set, by parameter or on the event", [_line(one) for one in found.settings]),
        Section(
            "Have, or ask AWS for (Service Quotas; SES in its console)", [_line(one) for one in found.quotas]
        ),
        Section("Mails", [_line(one) for one in found.mails]),
        Section("When", calendar(asked, found, now)),
        Section(f"What it costs, beyond an ordinary month: {bill}", [str(line) for line in bill.lines]),
    ]


def _line(figure: Figure) -> str:
    return f"{figure.name:<34} {figure.value:>14}   {figure.why}"


def _count(variables: Mapping[str, str], name: str, default: str = "") -> int:
    text = variables.get(name, "").strip() or default
    number = _read(text)
    if not number.is_integer() or "." in text or not 1 <= number <= PEOPLE_MAX:
        raise CannotPlan(f"{name} has to be a whole number from 1 to {PEOPLE_MAX:,}; {_said(text)}.")
    return int(number)


def _number(variables: Mapping[str, str], name: str, default: str, least: float, most: float) -> float:
    text = variables.get(name, "").strip() or default
    number = _read(text)
    if not least <= number <= most:
        raise CannotPlan(f"{name} has to be a number from {least:,} to {most:,}; {_said(text)}.")
    # A whole one is printed without a point, however large it is.
    return int(number) if number.is_integer() else number


def _read(text: str) -> float:
    """Return the number that this is; 0, which nobody may ask for, if it is none."""
    return float(re.sub("[_,]", "", text)) if NUMBER.fullmatch(text) else 0.0


def _moment(variables: Mapping[str, str], name: str) -> datetime:
    text = variables.get(name, "").strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CannotPlan(f"{name} has to be like 2027-09-01T10:00:00Z; {_said(text)}.") from error
    if moment.tzinfo is None:
        raise CannotPlan(f"{name} needs its offset from UTC, or Z, as in 2027-09-01T10:00:00+01:00.")
    return moment


def _one_of(variables: Mapping[str, str], name: str, no: str, yes: str) -> bool:
    """Return whether it is the second of the two."""
    text = variables.get(name, "").strip() or no
    if text not in {no, yes}:
        raise CannotPlan(f"{name} has to be {no} or {yes}; {_said(text)}.")
    return text == yes


def _said(text: str) -> str:
    return f"{text!r} is not" if text else "there is none"


if __name__ == "__main__":
    main()
