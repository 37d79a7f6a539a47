"""What a launch costs beyond an ordinary month: its levers, and the crowd that doesn't get a place."""

from bench.costs import Bill, Line, PriceList
from bench.launch_facts import (
    ANSWER_BYTES,
    API_MEMORY_MB,
    REFRESH_SECONDS,
    REQUEST_GB_SECONDS,
    UNITS_PER_BOOKING,
    WARM_READS,
    WARM_WRITES,
    Asked,
    Figures,
)
from bench.launch_load import admissions_per_second


def bill_of_launch(asked: Asked, found: Figures, listed: PriceList) -> Bill:
    """Return the bill of this opening; what else a booking takes is in that of `make bench`."""
    prices, set_to = listed.prices, found.parameters
    requests = asked.people * requests_per_person(asked, listed.assumed.page_views_per_booking)
    # Each try to book reaches the API. Pages come from the edge, if there is one.
    at_the_api = asked.people if asked.is_distributed and not asked.is_queue else requests
    kept_gb_seconds = asked.hours * 3600 * API_MEMORY_MB / 1024
    lines = [
        Line("warm for writes, once", set_to["WarmWritesPerSecond"] - WARM_WRITES, 1, prices["warm_write"]),
        Line("warm for reads, once", set_to["WarmReadsPerSecond"] - WARM_READS, 1, prices["warm_read"]),
        Line(
            f"processes kept for {asked.hours:g} h: GB-s",
            set_to["ProvisionedConcurrency"],
            kept_gb_seconds,
            prices["provisioned_gb_second"],
        ),
        Line("requests to API Gateway", at_the_api, 1, prices["api_gateway_request"]),
        Line("APIHandler: invocations", at_the_api, 1, prices["lambda_request"]),
        Line("APIHandler: GB-s", at_the_api, REQUEST_GB_SECONDS, prices["lambda_gb_second"]),
        Line("write units", asked.places, UNITS_PER_BOOKING, prices["dynamodb_write"]),
        Line("emails", asked.places, 1, prices["ses_mail"]),
    ]
    if asked.is_queue:
        lines.append(Line("queue tickets: write units", asked.people, 1, prices["dynamodb_write"]))
    if asked.is_distributed:
        lines += [
            Line("requests to CloudFront", requests, 1, prices["edge_request"]),
            Line("its function", requests, 1, prices["edge_function"]),
            Line("its store, read", requests, 1, prices["edge_store_read"]),
            Line("bytes out of CloudFront", requests, ANSWER_BYTES, prices["edge_data_out"]),
            Line("its secret, a month", 1, 1, prices["secret"]),
        ]
    else:
        lines.append(Line("bytes answered", requests, ANSWER_BYTES, prices["data_out"]))
    if asked.is_filtered:
        lines += [
            Line("firewall with one rule, a month", 1, 1, prices["filter_month"]),
            Line("firewall: requests", requests, 1, prices["filter_request"]),
        ]
    return Bill("the launch", lines)


def requests_per_person(asked: Asked, page_views: float) -> float:
    """Return how many requests one person makes: page views, a try, and looks while waiting in a queue."""
    if not asked.is_queue:
        return 1 + page_views
    # All of them until the last place is taken: some wait for less.
    waits_seconds = asked.places / admissions_per_second(asked)
    return 1 + page_views + waits_seconds / REFRESH_SECONDS
