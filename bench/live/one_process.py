"""One process that calls the handler with API Gateway's events, one at a time, as a Lambda environment does.

Then it books and makes the same transaction by botocore alone, turn by turn, so that both feel the same
machine.
"""

import contextlib
import io
import itertools
import json
import time
import types
from collections.abc import Callable, Iterator
from functools import partial
from threading import Barrier
from typing import Any, TypeVar
from unittest import mock

from botocore.httpsession import URLLib3Session
from botocore.session import get_session
from msgspec import Struct

from bench import events
from bench.live.schedule import Told
from bench.wire import Recorder, call_of

PARTY = 2
WARM_CALLS = 5
PAIRS = 40
BOOKINGS = "/events/{slug}/sessions/{session_id}/bookings"
_SECONDS_MAX = 120

_send = URLLib3Session.send
Done = TypeVar("Done")


class Share(Struct, frozen=True):
    """One process's part: how many come to it, and the sessions of the event ``slug``, by their purpose."""

    number: int
    slug: str
    sessions: dict[str, str]
    people: int


class Took(Struct, frozen=True):
    """What one process took, in seconds of its own processor; ``elapsed`` is by the clock on the wall."""

    told: dict[str, Told]
    elapsed: float
    booking: list[float]
    refusal: list[float]
    paired_booking: list[float]
    paired_call: list[float]


def take_share(share: Share, everybody: Barrier) -> Took:
    """Warm up, wait for everybody, book until all have come, wait again; then the pairs."""
    with contextlib.redirect_stdout(io.StringIO()):
        _read_secrets()
        with _watching() as transactions:
            for number in range(WARM_CALLS):
                _book(share, "warm", number)
        bare_call = _bare_call(transactions[-1], share)
        bare_call()
        everybody.wait(_SECONDS_MAX)
        began = time.monotonic()
        answers = [_timed(partial(_book, share, "load", number)) for number in range(share.people)]
        elapsed = time.monotonic() - began
        everybody.wait(_SECONDS_MAX)
        pairs = [
            (_timed(partial(_book, share, "pairs", number)), _timed(bare_call)) for number in range(PAIRS)
        ]
    assert all(told.outcome == "booked" for (_, told), _ in pairs)
    return Took(
        told={_address(share, "load", number): told for number, (_, told) in enumerate(answers)},
        elapsed=elapsed,
        booking=[seconds for seconds, told in answers if told.outcome == "booked"],
        refusal=[seconds for seconds, told in answers if told.outcome != "booked"],
        paired_booking=[seconds for (seconds, _), _ in pairs],
        paired_call=[seconds for _, (seconds, _) in pairs],
    )


def _book(share: Share, session: str, number: int) -> Told:
    # Imported here: what this module tells about is needed before there is an environment.
    from app import app

    path = {"slug": share.slug, "session_id": share.sessions[session]}
    address = _address(share, session, number)
    body = {"name": "Wilma Load", "email": address, "places": PARTY, "consent": True}
    # Each from a network of its own: one that sends many is held back.
    source = f"10.{share.number}.{number // 250}.{number % 250}"
    answer = app(events.http("POST", BOOKINGS, path, body, source=source), types.SimpleNamespace())
    said = json.loads(answer["body"])
    if answer["statusCode"] == 201:
        return Told("booked", said["reference"], PARTY)
    return Told(said["code"], places=PARTY)


def _address(share: Share, session: str, number: int) -> str:
    return f"{session}-{share.number}-{number}@load.example.org"


def _timed(act: Callable[[], Done]) -> tuple[float, Done]:
    began = time.process_time()
    done = act()
    return time.process_time() - began, done


def _read_secrets() -> None:
    """Let this process read its secrets once; nobody plays SSM here."""
    from chalicelib.store.secrets import key_secret

    recorder = Recorder()

    def send(http: URLLib3Session, request: Any) -> Any:
        return recorder.send(http, request)

    with mock.patch.object(URLLib3Session, "send", send):
        key_secret()


@contextlib.contextmanager
def _watching() -> Iterator[list[dict[str, Any]]]:
    """Yield the transactions that are sent while this lasts."""
    transactions: list[dict[str, Any]] = []

    def send(http: URLLib3Session, request: Any) -> Any:
        if call_of(request) == ("dynamodb", "TransactWriteItems"):
            transactions.append(json.loads(request.body))
        return _send(http, request)

    with mock.patch.object(URLLib3Session, "send", send):
        yield transactions


def _bare_call(transaction: dict[str, Any], share: Share) -> Callable[[], None]:
    """Return what sends such a transaction, for another booking each time, in a session with room for all."""
    # The stubs know a service's calls only by boto3.
    client: Any = get_session().create_client("dynamodb")
    put, update = transaction["TransactItems"]
    text = json.dumps({"TransactItems": [put, update]}).replace(
        share.sessions["warm"], share.sessions["bare"]
    )
    key = put["Put"]["Item"]["SK"]["S"]
    numbers = itertools.count()
    waiting = [
        json.loads(text.replace(key, f"{key[:-8]}{share.number}{number:07}")) for number in range(PAIRS + 1)
    ]

    def call() -> None:
        client.transact_write_items(**waiting[next(numbers)])

    return call
