"""The numbers of a launch: how many requests, writes, processes and mails an opening brings, and why."""

from math import ceil, exp

from msgspec import Struct

from bench.costs import VCPU_MB, Assumed
from bench.launch_facts import (
    API_MEMORY_MB,
    BOOKING_INSTRUCTIONS,
    COME_AT_ONCE_SHARE,
    COME_WITHIN_SECONDS,
    GATEWAY_AT_ONCE,
    IN_TURN_SECONDS,
    KEPT_BACK,
    LOOK_SECONDS,
    MAIL_SECONDS,
    MORE_STARTED,
    OTHER_FUNCTIONS,
    READ_UNITS_PER_GLANCE,
    READ_UNITS_PER_LOOK,
    REFRESH_SECONDS,
    REQUESTS_IN_TURN,
    REQUESTS_PER_PROCESS_SECOND,
    SOLD_OUT_SECONDS,
    TRIES_PER_BOOKING,
    UNEVEN,
    UNITS_PER_BOOKING,
    UNITS_PER_TRY,
    WAIT_MS_PER_COUNTER,
    WARM_READS,
    WARM_WRITES,
    Asked,
    Figure,
    Figures,
)
from bench.launch_quotas import mails, quotas
from chalicelib.domain.session import counters_for


def figures(asked: Asked, assumed: Assumed) -> Figures:
    """Return the numbers for this launch."""
    load = _load(asked, _milliseconds_per_request(assumed))
    mailers = max(2, ceil(asked.mails_per_second * MAIL_SECONDS * 1.5))
    others = mailers + OTHER_FUNCTIONS
    left = max(0, asked.lambda_concurrency - KEPT_BACK - others)
    wanted = _in_tens(load.processes * (1 + MORE_STARTED))
    reserved = min(wanted, left)
    # With nothing reserved, as many as the account has may run.
    at_once = reserved or asked.lambda_concurrency
    let_through = min(load.to_one_method, at_once * REQUESTS_PER_PROCESS_SECOND)
    warm = max(WARM_WRITES, _up(load.write_units * UNEVEN, 1000))
    reads = ceil(wanted * READ_UNITS_PER_LOOK / LOOK_SECONDS) + load.read_units
    warm_reads = max(WARM_READS, _up(reads, 1000))
    parameters: dict[str, float] = {
        "WarmWritesPerSecond": warm,
        "WarmReadsPerSecond": warm_reads,
        "ReservedConcurrency": reserved,
        "ProvisionedConcurrency": min(load.processes, reserved),
        "RequestsPerSecond": _up(let_through, 100),
        "RequestsBurst": min(GATEWAY_AT_ONCE, _up(let_through, 100)),
        "MailersAtOnce": mailers,
    }
    why = {
        "WarmWritesPerSecond": (
            f"{load.write_units:,} x {UNEVEN}, for keys fall unevenly on partitions; "
            f"in whole thousands, at least {WARM_WRITES:,}"
        ),
        "WarmReadsPerSecond": (
            f"{wanted:,} processes x {READ_UNITS_PER_LOOK} units / {LOOK_SECONDS} s + {load.read_units:,} "
            f"to look at counters = {reads:,}, at least {WARM_READS:,}"
        ),
        "ReservedConcurrency": _why_reserved(load.processes, wanted, reserved),
        "ProvisionedConcurrency": (
            load.why_processes
            if load.processes <= reserved
            else f"no more than may run; {load.processes:,} wanted"
        ),
        "RequestsPerSecond": (
            f"to one method: {load.to_one_method:,}, "
            f"but not above {at_once:,} processes x {REQUESTS_PER_PROCESS_SECOND}"
        ),
        "RequestsBurst": f"as much, but not above an account's {GATEWAY_AT_ONCE:,}",
        "MailersAtOnce": f"{asked.mails_per_second:g} a second x {MAIL_SECONDS} s a mail x 1.5, at least 2",
    }
    settings = [Figure(name, f"{value:,}", why[name]) for name, value in parameters.items()]
    settings.append(Figure("MailsPerSecond", f"{asked.mails_per_second:g}", "the account's rate at SES"))
    if asked.is_queue:
        admitted = admissions_per_second(asked)
        settings.append(
            Figure(
                "admissions_per_second (event)",
                f"{admitted:,}",
                f"{asked.places:,} places / {IN_TURN_SECONDS} s",
            )
        )
    parameters["MailsPerSecond"] = asked.mails_per_second
    return Figures(
        expected=load.figures,
        settings=settings,
        quotas=quotas(
            asked, _in_tens(load.requests), warm, warm_reads, _up(wanted + KEPT_BACK + others, 100)
        ),
        mails=mails(asked),
        parameters=parameters,
    )


class _Load(Struct, frozen=True, kw_only=True):
    """What the busiest second brings."""

    requests: int
    to_one_method: int
    write_units: int
    read_units: int
    """To look at counters."""
    processes: int
    why_processes: str
    figures: list[Figure]


def _load(asked: Asked, milliseconds: int) -> _Load:
    share = COME_AT_ONCE_SHARE * (1 - exp(-1 / COME_WITHIN_SECONDS))
    arriving = max(1, ceil(asked.people * share))
    each = ceil(asked.places / asked.sessions)
    counters = counters_for(each)
    expected = [
        Figure(
            "come in the first second",
            f"{arriving:,}",
            f"{asked.people:,} x {COME_AT_ONCE_SHARE} x (1 - e^(-1/{COME_WITHIN_SECONDS})): {share:.1%}",
        )
    ]
    if asked.is_queue:
        bookings = admissions_per_second(asked)
        waiting = ceil(asked.people / REFRESH_SECONDS)
        requests = waiting + bookings * REQUESTS_IN_TURN
        to_one_method = waiting
        units, looks, booking_ms = bookings * UNITS_PER_BOOKING + arriving, 0, milliseconds
        why = f"{asked.people:,} pages / {REFRESH_SECONDS} s + {bookings:,} in turn x {REQUESTS_IN_TURN}"
        why_units = f"{bookings:,} bookings x {UNITS_PER_BOOKING} + {arriving:,} late queue tickets x 1"
    else:
        bookings = min(arriving, max(1, ceil(asked.places / SOLD_OUT_SECONDS)))
        views = 0 if asked.is_distributed else arriving
        requests, to_one_method = arriving + views, arriving
        units = min(arriving * UNITS_PER_TRY, asked.places * UNITS_PER_BOOKING)
        looks = arriving * READ_UNITS_PER_GLANCE
        booking_ms = max(milliseconds, ceil(counters * WAIT_MS_PER_COUNTER))
        seen = "pages come from the edge" if asked.is_distributed else f"{views:,} page views"
        why = f"{arriving:,} forms sent + {seen}"
        why_units = (
            f"who comes tries once for {UNITS_PER_TRY}, but no more than {asked.places:,} places x "
            f"{UNITS_PER_BOOKING}, waste included"
        )
    expected += [
        Figure("requests in that second", f"{requests:,}", why),
        Figure("bookings a second", f"{bookings:,}", _why_bookings(asked, arriving)),
        Figure("write units a second", f"{units:,}", why_units),
        Figure(
            "counters of a session",
            f"{counters}",
            f"{each:,} places, one for each 25, at most 98; made by themselves",
        ),
    ]
    tried = bookings if asked.is_queue else arriving
    waiting_here, by_time, by_rate = (
        ceil(tried * booking_ms / 1000),
        ceil(requests * milliseconds / 1000),
        ceil(requests / REQUESTS_PER_PROCESS_SECOND),
    )
    return _Load(
        requests=requests,
        to_one_method=to_one_method,
        write_units=units,
        read_units=looks,
        processes=_in_tens(max(waiting_here, by_time, by_rate)),
        why_processes=(
            f"the largest of {tried:,} bookings x {booking_ms} ms, waiting included = {waiting_here:,}; "
            f"{requests:,} requests x {milliseconds} ms = {by_time:,}; "
            f"{requests:,} / {REQUESTS_PER_PROCESS_SECOND} a process = {by_rate:,}"
        ),
        figures=expected,
    )


def admissions_per_second(asked: Asked) -> int:
    """Return how many people a second are let book, where they book in turn."""
    return max(1, min(5000, ceil(asked.places / IN_TURN_SECONDS)))


def _why_bookings(asked: Asked, arriving: int) -> str:
    if asked.is_queue:
        return f"{asked.places:,} places / {IN_TURN_SECONDS} s"
    return f"{asked.places:,} places / {SOLD_OUT_SECONDS} s, but no more than the {arriving:,} who come"


def _milliseconds_per_request(assumed: Assumed) -> int:
    per_second = assumed.instructions_per_second * API_MEMORY_MB / VCPU_MB
    once = BOOKING_INSTRUCTIONS / per_second * 1000 + assumed.milliseconds_per_round_trip["dynamodb"]
    return ceil(once * TRIES_PER_BOOKING)


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


def _in_tens(number: float) -> int:
    """Return it rounded up to whole tens, or hundreds, or thousands, as is fit for its size."""
    return _up(number, 10 if number <= 1000 else 100 if number <= 10_000 else 1000)


def _up(number: float, to: int) -> int:
    """Return it rounded up to a multiple."""
    return ceil(number / to) * to
