"""The plan that ``make launch-plan`` prints: what to set before an opening, ask for and expect.

What comes of it is arithmetic, and each line shows its own. bench/launch tries out the plan for one
open session. Several sessions and queues it plays with the levers of that one: their plans are not tried.
"""

from datetime import datetime

from msgspec import Struct

from bench.costs import PriceList, read_prices
from bench.launch_bill import bill_of_launch
from bench.launch_calendar import DEPLOY, calendar
from bench.launch_facts import DEFAULTS, Asked, Figure, Figures
from bench.launch_figures import figures
from bench.launch_load import load_of

OF_SES = ("MailersAtOnce", "MailsPerSecond")
"""Parameters that follow the account's rate at SES, and not the size of an opening."""


class Section(Struct, frozen=True):
    """Some lines under a title."""

    title: str
    lines: list[str]

    def __str__(self) -> str:
        return "\n".join([self.title, *(f"  {line}" for line in self.lines)])


def plan(asked: Asked, now: datetime) -> list[Section]:
    """Return what to set, ask for and expect, and what it costs; or that there is nothing to do."""
    listed = read_prices()
    found = figures(asked, listed.assumed)
    if is_carried_by_defaults(found):
        return _nothing_to_do(asked, found, listed)
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


def is_carried_by_defaults(found: Figures) -> bool:
    """Return whether a deployment that sets nothing, in a new account, is enough. SES is left aside."""
    set_otherwise = [
        one.name
        for one in found.settings
        if one.name not in OF_SES and found.parameters.get(one.name) != DEFAULTS.get(one.name, "set by hand")
    ]
    to_ask = [one.name for one in found.quotas if one.to_ask and not _is_of_ses(one)]
    return not set_otherwise and not to_ask


def _nothing_to_do(asked: Asked, found: Figures, listed: PriceList) -> list[Section]:
    load = load_of(asked, listed.assumed)
    why = [
        f"In the busiest second one method of the API gets {load.to_one_method:,} requests. "
        f"It takes {DEFAULTS['RequestsPerSecond']:,}.",
        f"They need {load.write_units:,} write units. A new table takes {DEFAULTS['WarmWritesPerSecond']:,}.",
    ]
    check = [_line(one) for one in (*filter(_is_of_ses, found.quotas), *found.mails)]
    of_ses = {name: found.parameters[name] for name in OF_SES}
    if of_ses != {name: DEFAULTS[name] for name in OF_SES}:
        settings = " ".join(f"{name}={value}" for name, value in of_ses.items())
        check.append(f'Once, if the deployment doesn\'t have the rate of SES yet: {DEPLOY}"{settings}"')
    check += [
        "Whether AWS and DNS are ready: make preflight MAIL_FROM=bookings@your.org",
        "If something goes wrong: make shut STAGE=live (docs/launch-day.md)",
    ]
    people, places = f"{asked.people:,} people", f"{asked.places:,} places"
    return [
        Section(f"Nothing to do: the defaults are enough for {people} and {places}.", why),
        Section("Check anyway", check),
    ]


def _is_of_ses(quota: Figure) -> bool:
    return quota.name.startswith("SES")


def _line(figure: Figure) -> str:
    return f"{figure.name:<34} {figure.value:>14}   {figure.why}"
