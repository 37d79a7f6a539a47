"""Recounts a session of many bookings on DynamoDB Local, a partition a minute, and one of a tenth as many.

What is counted is what DynamoDB charges for. Of processor time it prints ratios only, which any machine
should agree with: whether a booking costs the same in a large session, and how much of it is in one step.
"""

import argparse
import contextlib
import io
import os
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest import mock

from botocore.httpsession import URLLib3Session
from msgspec import Struct

from bench.functions import ENVIRONMENT
from bench.wire import Counted, Recorder
from infra.command import Parser, ends_in_words

if TYPE_CHECKING:
    from chalicelib.domain.session import Session


class Took(Struct, frozen=True):
    """What one recount took."""

    bookings: int
    counted: Counted
    processor: list[float]
    """Its processor seconds, turn by turn."""


def read_arguments(given: Sequence[str]) -> argparse.Namespace:
    """Return how many bookings there are."""
    parser = Parser(
        prog="python -m bench.recount",
        description=__doc__,
        epilog="example:\n  .venv/bin/python -m bench.recount --bookings 100000",
    )
    parser.add_argument(
        "--bookings", type=int, default=100_000, metavar="NUMBER", help="how many (default: %(default)s)"
    )
    return parser.parse_args(given)


def main(given: Sequence[str]) -> None:
    """Recount both sessions, and print what that took."""
    bookings = read_arguments(given).bookings
    os.environ.update(ENVIRONMENT)
    # Imported here: the store reads the environment as it is imported.
    from bench.filling import fill
    from tests.engines import DynamoDBLocal
    from tests.making import make_session

    server = DynamoDBLocal()
    try:
        took = []
        for size in (bookings // 10, bookings):
            with server.fresh_table() as client:
                print(f"Putting {size:,} bookings ...", file=sys.stderr, flush=True)
                session = make_session(capacity=size)
                fill(client, session, range(size))
                took.append(Took(size, _counted(session), _timed(session)))
    finally:
        server.stop()
    print("| bookings | turns | requests | read units | write units | longest turn, of all processor time |")
    print("|---|---|---|---|---|---|")
    for one in took:
        turns, counted = len(one.processor), one.counted
        print(
            f"| {one.bookings:,} | {turns} | {counted.round_trips('dynamodb'):,} | {counted.read:,.0f} "
            f"| {counted.written:g} | {max(one.processor) / sum(one.processor):.0%} |"
        )
    small, large = (sum(one.processor) / one.bookings for one in took)
    print(f"\nProcessor time for a booking, in multiples of the smaller session's: {large / small:.2f}")


def _counted(session: "Session") -> Counted:
    recorder = Recorder()

    def send(http: URLLib3Session, request: Any) -> Any:
        recorder.answers = {}
        return recorder.send(http, request)

    with mock.patch.object(URLLib3Session, "send", send):
        for _ in _turns(session):
            pass
    return recorder.counted


def _timed(session: "Session") -> list[float]:
    processor, began = [], time.process_time()
    for now in _turns(session):
        processor.append(now - began)
        began = now
    return processor


def _turns(session: "Session") -> Iterator[float]:
    """Give it turns of one partition each until its recount ends; yield the processor time after each."""
    from chalicelib.actions.event.recount_session import Recount, recount_session
    from chalicelib.store.recounts import ask_for_recount, watched_sessions
    from tests.making import MADE_AT

    # By then the ledger is asked about all emails.
    now = MADE_AT + timedelta(hours=1)
    ask_for_recount(session.session_id)
    found = None
    while found is None:
        (watched,) = watched_sessions()
        with contextlib.redirect_stdout(io.StringIO()):
            found = recount_session(watched, now=now, is_time_up=lambda: True)
        yield time.process_time()
    assert found == Recount(whole=True), found


if __name__ == "__main__":
    with ends_in_words():
        main(sys.argv[1:])
