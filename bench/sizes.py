"""Shows, searches, exports and recounts events of three sizes on DynamoDB Local: what each of it takes.

Half of an event's bookings are in one session, which is the one that is exported and recounted. Requests and
units are what DynamoDB charges for. Processor seconds are this machine's, and what counts the requests is
among them: compare them with each other. The largest size takes half an hour to fill.
"""

import argparse
import contextlib
import importlib
import io
import os
import re
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
    units: float
    """Read and written."""
    processor_seconds: float

    def __str__(self) -> str:
        return f"{self.requests:,} · {self.units:,.0f} · {self.processor_seconds:.2f}"


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

    cells: dict[str, list[str]] = {}
    for sessions, bookings in sizes:
        # One each: dropping a table of many items takes the engine a minute.
        server = DynamoDBLocal()
        try:
            with server.fresh_table() as client:
                for what, took in _played(client, sessions, bookings):
                    print(f"  {what}: {took}", file=sys.stderr, flush=True)
                    cells.setdefault(what, []).append(str(took))
        finally:
            server.stop()
    heads = [f"{sessions:,} sessions, {bookings:,} bookings" for sessions, bookings in sizes]
    print("Each cell: requests · units read and written · processor seconds\n")
    for row in (["", *heads], ["---"] * (1 + len(heads)), *([what, *row] for what, row in cells.items())):
        print(f"| {' | '.join(row)} |")


def _played(client: Any, sessions: int, bookings: int) -> Iterator[tuple[str, Took]]:
    from bench.filling import fill, name_of, put_to_rest
    from tests.engines import forget_process_state
    from tests.making import make_event, make_session

    print(f"Putting {bookings:,} bookings into {sessions:,} sessions ...", file=sys.stderr, flush=True)
    event = make_event()
    large = make_session(event, capacity=bookings // 2)
    others = [
        make_session(event, capacity=bookings // 2 // (sessions - 1), title=f"Town {number}")
        for number in range(sessions - 1)
    ]
    first = 0
    for session in (large, *others):
        fill(client, session, range(first, first + session.capacity))
        first += session.capacity
    put_to_rest(others)

    yield "recount the largest session, and list who booked", _took(lambda: _recount(large))
    yield "recount it again", _took(lambda: _recount(large))
    _took(_tick)
    yield "a minute of the clock, all at rest", _took(_tick)
    forget_process_state()
    page = events.http("GET", "/book/{slug}", {"slug": event.slug}, source="192.0.2.1")
    yield "the event's page", _took(lambda: _call(page))
    yield "its figures", _took(lambda: _call(_admin(event, _EVENT + "/figures")))
    search = _admin(event, _EVENT + "/bookings", query={"q": name_of(42)})
    yield "search by name", _took(lambda: _call(search))
    yield "export the largest session", _took(lambda: _export(event, large))


def _recount(session: "Session") -> None:
    from chalicelib.actions.event.recount_session import Recount, recount_session
    from chalicelib.store.recounts import ask_for_recount, watched_sessions
    from tests.making import MADE_AT

    ask_for_recount(session.session_id)
    (watched,) = (found for found in watched_sessions() if found.session_id == session.session_id)
    # By then the ledger is asked about all emails.
    found = recount_session(watched, now=MADE_AT + timedelta(hours=1))
    assert found == Recount(whole=True), found


def _export(event: "Event", session: "Session") -> None:
    """Get one file after the other."""
    query: dict[str, str] | None = {}
    while query is not None:
        answer = _call(_admin(event, _CSV, session_id=session.session_id, query=query))
        after = re.search(r"cursor=(\w+)", answer["headers"].get("Link", ""))
        query = {"cursor": after[1]} if after else None


def _tick() -> None:
    _handler("Clock")(events.tick(), types.SimpleNamespace())


def _admin(
    event: "Event", resource: str, *, query: dict[str, str] | None = None, **path: str
) -> dict[str, Any]:
    caller = {
        "organiser_id": event.organiser_id, "role": "organiser", "scope": "organiser",
        "token_id": "t" * 16, "token_name": "Bench",
    }  # fmt: skip
    path = {"event_id": event.event_id, **path}
    return events.http("GET", resource, path, source="192.0.2.1", caller=caller, query=query)


def _call(request: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = _handler("APIHandler")(request, types.SimpleNamespace())
    assert answer["statusCode"] == 200, answer
    return answer


def _handler(function: str) -> Any:
    found = FUNCTIONS[function]
    return getattr(importlib.import_module(found.module), found.handler)


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
    return Took(counted.round_trips("dynamodb"), counted.read + counted.written, seconds)


if __name__ == "__main__":
    with ends_in_words():
        main(sys.argv[1:])
