"""The handler itself against DynamoDB Local, without the emulator between: what it and the database take.

Imported after the environment is set (bench/live/__main__.py), because the store reads it as it is imported.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import psutil
from msgspec import Struct

from bench.live.one_process import PAIRS, PARTY, WARM_CALLS, Share, Took, take_share
from bench.live.reconcile import Books, reconcile
from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from tests.engines import DynamoDBLocal
from tests.making import make_event, make_session

PROCESSES = 4
_SECONDS_MAX = 120


class InProcess(Struct, frozen=True, kw_only=True):
    """What all processes took: processor seconds, where nothing else is said."""

    people: int
    bookings_per_second: float
    handler: float
    """The handler's for one booking."""
    database: float
    """The database's for one booking, with its part of the refusals."""
    refusal: float
    """The handler's for one refusal as sold out."""
    times_the_call: float
    """The handler's for a booking in multiples of the signed call alone, in pairs."""
    books: Books


def in_process(people: int, places: int) -> InProcess:
    """Let this many people book two places each in a session of so many places, and count."""
    server = DynamoDBLocal()
    try:
        with server.fresh_table() as client:
            event = make_event()
            sessions = {
                "warm": _session(event, PROCESSES * WARM_CALLS * PARTY),
                "load": _session(event, places),
                "pairs": _session(event, PROCESSES * PAIRS * PARTY),
                # Ample: there nothing is refused, and it has as many counters as any.
                "bare": _session(event, 100_000),
            }
            took, database = _load(server.pid, event, sessions, people)
            items = _items(client)
    finally:
        server.stop()
    told = {address: last for share in took for address, last in share.told.items()}
    books = reconcile(items, sessions["load"].session_id, told, None)
    return InProcess(
        people=people,
        bookings_per_second=sum(len(share.booking) / share.elapsed for share in took),
        handler=_mean([seconds for share in took for seconds in share.booking]),
        database=database / books.rows,
        refusal=_mean([seconds for share in took for seconds in share.refusal]),
        # The middle one of all: a neighbour on this machine spoils a few, and never the same on both sides.
        times_the_call=median(seconds for share in took for seconds in share.paired_booking)
        / median(seconds for share in took for seconds in share.paired_call),
        books=books,
    )


def _load(server: int, event: Event, sessions: dict[str, Session], people: int) -> tuple[list[Took], float]:
    """Return what each process took, and the database's processor seconds while they booked."""
    ids = {name: session.session_id for name, session in sessions.items()}
    shares = [
        Share(number, event.slug, ids, len(range(number, people, PROCESSES))) for number in range(PROCESSES)
    ]
    # "spawn": each of them starts from nothing, as a Lambda environment does.
    spawn = multiprocessing.get_context("spawn")
    with spawn.Manager() as manager, ProcessPoolExecutor(PROCESSES, mp_context=spawn) as pool:
        everybody = manager.Barrier(PROCESSES + 1)
        running = [pool.submit(take_share, share, everybody) for share in shares]
        everybody.wait(_SECONDS_MAX)
        before = _seconds_of(server)
        everybody.wait(_SECONDS_MAX)
        database = _seconds_of(server) - before
        return [one.result() for one in running], database


def _session(event: Event, places: int) -> Session:
    starts = (datetime.now(UTC) + timedelta(days=365)).replace(tzinfo=None, microsecond=0)
    return make_session(event, capacity=places, starts_local=starts, ends_local=starts + timedelta(hours=3))


def _items(client: Any) -> list[dict[str, Any]]:
    (table,) = client.list_tables()["TableNames"]
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [item for page in pages for item in page["Items"]]


def _seconds_of(process: int) -> float:
    times = psutil.Process(process).cpu_times()
    return times.user + times.system


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
