"""What the busiest second of an opening brings: requests, writes, reads, and processes for them."""

from math import ceil, exp

from msgspec import Struct

from bench.costs import VCPU_MB, Assumed
from bench.launch_facts import (
    API_MEMORY_MB,
    BOOKING_INSTRUCTIONS,
    COME_AT_ONCE_SHARE,
    COME_WITHIN_SECONDS,
    IN_TURN_SECONDS,
    READ_UNITS_PER_GLANCE,
    REFRESH_SECONDS,
    REQUESTS_IN_TURN,
    REQUESTS_PER_PROCESS_SECOND,
    SOLD_OUT_SECONDS,
    TRIES_PER_BOOKING,
    UNITS_PER_BOOKING,
    UNITS_PER_TRY,
    WAIT_MS_PER_COUNTER,
    Asked,
    Figure,
)
from chalicelib.store.pools import counters_for


class Load(Struct, frozen=True, kw_only=True):
    """What the busiest second brings."""

    requests: int
    to_one_method: int
    write_units: int
    read_units: int
    """To look at counters."""
    counters: int
    """Of all sessions."""
    processes: int
    why_processes: str
    figures: list[Figure]


def load_of(asked: Asked, assumed: Assumed) -> Load:
    """Return what this opening brings in its busiest second."""
    milliseconds = _milliseconds_per_request(assumed)
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
        # The draw is made beforehand. A person who comes later joins the queue by a request of its own.
        requests = waiting + arriving + bookings * REQUESTS_IN_TURN
        to_one_method = max(waiting, arriving)
        units, looks, booking_ms = bookings * UNITS_PER_BOOKING + arriving, 0, milliseconds
        why = (
            f"{asked.people:,} pages / {REFRESH_SECONDS} s + {arriving:,} who join late + "
            f"{bookings:,} in turn x {REQUESTS_IN_TURN}"
        )
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
    return Load(
        requests=requests,
        to_one_method=to_one_method,
        write_units=units,
        read_units=looks,
        counters=counters * asked.sessions,
        processes=in_tens(max(waiting_here, by_time, by_rate)),
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


def in_tens(number: float) -> int:
    """Return it rounded up to whole tens, or hundreds, or thousands, as is fit for its size."""
    return up(number, 10 if number <= 1000 else 100 if number <= 10_000 else 1000)


def up(number: float, to: int) -> int:
    """Return it rounded up to a multiple."""
    return ceil(number / to) * to
