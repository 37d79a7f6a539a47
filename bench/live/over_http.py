"""People who book over HTTP in the packaged system as `make run` starts it, until the last mail is out.

Imported after the environment is set (bench/live/__main__.py), because what plays the tests reads it.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct

from bench.live.client import client
from bench.live.processor import Meter
from bench.live.reconcile import Books, Notice, reconcile
from bench.live.schedule import Person, Visit, let_come
from infra.local.demo import SLUG
from infra.local.functions_log import FunctionsLog
from tests.e2e.stack import Stack

NOTHING_NEW_SECONDS_MAX = 150
"""How long no mail may come before we stop to wait: two rounds of the clock, which finds what was lost."""

_LOOK_SECONDS = 0.5
_STOP_SECONDS_MAX = 180


class OverHttp(Struct, frozen=True, kw_only=True):
    """What came of it."""

    visits: list[Visit]
    load_seconds: float
    mail_seconds: float
    """From the first arrival to the last mail."""
    sent_after_seconds: float
    """From the last booking's answer to the last mail."""
    delivered_after_seconds: float
    """From the last booking's answer until the ledger knew that the last mail was delivered."""
    deliveries: int
    """How many mails were delivered, as the ledger has it."""
    errors: list[str]
    """What the functions logged as errors, in words."""
    used: dict[str, float]
    """Processor seconds by process, from the first arrival to the last mail."""
    client_used: float
    workers: int
    """How many processes the API's function had."""
    books: Books


def over_http(people: Sequence[Person], places: int) -> OverHttp:
    """Start the system afresh, let them come, wait for the mails, reconcile, and stop it."""
    with tempfile.TemporaryDirectory() as directory:
        stack = Stack(Path(directory))
        stack.start()
        try:
            return _load(stack, people, places)
        finally:
            stack.stop_unheard(_STOP_SECONDS_MAX)


def _load(stack: Stack, people: Sequence[Person], places: int) -> OverHttp:
    starts = (datetime.now(UTC) + timedelta(days=365)).replace(tzinfo=None, microsecond=0)
    ends = starts + timedelta(hours=3)
    session = stack.new_session(capacity=places, starts_local=starts.isoformat(), ends_local=ends.isoformat())
    url = f"{stack.notes['base_url']}/events/{SLUG}/sessions/{session}/bookings"
    began, began_at, own = time.monotonic(), time.time(), time.process_time()
    with Meter(stack.process_id) as meter:
        visits = asyncio.run(_come(url, people))
        load_seconds, client_used = time.monotonic() - began, time.process_time() - own
        booked = [visit.person.comes_at + visit.waited for visit in visits if visit.told.outcome == "booked"]
        # Only their number, and only on disk: to look must not be part of the load.
        _wait_for(lambda: len(_sent(stack)), len(booked))
        mail_seconds = time.monotonic() - began
    _wait_for(lambda: len(_delivered(stack)), len(booked))
    answered_at, delivered = began_at + max(booked, default=0), _delivered(stack)
    return OverHttp(
        visits=visits,
        load_seconds=load_seconds,
        mail_seconds=mail_seconds,
        sent_after_seconds=max(_sent(stack), default=answered_at) - answered_at,
        delivered_after_seconds=max(delivered, default=answered_at) - answered_at,
        deliveries=len(delivered),
        used=meter.seconds(),
        client_used=client_used,
        workers=meter.count("APIHandler"),
        books=_settled_books(stack, session, visits),
        errors=FunctionsLog(stack.build / "functions.log").new_errors(),
    )


async def _come(url: str, people: Sequence[Person]) -> list[Visit]:
    async with client(url) as opened:
        return await let_come(people, opened.ask)


def _wait_for(counted: Callable[[], int], count: int) -> None:
    """Wait until so many are there, or until none came for long."""
    seen, seen_at = -1, time.monotonic()
    while seen < count and time.monotonic() - seen_at < NOTHING_NEW_SECONDS_MAX:
        there = counted()
        if there != seen:
            seen, seen_at = there, time.monotonic()
        time.sleep(_LOOK_SECONDS)


def _sent(stack: Stack) -> list[float]:
    """Return when each mail came to the sink."""
    return [mail.stat().st_mtime for mail in (stack.build / "mails").glob("*.eml")]


def _delivered(stack: Stack) -> list[float]:
    """Return when each mail became delivered in the ledger."""
    lines = [item for item in _items(stack) if item["PK"]["S"].startswith("NOTICE#")]
    return [int(line["changed_at"]["N"]) / 1000 for line in lines if line["state"]["S"] == "delivered"]


def _settled_books(stack: Stack, session: str, visits: Sequence[Visit]) -> Books:
    """Reconcile; if it doesn't agree, again a moment later: the last mail is sent before it is noted."""
    told = {visit.person.address: visit.told for visit in visits}
    for pause in (1, 2, 5, 10, 0):
        books = reconcile(_items(stack), session, told, _mails(stack))
        if not books.differences:
            break
        time.sleep(pause)
    return books


def _items(stack: Stack) -> list[dict[str, Any]]:
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=stack.notes["table"])
    return [item for page in pages for item in page["Items"]]


def _mails(stack: Stack) -> list[Notice]:
    return [(mail.tags["booking_id"], mail.tags["kind"]) for mail in stack.inbox.mails()]
