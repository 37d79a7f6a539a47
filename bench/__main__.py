"""``make bench``: what a booking costs, counted on this machine, and what that comes to on AWS.

Units and round trips are counted on DynamoDB Local, instructions by Valgrind's callgrind in what the zip
holds. Nothing here is timed. It takes some minutes: callgrind is fifty times slower than the processor.
"""

import json
import os
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bench.callgrind import Instructions, count, count_boto3
from bench.costs import Call, bill_of_a_month, bill_of_bookings, read_prices
from bench.functions import ENVIRONMENT, FUNCTIONS
from bench.standing import standing
from bench.targets import missed
from infra.command import Parser, ends_in_words
from infra.package import build
from infra.vendor import ROOT, Target

if TYPE_CHECKING:
    from bench.scene import Played, Step

EVENTS_PER_MAIL = 2
"""SES says of a mail that goes well that it was sent, and that it was delivered."""

_SECRETS_AT_START = {"APIHandler": 1, "Mailer": 1}


def main() -> None:
    """Count all of it, then print it."""
    Parser(prog="python -m bench", description=__doc__, example="make bench").parse_args()
    zips = {target.machine: build(target).zip for target in (Target(machine="arm64"), Target())}
    played = _play()
    with tempfile.TemporaryDirectory() as directory:
        unpacked, recording = Path(directory) / "zip", Path(directory) / "recording.json"
        with zipfile.ZipFile(zips["here"]) as archive:
            archive.extractall(unpacked)
        recording.write_bytes(msgspec.json.encode(played))
        _say("Counting the instructions of boto3 ...")
        boto3 = count_boto3()
        instructions = {}
        for name in FUNCTIONS:
            _say(f"Counting the instructions of {name} ...")
            instructions[name] = count(name, unpacked, recording)
    _print_figures(zips["arm64"].stat().st_size, played, boto3, instructions)
    _print_bills(played, instructions)
    if too_much := missed(played, boto3, instructions):
        sys.exit("\nToo much (bench/targets.py):\n" + "\n".join(f"  {what}" for what in too_much))


def _play() -> "Played":
    _say("Booking on DynamoDB Local ...")
    os.environ.update(ENVIRONMENT)
    # Imported here: the store reads the environment as it is imported.
    from bench.scene import play

    return play()


def _print_figures(
    zip_bytes: int, played: "Played", boto3: int, instructions: dict[str, Instructions]
) -> None:
    api, mailer = instructions["APIHandler"], instructions["Mailer"]
    assert api.yardstick is not None
    rows = [
        ("zip for Lambda", f"{zip_bytes:,} bytes"),
        *(
            (what, _units(played.steps[step]))
            for what, step in (
                ("a booking, warm", "book"),
                ("a booking, in a new process", "book_first"),
                ("a booking for six with two answers, warm", "book_for_six"),
                ("refused before the opening, warm", "not_open"),
                ("refused as sold out, warm", "sold_out"),
                ("the event's page, warm", "page"),
                ("the event's page, read anew", "page_first"),
                ("a booking cancelled by its attendee", "cancel"),
                ("a booking cancelled by an organiser", "cancel_on_behalf"),
                ("a session changed by an organiser", "change_session"),
                ("a session closed or reopened", "close_and_reopen"),
                ("an event changed by an organiser", "change_event"),
                ("a booking listed by name and reference", "stream"),
                ("a mail, with its ledger", "mail"),
                ("what SES says of it", "feedback"),
                ("the page of five hundred sessions, read anew", "page_of_many"),
                ("the figures of five hundred sessions", "figures_of_many"),
                ("a minute with nothing announced", "tick_idle"),
                ("a minute with ten sessions at rest", "tick_waiting"),
                ("a minute with five hundred sessions at rest", "tick_many"),
            )
        ),
        ("the item of a booking for six with two answers", f"{played.large_booking_bytes:,} bytes"),
        ('boto3.client("dynamodb"), for comparison', _millions(boto3)),
        *(
            (
                f"{name} until its client is ready",
                f"{_millions(counted.start)}, {counted.start / boto3:.2f} of that",
            )
            for name, counted in instructions.items()
        ),
        ("a signed TransactWriteItems alone", _millions(api.yardstick)),
        ("a booking in the handler, all of it", _times(api.warm["book"], api.yardstick)),
        ("refused as sold out", _times(api.warm["sold_out"], api.yardstick)),
        ("refused before the opening", _times(api.warm["not_open"], api.yardstick)),
        ("the event's page", _times(api.warm["page"], api.yardstick)),
        ("a mail in the mailer, ticket and all", _times(mailer.warm["mail"], api.yardstick)),
    ]
    print("\nUnits and round trips are the table's.\n\n| figure | counted |\n|---|---|")
    for what, counted in rows:
        print(f"| {what} | {counted} |")


def _units(step: "Step") -> str:
    trips = step.trips("dynamodb")
    return (
        f"{_some(step.written, 'write unit')}, {_some(step.read, 'read unit')}, {_some(trips, 'round trip')}"
    )


def _some(count: float, what: str) -> str:
    return f"{count:g} {what}" if count == 1 else f"{count:g} {what}s"


def _millions(instructions: float) -> str:
    return f"{instructions / 1_000_000:,.1f} million instructions"


def _times(instructions: float, yardstick: float) -> str:
    return f"{_millions(instructions)}, {instructions / yardstick:.1f} x the signed call"


def _print_bills(played: "Played", instructions: dict[str, Instructions]) -> None:
    listed = read_prices()
    steps = played.steps
    share = listed.assumed.unread_share
    booking = _call("APIHandler", steps["book"], instructions, "book")
    page = _call("APIHandler", steps["page"], instructions, "page")
    per_trip = instructions["Clock"].warm["tick_waiting"] / steps["tick_waiting"].trips("dynamodb")
    recount = _difference(steps["tick_moved"], steps["tick_waiting"], per_trip)
    calls = {
        "API, booking": _with_reads(booking, steps["book_first"], steps["book"], share),
        "API, page": msgspec.structs.replace(
            _with_reads(page, steps["page_first"], steps["page"], share),
            calls=listed.assumed.page_views_per_booking,
        ),
        "BookingStream": _call("BookingStream", steps["stream"], instructions, "stream"),
        "Mailer": _call("Mailer", steps["mail"], instructions, "mail"),
        "MailFeedback": msgspec.structs.replace(
            _call("MailFeedback", steps["feedback"], instructions, "feedback"), calls=EVENTS_PER_MAIL
        ),
        # At worst each booking is its session's only one in its minute, in a session that is full.
        "Clock, recount": msgspec.structs.replace(recount, part_of_another=True),
    }
    bills = [
        *(
            bill_of_bookings(
                bookings,
                calls,
                listed,
                mail_bytes=steps["mail"].mail_bytes,
                events_per_mail=EVENTS_PER_MAIL,
                stored_bytes=played.stored_bytes,
            )
            for bookings in (100, 10_000, 1_000_000)
        ),
        *(
            bill_of_a_month(title, _call("Clock", steps[step], instructions, step), listed, **standing())
            for title, step in (
                ("an idle month, nothing announced", "tick_idle"),
                ("an idle month, ten sessions announced", "tick_waiting"),
            )
        ),
    ]
    print(f"\nCosts in {listed.region}, free tier ignored. Prices and what is assumed: bench/prices.toml.")
    for bill in bills:
        print(f"\n{bill.title}: {bill}")
        for line in bill.lines:
            print(f"  {line}")
    print("\n| what | costs |\n|---|---|")
    for bill in bills:
        print(f"| {bill.title} | {bill} |")


def _call(name: str, step: "Step", instructions: dict[str, Instructions], series: str) -> Call:
    return Call(
        memory_mb=_memory_mb(name),
        instructions=instructions[name].warm[series],
        start_instructions=instructions[name].start + instructions[name].first[series],
        trips=_trips(step.requests),
        written=step.written,
        read=step.read,
        log_bytes=step.log_bytes,
        answer_bytes=step.answer_bytes,
        secrets_at_start=_SECRETS_AT_START.get(name, 0),
    )


def _with_reads(call: Call, first: "Step", warm: "Step", share: float) -> Call:
    """Return the call with this share of what a process reads when it has read nothing lately."""
    trips = dict(call.trips)
    trips["dynamodb"] = warm.trips("dynamodb") + share * (first.trips("dynamodb") - warm.trips("dynamodb"))
    return msgspec.structs.replace(call, trips=trips, read=warm.read + share * (first.read - warm.read))


def _difference(with_it: "Step", without: "Step", instructions_per_trip: float) -> Call:
    """Return what a recount adds to a tick, whose instructions are as many as those of other reads."""
    trips = with_it.trips("dynamodb") - without.trips("dynamodb")
    return Call(
        memory_mb=_memory_mb("Clock"),
        instructions=trips * instructions_per_trip,
        start_instructions=0,
        trips={"dynamodb": trips},
        written=with_it.written - without.written,
        read=with_it.read - without.read,
        log_bytes=with_it.log_bytes - without.log_bytes,
    )


def _trips(requests: dict[str, float]) -> dict[str, float]:
    trips: dict[str, float] = {}
    for name, times in requests.items():
        service = name.partition(".")[0]
        trips[service] = trips.get(service, 0) + times
    return trips


def _memory_mb(name: str) -> int:
    config = json.loads((ROOT / ".chalice" / "config.json").read_text())
    functions = config["stages"]["live"]["lambda_functions"]
    memory: int = functions[FUNCTIONS[name].config]["lambda_memory_size"]
    return memory


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    with ends_in_words():
        main()
