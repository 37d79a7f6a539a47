"""The numbers of a launch: what its busiest second comes to, in levers and quotas, and why."""

from math import ceil

from msgspec.structs import replace

from bench.costs import Assumed
from bench.launch_facts import (
    BEHIND_A_CARRIER,
    COLD_START_SECONDS,
    DEFAULTS,
    GATEWAY_AT_ONCE,
    IN_TURN_SECONDS,
    KEPT_BACK,
    LOOK_SECONDS,
    MAIL_SECONDS,
    MAILERS_MAX,
    MAILS_PER_SOURCE_MAX,
    MORE_STARTED,
    OTHER_FUNCTIONS,
    READ_UNITS_OF_EVENT,
    READ_UNITS_PER_COUNTER,
    READ_UNITS_PER_POSITION,
    REQUESTS_IN_FIVE_MINUTES,
    REQUESTS_IN_QUEUE_IN_FIVE_MINUTES,
    REQUESTS_PER_PROCESS_SECOND,
    SCARCE_SHARE,
    SHARING_AN_ADDRESS,
    UNEVEN,
    WARM_READS,
    WARM_WRITES,
    Asked,
    Figure,
    Figures,
)
from bench.launch_load import Load, admissions_per_second, in_tens, load_of, up
from bench.launch_quotas import mails, quotas


def figures(asked: Asked, assumed: Assumed) -> Figures:
    """Return the numbers for this launch."""
    load = load_of(asked, assumed)
    behind_edge = replace(asked, is_distributed=True)
    mailers = min(MAILERS_MAX, max(2, ceil(asked.mails_per_second * MAIL_SECONDS * 1.5)))
    others = mailers + OTHER_FUNCTIONS
    left = max(0, asked.lambda_concurrency - KEPT_BACK - others)
    wanted = _may_run(load)
    is_scarce = wanted > left * SCARCE_SHARE
    reserved = min(wanted, left) if is_scarce else 0
    starting = ceil(load.requests * COLD_START_SECONDS)
    may_start_cold = starting <= left * SCARCE_SHARE
    provisioned = 0 if may_start_cold else min(load.processes, left)
    # With nothing reserved, as many as the account has may run.
    at_once = reserved or asked.lambda_concurrency
    let_through = min(load.to_one_method, at_once * REQUESTS_PER_PROCESS_SECOND)
    warm = max(WARM_WRITES, up(load.write_units * UNEVEN, 1000))
    warm_reads, why_reads = _reads(asked, load)
    mails_per_source = max(
        DEFAULTS["MailsPerSourceHour"], min(MAILS_PER_SOURCE_MAX, up(asked.places * BEHIND_A_CARRIER, 100))
    )
    parameters: dict[str, float] = {
        "WarmWritesPerSecond": warm,
        "WarmReadsPerSecond": warm_reads,
        "ReservedConcurrency": reserved,
        "ProvisionedConcurrency": provisioned,
        "RequestsPerSecond": max(DEFAULTS["RequestsPerSecond"], up(let_through, 100)),
        "RequestsBurst": max(DEFAULTS["RequestsBurst"], min(GATEWAY_AT_ONCE, up(let_through, 100))),
        "MailersAtOnce": mailers,
        "MailsPerSecond": asked.mails_per_second,
        "MailsPerSourceHour": mails_per_source,
    }
    why = {
        "WarmWritesPerSecond": (
            f"{load.write_units:,} x {UNEVEN}, for keys fall unevenly on partitions; "
            f"in whole thousands, at least {WARM_WRITES:,}"
        ),
        "WarmReadsPerSecond": why_reads,
        "ReservedConcurrency": (
            _why_reserved(load.processes, wanted, reserved)
            if is_scarce
            else f"{wanted:,} may start, and the account has {left:,} left: that isn't nearly reached"
        ),
        "ProvisionedConcurrency": (
            f"{load.requests:,} requests x {COLD_START_SECONDS} s: {starting:,} processes start at once, "
            f"and the account has {left:,} left: enough"
            if may_start_cold
            else load.why_processes
            if load.processes <= provisioned
            else f"no more than may run; {load.processes:,} wanted"
        ),
        "RequestsPerSecond": (
            f"to one method: {load.to_one_method:,}, "
            f"but not above {at_once:,} processes x {REQUESTS_PER_PROCESS_SECOND}; "
            f"at least {DEFAULTS['RequestsPerSecond']:,}"
        ),
        "RequestsBurst": (
            f"as much, but not above an account's {GATEWAY_AT_ONCE:,}; at least {DEFAULTS['RequestsBurst']:,}"
        ),
        "MailersAtOnce": (
            f"{asked.mails_per_second:,} a second x {MAIL_SECONDS} s each x 1.5, from 2 to {MAILERS_MAX:,}"
        ),
        "MailsPerSecond": "the account's rate at SES",
        "MailsPerSourceHour": (
            f"{asked.places:,} bookings x {BEHIND_A_CARRIER:g}, for phones share their carrier's address; "
            f"from {DEFAULTS['MailsPerSourceHour']} to {MAILS_PER_SOURCE_MAX:,}. More emails wait for an hour"
        ),
    }
    if asked.is_filtered and not asked.is_distributed:
        parameters["RequestsPerSourceFiveMinutes"], why["RequestsPerSourceFiveMinutes"] = per_source(asked)
    settings = [
        Figure(name, f"{value:,}", why[name] + ("; the default" if value == DEFAULTS[name] else ""))
        for name, value in parameters.items()
    ]
    settings += _edge(asked)
    if asked.is_queue:
        admitted = admissions_per_second(asked)
        settings.append(
            Figure(
                "admissions_per_second (event)",
                f"{admitted:,}",
                f"{asked.places:,} places / {IN_TURN_SECONDS} s",
            )
        )
    return Figures(
        expected=load.figures,
        settings=settings,
        quotas=quotas(
            asked,
            requests=in_tens(load.requests),
            warm_writes=warm,
            warm_reads=warm_reads,
            warm_reads_behind_edge=_reads(behind_edge, load_of(behind_edge, assumed))[0],
            concurrency=up(wanted + KEPT_BACK + others, 100),
        ),
        mails=mails(asked),
        parameters=parameters,
    )


def per_source(asked: Asked) -> tuple[int, str]:
    """Return how many requests in five minutes a firewall lets one network address send, and why."""
    each = REQUESTS_IN_QUEUE_IN_FIVE_MINUTES if asked.is_queue else REQUESTS_IN_FIVE_MINUTES
    return SHARING_AN_ADDRESS * each, f"{SHARING_AN_ADDRESS} people behind one address x {each} requests"


def _edge(asked: Asked) -> list[Figure]:
    if not asked.is_distributed:
        return []
    found = [Figure("Distribution", "on", "CloudFront before the API: pages come from there")]
    if asked.is_filtered:
        limit, why = per_source(asked)
        found.append(
            Figure(
                "DistributionFilter",
                "ARN",
                "of a web ACL of scope CLOUDFRONT in us-east-1, with a rate rule by source of "
                f"{limit:,} in five minutes: {why}",
            )
        )
    return found


def _may_run(load: Load) -> int:
    """Return how many processes may run: some are kept started, and more start when they are needed."""
    return in_tens(load.processes * (1 + MORE_STARTED))


def _reads(asked: Asked, load: Load) -> tuple[int, str]:
    """Return the warm read units, and why so many."""
    units, each = READ_UNITS_OF_EVENT, f"{READ_UNITS_OF_EVENT} for event and sessions"
    # From the edge come pages, but no positions: those are asked of the API, and what is left with them.
    if asked.is_queue or not asked.is_distributed:
        units += load.counters * READ_UNITS_PER_COUNTER
        each += f" + {load.counters:,} counters x {READ_UNITS_PER_COUNTER}"
    if asked.is_queue:
        units += READ_UNITS_PER_POSITION
        each += f" + {READ_UNITS_PER_POSITION} for positions in the queue"
    processes = _may_run(load)
    reads = ceil(processes * units / LOOK_SECONDS) + load.read_units
    return max(WARM_READS, up(reads, 1000)), (
        f"{processes:,} processes x ({each}) / {LOOK_SECONDS} s + {load.read_units:,} "
        f"to look at counters = {reads:,}, at least {WARM_READS:,}"
    )


def _why_reserved(processes: int, wanted: int, reserved: int) -> str:
    words = f"{processes:,} kept started, and a third more that may start"
    if reserved == 0:
        words += (
            f"; nothing can be reserved or kept started, for Lambda keeps {KEPT_BACK} of the account's back "
            "and the other functions need the rest: ask for more, and run this again"
        )
    elif reserved < wanted:
        words += f"; the account's quota leaves {reserved:,}, and the rest hear 429 or busy and try again"
    return words
