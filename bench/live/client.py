"""People who book over HTTP, and ask again, with the same key, when no definite answer comes."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from bench.live.schedule import Person, Told

TRIES_MAX = 20
ANSWER_SECONDS_MAX = 35
"""Longer than API Gateway waits for a function."""


class Client:
    """Books in one session."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url

    async def ask(self, person: Person) -> Told:
        """Ask until there is a definite answer: a 429 or 5xx is none, nor is silence."""
        failures: list[str] = []
        while len(failures) < TRIES_MAX:
            try:
                told, failure, pause = await self._ask_once(person)
            except (aiohttp.ClientError, TimeoutError) as error:
                told, failure, pause = None, type(error).__name__, 1.0
            if told is not None:
                return Told(told.outcome, told.reference, person.places, tuple(failures))
            failures.append(failure)
            # Not all at once again.
            await asyncio.sleep(pause * random.uniform(1, 2))
        return Told("nothing", places=person.places, failures=tuple(failures))

    async def _ask_once(self, person: Person) -> tuple[Told | None, str, float]:
        """Return the definite answer, or what came in its place and how long to wait."""
        wanted = {"name": f"Wilma Load {person.number}", "email": person.address, "places": person.places}
        headers = {"Idempotency-Key": f"key-of-person-{person.number}"}
        async with self._http.post(self._url, json={**wanted, "consent": True}, headers=headers) as reply:
            body = await reply.text()
            if reply.status == 201:
                return Told("booked", json.loads(body)["reference"]), "", 0.0
            if reply.status < 500 and reply.status != 429:
                return Told(json.loads(body)["code"]), "", 0.0
            pause = reply.headers.get("Retry-After", "1")
            return None, str(reply.status), float(pause) if pause.isdigit() else 1.0


@asynccontextmanager
async def client(url: str) -> AsyncIterator[Client]:
    """Open a client whose people each have a connection of their own, however many come at once."""
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS_MAX)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
        yield Client(http, url)
