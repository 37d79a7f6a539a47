"""The arithmetic of the bills, with numbers that can be worked out by heart."""

import re
from typing import Any

import msgspec
import pytest

from bench.costs import (
    MINUTES_PER_MONTH,
    Assumed,
    Bill,
    Call,
    Line,
    Price,
    PriceList,
    bill_of_a_month,
    bill_of_bookings,
    read_prices,
)
from infra.vendor import ROOT

ASSUMED = Assumed(
    instructions_per_second=1_000_000_000,
    milliseconds_per_round_trip={"dynamodb": 6, "sqs": 10, "sesv2": 80, "ssm": 20},
    cold_starts_share=0.5,
    page_views_per_booking=3,
    unread_share=1.0,
    log_bytes_per_invocation=100,
    pollers_per_queue=5,
    polls_per_minute=3,
    queues_listened_to=2,
    months_stored=2,
)
# A dollar for each of everything: a line then comes to what it counts.
LISTED = PriceList(
    region="nowhere-1",
    prices={name: Price(usd=1, per=1, unit="", page="", known_from="") for name in read_prices().prices},
    assumed=ASSUMED,
)


def call(**changes: Any) -> Call:
    """Return a call of a function of one vCPU that is done in no time and consumes nothing."""
    nothing = Call(memory_mb=1769, instructions=0, start_instructions=0, trips={})
    return msgspec.structs.replace(nothing, **changes)


def bookings(count: int, calls: dict[str, Call]) -> dict[str, float]:
    """Return the lines of a bill of bookings, each by what it is for."""
    bill = bill_of_bookings(count, calls, LISTED, mail_bytes=7, events_per_mail=2, stored_bytes=10)
    return by_name(bill)


def by_name(bill: Bill) -> dict[str, float]:
    """Return what each line comes to."""
    names = [line.what for line in bill.lines]
    assert len(set(names)) == len(names)
    assert bill.usd == pytest.approx(sum(line.usd for line in bill.lines))
    return {line.what: line.usd for line in bill.lines}


def test_a_line_is_a_count_times_how_much_each_times_the_price() -> None:
    line = Line("write units", 10_000, 4, Price(usd=0.625, per=1_000_000, unit="", page="", known_from=""))
    assert line.usd == pytest.approx(0.025)
    shown = re.sub(r" +", " ", str(line))
    assert shown == "write units 10,000 x 4 / 1,000,000 x $0.625 = $0.0250"


def test_a_call_lasts_as_long_as_it_computes_and_waits_in_whole_milliseconds() -> None:
    assert call(instructions=5_000_000).milliseconds(ASSUMED) == 5
    assert call(instructions=5_000_001).milliseconds(ASSUMED) == 6
    assert call(instructions=5_000_000, trips={"dynamodb": 2, "sqs": 1}).milliseconds(ASSUMED) == 27


def test_half_the_memory_is_half_the_processor_and_more_than_one_is_no_use_to_us() -> None:
    assert call(instructions=10_000_000, memory_mb=1769 // 2).milliseconds(ASSUMED) == 21
    assert call(instructions=10_000_000, memory_mb=3538).milliseconds(ASSUMED) == 10


def test_a_cold_start_has_a_whole_processor_whatever_the_memory() -> None:
    assert call(start_instructions=800_000_000, memory_mb=512).start_milliseconds(ASSUMED) == 800


def test_a_booking_pays_for_each_request_invocation_unit_and_byte() -> None:
    lines = bookings(
        10,
        {
            "API": call(
                instructions=2_000_000,
                memory_mb=1769,
                start_instructions=500_000_000,
                written=4,
                read=3,
                log_bytes=50,
                answer_bytes=200,
                secrets_at_start=1,
            )
        },
    )
    gb = 1769 / 1024
    assert lines["requests to API Gateway"] == 10 * (1 + 3)
    assert lines["API: invocations"] == 10
    assert lines["API: GB-s (2 ms, 1769 MB)"] == pytest.approx(10 * 0.002 * gb)
    assert lines["API: GB-s of cold starts (500 ms)"] == pytest.approx(10 * 0.5 * 0.5 * gb)
    assert lines["API: secrets read"] == 10 * 0.5
    assert (lines["API: write units"], lines["API: read units"]) == (40, 30)
    assert lines["API: bytes answered"] == 2000
    assert lines["API: bytes logged"] == 10 * (50 + 100)
    assert lines["queue: send, receive, delete"] == 30
    assert (lines["mails"], lines["bytes of mail"]) == (10, 70)
    assert lines["SES's events to the topic"] == 20
    assert lines["their queue: send, receive, delete"] == 60
    assert lines["bytes stored, 2 months"] == lines["and restorable, 2 months"] == 10 * 10 * 2


def test_a_call_made_twice_for_each_booking_is_paid_twice() -> None:
    lines = bookings(10, {"MailFeedback": call(instructions=1_000_000, written=1, calls=2)})
    assert lines["MailFeedback: invocations"] == 20
    assert lines["MailFeedback: GB-s (1 ms, 1769 MB)"] == pytest.approx(20 * 0.001 * 1769 / 1024)
    assert lines["MailFeedback: write units"] == 20


def test_what_is_part_of_a_call_that_runs_anyway_is_no_invocation_and_no_cold_start() -> None:
    lines = bookings(10, {"Clock": call(trips={"dynamodb": 2}, read=19, log_bytes=5, part_of_another=True)})
    ours = {what: usd for what, usd in lines.items() if what.startswith("Clock")}
    assert ours == {
        "Clock: GB-s (12 ms, 1769 MB)": pytest.approx(10 * 0.012 * 1769 / 1024),
        "Clock: read units": 190,
        "Clock: bytes logged": 50,
    }


def test_a_hundred_times_the_bookings_cost_a_hundred_times_as_much() -> None:
    calls = {"API": call(instructions=1_000_000, written=4)}
    few, many = bookings(100, calls), bookings(10_000, calls)
    assert sum(many.values()) == pytest.approx(100 * sum(few.values()))


def test_a_bill_shows_cents_and_of_less_than_a_dollar_tenths_of_one() -> None:
    price = Price(usd=1, per=1, unit="", page="", known_from="")
    assert str(Bill("", [Line("", 1, 1721.119, price)])) == "$1,721.12"
    assert str(Bill("", [Line("", 1, 0.0172, price)])) == "$0.017"


def test_an_idle_month_pays_for_the_clock_the_polling_and_what_watches() -> None:
    bill = bill_of_a_month("idle", call(read=1), LISTED, alarms=26, dashboards=1, metrics=8)
    lines = by_name(bill)
    assert MINUTES_PER_MONTH == 43_200
    assert lines["Clock: invocations"] == lines["Clock: read units"] == 43_200
    # Two queues, five pollers each, each asking three times a minute.
    assert lines["queues, asked by Lambda"] == 43_200 * 30
    assert (lines["alarms"], lines["dashboards"], lines["custom metrics, at most"]) == (26, 1, 8)
    assert "Clock: GB-s of cold starts (0 ms)" not in lines, "it never gets cold: it runs each minute"


def test_every_price_names_the_vendors_page_and_where_we_have_it_from() -> None:
    listed = read_prices()
    for name, price in listed.prices.items():
        assert price.page.startswith("https://aws.amazon.com/"), name
        assert price.known_from, name
        assert price.usd >= 0, name
        assert price.per > 0, name
    text = (ROOT / "bench" / "prices.toml").read_text()
    assert "CHECK THESE" in text
    # A transaction that writes two items of a unit each, at that price.
    assert Line("", 1_000_000, 4, listed.prices["dynamodb_write"]).usd == pytest.approx(2.50)
