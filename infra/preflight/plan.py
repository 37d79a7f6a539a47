"""What the plan for an event needs and costs, by the arithmetic of `make launch-plan`."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from bench.costs import Bill, read_prices
from bench.launch_bill import bill_of_launch
from bench.launch_facts import (
    GATEWAY_PER_SECOND,
    MAILS_PER_SECOND_MIN,
    SANDBOX_MAILS,
    TABLE_UNITS,
    Asked,
    Figure,
)
from bench.launch_figures import figures

PEOPLE = 1000
"""What the quotas are compared with if no number of people is given."""

_LAMBDA_CONCURRENCY = 1000
"""What AWS usually grants. Source: Lambda developer guide, "Lambda quotas"."""

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


def plan_for(people: int, places: int, sessions: int, emails_per_second: float = 1) -> Plan:
    """Return the plan for this many people, places and sessions, at the rate of the account."""
    asked = Asked(
        people=people,
        places=places,
        opens_at=datetime.now(UTC) + _OPENS_IN,
        sessions=sessions,
        is_queue=False,
        mails_per_second=max(MAILS_PER_SECOND_MIN, emails_per_second),
        mails_per_day=SANDBOX_MAILS,
        lambda_concurrency=_LAMBDA_CONCURRENCY,
        requests_per_second=GATEWAY_PER_SECOND,
        table_units=TABLE_UNITS,
        hours=2,
        is_distributed=False,
        is_filtered=False,
    )
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
