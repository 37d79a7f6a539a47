"""What the plan for an event needs and costs, by the arithmetic of `make launch-plan`."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from bench.costs import Bill, read_prices
from bench.launch_bill import bill_of_launch
from bench.launch_facts import Figure
from bench.launch_figures import figures
from bench.launch_plan import MAILS_PER_SECOND_MIN, asked_for

PEOPLE = 1000
"""Whom the quotas are compared with if no number of people is given: about as many as they carry anyway."""

_OPENS_IN = timedelta(days=30)
"""Any moment to come: only the calendar of `make launch-plan` depends on it."""


class Plan(Struct, frozen=True, kw_only=True):
    """An event, and what it needs of each quota."""

    people: int
    places: int
    sessions: int
    concurrency: int
    requests: int
    table_writes: int
    table_reads: int
    emails_per_second: int
    emails_per_day: int
    usual_quotas_do: bool
    """Whether what AWS usually grants at Lambda, API Gateway and DynamoDB is enough."""
    bill: Bill
    """What the opening costs beyond an ordinary month."""


def plan_for(options: Mapping[str, str], emails_per_second: float = MAILS_PER_SECOND_MIN) -> Plan:
    """Return the plan for PEOPLE, PLACES and SESSIONS. Raises bench.launch_plan.CannotPlan."""
    now = datetime.now(UTC)
    people = options.get("PEOPLE") or str(PEOPLE)
    variables = {
        "PEOPLE": people,
        "PLACES": options.get("PLACES") or people,
        "SESSIONS": options.get("SESSIONS") or "1",
        "OPENS": (now + _OPENS_IN).isoformat(),
        "MAILS_PER_SECOND": str(max(MAILS_PER_SECOND_MIN, emails_per_second)),
    }
    asked = asked_for(variables, now)
    listed = read_prices()
    found = figures(asked, listed.assumed)
    concurrency, requests, writes, reads, rate, per_day = found.quotas
    return Plan(
        people=asked.people,
        places=asked.places,
        sessions=asked.sessions,
        concurrency=_number(concurrency),
        requests=_number(requests),
        table_writes=_number(writes),
        table_reads=_number(reads),
        emails_per_second=_number(rate),
        emails_per_day=_number(per_day),
        usual_quotas_do=not any(one.to_ask for one in (concurrency, requests, writes, reads)),
        bill=bill_of_launch(asked, found, listed),
    )


def _number(figure: Figure) -> int:
    return int(figure.value.replace(",", ""))
