"""Shows, searches, exports and recounts events of three sizes on DynamoDB Local: what each of it takes.

Requests and units are what DynamoDB charges for. Processor seconds are this machine's, and what counts the
requests is among them: compare them with each other.
"""

import argparse
import contextlib
import importlib
import io
import os
import sys
import time
import types
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest import mock

from botocore.httpsession import URLLib3Session
from msgspec import Struct

from bench import events
from bench.functions import ENVIRONMENT, FUNCTIONS
from bench.wire import Counted, Recorder
from infra.command import Parser, ends_in_words

if TYPE_CHECKING:
    from chalicelib.domain.event import Event
    from chalicelib.domain.session import Session

_SIZES = ((40, 3_000), (500, 20_000), (5_000, 100_000))
_EVENT = "/admin/events/{event_id}"
_CSV = _EVENT + "/sessions/{session_id}/bookings.csv"


class Took(Struct, frozen=True):
    """What something took."""

    requests: int
    read: float
    written: float
    processor_seconds: float


def read_arguments(given: Sequence[str]) -> argparse.Namespace:
    """Return how many of the sizes are played."""
    parser = Parser(
        prog="python -m bench.sizes",
        description=__doc__,
        epilog="example:\n  .venv/bin/python -m bench.sizes --sizes 2",
    )
    parser.add_argument(
        "--sizes", type=int, choices=(1, 2, 3), default=3, help="how many, the smallest first (default: all)"
    )
    return parser.parse_args(given)


def main(given: Sequence[str]) -> None:
    """Play each size on a table of its own, and print a table."""
    sizes = _SIZES[: read_arguments(given).sizes]
    os.environ.update(ENVIRONMENT)
    # Imported here: the store reads the environment as it is imported.
    from tests.engines import DynamoDBLocal

    server = DynamoDBLocal()
    print("| | sessions | bookings | requests | read units | write units | processor seconds |")
    print("|---|---|---|---|---|---|---|")
    try:
        for sessions, bookings in sizes:
            with server.fresh_table() as client:
                for what, took in _played(client, sessions, bookings):
                    print(
                        f"| {what} | {sessions:,} | {bookings:,} | {took.requests:,} | {took.read:,.0f} "
                        f"| {took.written:,.0f} | {took.processor_seconds:.2f} |",
                        flush=True,
                    )
    finally:
        server.stop()


def _played(client: Any, sessions: int, bookings: int) -> Iterator[tuple[str, Took]]:
    from bench.filling import fill, name_of
    from tests.engines import forget_process_state
    from tests.making import make_event, make_session

    print(f"Putting {bookings:,} bookings into {sessions:,} sessions ...", file=sys.stderr, flush=True)
    event, each = make_event(), bookings // sessions
    made = [make_session(event, capacity=each, title=f"Town {number}") for number in range(sessions)]
    for number, session in enumerate(made):
        fill(client, session, range(number * each, (number + 1) * each))

    yield "recount all, and list who booked", _took(_recount_all)
    yield "recount all again", _took(_recount_all)
    _took(_tick)
    yield "a minute of the clock, all at rest", _took(_tick)
    forget_process_state()
    page = events.http("GET", "/book/{slug}", {"slug": event.slug}, source="192.0.2.1")
    yield "the event's page", _took(lambda: _call("APIHandler", page, expect=200))
    yield "its figures", _took(lambda: _call("APIHandler", _admin(event, _EVENT + "/figures"), expect=200))
    search = _admin(event, _EVENT + "/bookings", query={"q": name_of(42)})
    yield "search by name", _took(lambda: _call("APIHandler", search, expect=200))
    yield "export all", _took(lambda: _export(event, made))


def _recount_all() -> None:
    from chalicelib.actions.event.recount_session import Recount, recount_session
    from chalicelib.store.recounts import ask_for_recount, watched_sessions
    from tests.making import MADE_AT

    # By then the ledger is asked about all emails.
    now = MADE_AT + timedelta(hours=1)
    for watched in watched_sessions():
        ask_for_recount(watched.session_id)
        found = recount_session(watched, now=now)
        assert found == Recount(whole=True), found


def _tick() -> None:
    _call("Clock", events.tick())


def _export(event: "Event", sessions: Sequence["Session"]) -> None:
    for session in sessions:
        _call("APIHandler", _admin(event, _CSV, session_id=session.session_id), expect=200)


def _admin(
    event: "Event", resource: str, *, query: dict[str, str] | None = None, **path: str
) -> dict[str, Any]:
    caller = {
        "organiser_id": event.organiser_id, "role": "organiser", "scope": "organiser",
        "token_id": "t" * 16, "token_name": "Bench",
    }  # fmt: skip
    path = {"event_id": event.event_id, **path}
    return events.http("GET", resource, path, source="192.0.2.1", caller=caller, query=query)


def _call(function: str, event: dict[str, Any], *, expect: int | None = None) -> None:
    found = FUNCTIONS[function]
    handler = getattr(importlib.import_module(found.module), found.handler)
    answer = handler(event, types.SimpleNamespace())
    assert expect is None or answer["statusCode"] == expect, answer


def _took(do: Callable[[], object]) -> Took:
    recorder = Recorder()

    def send(http: URLLib3Session, request: Any) -> Any:
        recorder.answers = {}
        return recorder.send(http, request)

    with (
        mock.patch.object(URLLib3Session, "send", send),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        began = time.process_time()
        do()
        seconds = time.process_time() - began
    counted: Counted = recorder.counted
    return Took(counted.round_trips("dynamodb"), counted.read, counted.written, seconds)


if __name__ == "__main__":
    with ends_in_words():
        main(sys.argv[1:])
