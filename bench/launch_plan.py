"""The plan that ``make launch-plan`` prints: what to set before an opening, ask for and expect.

What comes of it is arithmetic, and each line shows its own. bench/launch tries out the plan for one
open session. Several sessions and queues it plays with the levers of that one: their plans are not tried.
"""

from datetime import datetime

from msgspec import Struct

from bench.costs import read_prices
from bench.launch_bill import bill_of_launch
from bench.launch_calendar import calendar
from bench.launch_facts import Asked, Figure
from bench.launch_figures import figures


class Section(Struct, frozen=True):
    """Some lines under a title."""

    title: str
    lines: list[str]

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"  {line}" for line in self.lines)])


def plan(asked: Asked, now: datetime) -> list[Section]:
    """Return what to set, ask for and expect, and what it costs."""
    listed = read_prices()
    found = figures(asked, listed.assumed)
    bill = bill_of_launch(asked, found, listed)
    return [
        Section("What is expected", [_line(one) for one in found.expected]),
        Section("Set, by parameter or on the event", [_line(one) for one in found.settings]),
        Section(
            "Have, or ask AWS for (Service Quotas; SES in its console)", [_line(one) for one in found.quotas]
        ),
        Section("Emails", [_line(one) for one in found.mails]),
        Section("When", calendar(asked, found, now)),
        Section(f"What it costs, beyond an ordinary month: {bill}", [str(line) for line in bill.lines]),
    ]


def _line(figure: Figure) -> str:
    return f"{figure.name:<34} {figure.value:>14}   {figure.why}"
