"""From counts to money: each line is a count, times how much of it, times a price."""

import tomllib
from math import ceil
from pathlib import Path

import msgspec
from msgspec import Struct

VCPU_MB = 1769
"""Where Lambda gives one whole vCPU. Source: Lambda developer guide, "Configure Lambda function memory"."""

MINUTES_PER_MONTH = 30 * 24 * 60


class Price(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many dollars for so many of a unit, on whose page it stands, and where we know it from."""

    usd: float
    per: float
    unit: str
    page: str
    known_from: str


class Assumed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can't be measured without an account; bench/prices.toml says why each is what it is."""

    instructions_per_second: float
    milliseconds_per_round_trip: dict[str, float]
    cold_starts_share: float
    page_views_per_booking: float
    unread_share: float
    log_bytes_per_invocation: float
    pollers_per_queue: int
    polls_per_minute: int
    queues_listened_to: int
    months_stored: int


class PriceList(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of bench/prices.toml."""

    region: str
    prices: dict[str, Price]
    assumed: Assumed


def read_prices() -> PriceList:
    """Return the price list. Raises msgspec.ValidationError if bench/prices.toml isn't one."""
    text = Path(__file__).with_name("prices.toml").read_text()
    return msgspec.convert(tomllib.loads(text), PriceList)


class Call(Struct, frozen=True, kw_only=True):
    """One call of one function, as measured: what the function has, executes, sends and consumes."""

    memory_mb: int
    instructions: float
    start_instructions: float
    trips: dict[str, float]
    written: float = 0.0
    read: float = 0.0
    log_bytes: float = 0.0
    answer_bytes: float = 0.0
    secrets_at_start: int = 0
    calls: float = 1.0
    """How many of these there are for each booking, or each tick."""
    part_of_another: bool = False
    """It is more work for a call that is charged for anyway."""

    def milliseconds(self, assumed: Assumed) -> int:
        """Return how long one warm call is charged for: whole milliseconds."""
        per_second = assumed.instructions_per_second * min(1.0, self.memory_mb / VCPU_MB)
        waiting = sum(count * assumed.milliseconds_per_round_trip[name] for name, count in self.trips.items())
        return ceil(self.instructions / per_second * 1000 + waiting)

    def start_milliseconds(self, assumed: Assumed) -> int:
        """Return how long a cold start is charged for."""
        # Lambda lends a whole vCPU while a function starts, and charges for that time since August 2025.
        return ceil(self.start_instructions / assumed.instructions_per_second * 1000)


class Line(Struct, frozen=True):
    """A line of the bill: ``count`` times ``each`` of something at a price."""

    what: str
    count: float
    each: float
    price: Price

    @property
    def usd(self) -> float:
        """What it comes to."""
        return self.count * self.each / self.price.per * self.price.usd

    def __str__(self) -> str:
        per = f" / {self.price.per:,.0f}" if self.price.per != 1 else ""
        return (
            f"{self.what:<44} {self.count:>12,.0f} x {self.each:>12,.4g}{per:>18} x ${self.price.usd:<13.10g}"
            f"= ${self.usd:,.4f}"
        )


class Bill(Struct, frozen=True):
    """Some lines and what they are for."""

    title: str
    lines: list[Line]

    @property
    def usd(self) -> float:
        """The sum."""
        return sum(line.usd for line in self.lines)

    def __str__(self) -> str:
        return f"${self.usd:,.2f}" if self.usd >= 1 else f"${self.usd:.3f}"


def bill_of_bookings(
    bookings: int,
    calls: dict[str, Call],
    listed: PriceList,
    *,
    mail_bytes: float,
    events_per_mail: float,
    stored_bytes: float,
) -> Bill:
    """Return what this many bookings cost, each with its page views, its mail and what SES says of it."""
    prices, assumed = listed.prices, listed.assumed
    requests = 1 + assumed.page_views_per_booking
    lines = [
        Line("requests to API Gateway", bookings, requests, prices["api_gateway_request"]),
        *_of_calls(bookings, calls, listed),
        Line("queue: send, receive, delete", bookings, 3, prices["sqs_request"]),
        Line("stream, read by Lambda", bookings, 1, prices["dynamodb_stream"]),
        Line("mails", bookings, 1, prices["ses_mail"]),
        Line("bytes of mail", bookings, mail_bytes, prices["ses_data"]),
        Line("SES's events to the topic", bookings, events_per_mail, prices["sns_publish"]),
        Line("their queue: send, receive, delete", bookings, 3 * events_per_mail, prices["sqs_request"]),
    ]
    stored = stored_bytes * assumed.months_stored
    lines += [
        Line(f"bytes stored, {assumed.months_stored} months", bookings, stored, prices["dynamodb_storage"]),
        Line(
            f"and restorable, {assumed.months_stored} months", bookings, stored, prices["dynamodb_recovery"]
        ),
    ]
    return Bill(f"{bookings:,} bookings", lines)


def bill_of_a_month(
    title: str, tick: Call, listed: PriceList, *, alarms: int, dashboards: int, metrics: int
) -> Bill:
    """Return what a month costs in which nobody books, and the clock finds what it finds at each tick."""
    prices, assumed = listed.prices, listed.assumed
    polls = assumed.queues_listened_to * assumed.pollers_per_queue * assumed.polls_per_minute
    lines = [
        Line("ticks of the schedule", MINUTES_PER_MONTH, 1, prices["schedule"]),
        *_of_calls(MINUTES_PER_MONTH, {"Clock": tick}, listed, cold=False),
        Line("queues, asked by Lambda", MINUTES_PER_MONTH, polls, prices["sqs_request"]),
        Line("alarms", alarms, 1, prices["alarm"]),
        Line("dashboards", dashboards, 1, prices["dashboard"]),
        Line("custom metrics, at most", metrics, 1, prices["metric"]),
    ]
    return Bill(title, lines)


def _of_calls(times: int, calls: dict[str, Call], listed: PriceList, *, cold: bool = True) -> list[Line]:
    prices, assumed = listed.prices, listed.assumed
    lines: list[Line] = []
    for name, call in calls.items():
        gb = call.memory_mb / 1024
        milliseconds = call.milliseconds(assumed)
        if not call.part_of_another:
            lines.append(Line(f"{name}: invocations", times, call.calls, prices["lambda_request"]))
        gb_seconds = call.calls * milliseconds / 1000 * gb
        what = f"{name}: GB-s ({milliseconds} ms, {call.memory_mb} MB)"
        lines.append(Line(what, times, gb_seconds, prices["lambda_gb_second"]))
        if cold and not call.part_of_another:
            lines += _of_cold_starts(times, name, call, listed)
        for what, units, price in (
            ("write units", call.written, "dynamodb_write"),
            ("read units", call.read, "dynamodb_read"),
            ("bytes answered", call.answer_bytes, "data_out"),
            (
                "bytes logged",
                call.log_bytes + (0 if call.part_of_another else assumed.log_bytes_per_invocation),
                "logs",
            ),
        ):
            if units:
                lines.append(Line(f"{name}: {what}", times, call.calls * units, prices[price]))
    return lines


def _of_cold_starts(times: int, name: str, call: Call, listed: PriceList) -> list[Line]:
    starts = call.calls * listed.assumed.cold_starts_share
    milliseconds = call.start_milliseconds(listed.assumed)
    gb_seconds = starts * milliseconds / 1000 * call.memory_mb / 1024
    what = f"{name}: GB-s of cold starts ({milliseconds} ms)"
    lines = [Line(what, times, gb_seconds, listed.prices["lambda_gb_second"])]
    if call.secrets_at_start:
        secrets = starts * call.secrets_at_start
        lines.append(Line(f"{name}: secrets read", times, secrets, listed.prices["kms_request"]))
    return lines
