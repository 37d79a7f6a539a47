"""What the plan costs, by the arithmetic of `make bench` and `make launch-plan`."""

from bench.costs import Bill, Call, bill_of_a_month, read_prices
from bench.standing import standing
from infra.preflight.plan import Plan


def quiet_month() -> Bill:
    """Return what a month costs in which nothing is booked."""
    # How long the clock's function runs only `make bench` can count. That is a few cents a month.
    clock = Call(memory_mb=1, instructions=0, start_instructions=0, trips={})
    return bill_of_a_month("a quiet month", clock, read_prices(), **standing())


def costs(plan: Plan) -> list[str]:
    """Return what a quiet month and the opening cost, in sentences."""
    return [
        f"A quiet month, without bookings: about {_rounded(quiet_month())}, "
        "nearly all of it alarms, dashboard and metrics.",
        f"An opening for {plan.people:,} people and {plan.places:,} places: "
        f"about {_rounded(plan.bill)} more.",
        f"Prices are US dollars in {read_prices().region}, without tax; "
        "other regions differ (bench/prices.toml).",
        "`make bench` counts what each booking costs, and `make launch-plan` shows each part of an opening.",
    ]


def _rounded(bill: Bill) -> str:
    # Cents of dollars would promise more than is known: how often the functions run is a guess.
    return f"${bill.usd:.0f}" if bill.usd >= 5 else f"${bill.usd:.2f}"
