"""People racing for places, as threads of several processes: each process has hints of its own."""

import multiprocessing
import os
import random
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Literal

from msgspec import Struct

from chalicelib.domain.booking import Booking
from chalicelib.domain.refusals import Busy, Closed, SoldOut
from chalicelib.domain.session import Session
from chalicelib.store import capacity
from chalicelib.store.bookings import find_booking
from chalicelib.store.connection import Item
from chalicelib.store.takers import took_nothing
from tests.faults import ItemLocks, weather
from tests.making import booking_for
from tests.store.history import Deed, timed

PROCESSES = 3
THREADS = 6


class Person(Struct, frozen=True):
    """Who comes, for how many places, and what they do afterwards."""

    name: str
    places: int
    cancels: bool = False
    retries: bool = False
    waits_for_reopening: bool = False


class Race(Struct, frozen=True):
    """One process's share of a race. The shares of faults are tests/faults.py's."""

    session: Session
    people: list[Person]
    seed: int
    starts_at: float
    faults: dict[str, float] = {}
    given_back: bool = False
    """Whether any of them cancels. If none does, a retry must never hear "sold out" of its own booking."""
    locks: Path | None = None
    """If given, transactions on the same item conflict, between processes too (tests/faults.py)."""


class Raced(Struct, frozen=True):
    """What happened, what was sent for it (by operation), and what went wrong on the wire."""

    deeds: list[Deed]
    sent: Counter[str]
    seen: Counter[str]


def crowd(
    seed: int, people: int, *, cancelling: float = 0.0, retrying: float = 0.0, patient: bool = False
) -> list[Person]:
    """Return people who want one to six places each."""
    draw = random.Random(seed)
    return [
        Person(
            f"p{number}", draw.randint(1, 6), draw.random() < cancelling, draw.random() < retrying, patient
        )
        for number in range(people)
    ]


def run(
    session: Session, people: list[Person], seed: int, faults: dict[str, float] | None = None
) -> list[Deed]:
    """Race these people over all processes, everybody at once; return what happened."""
    return race(session, people, seed, faults).deeds


def race(
    session: Session,
    people: list[Person],
    seed: int,
    faults: dict[str, float] | None = None,
    locks: Path | None = None,
) -> Raced:
    """Race these people over all processes, everybody at once; return what happened, and what it took."""
    shuffled = random.Random(seed).sample(people, len(people))
    starts_at = time.monotonic() + 2.5
    given_back = any(person.cancels for person in people)
    races = [
        Race(session, shuffled[n::PROCESSES], seed + n, starts_at, faults or {}, given_back, locks)
        for n in range(PROCESSES)
    ]
    with ProcessPoolExecutor(
        PROCESSES,
        mp_context=_from_nothing(),
        initializer=_take_over,
        initargs=(dict(os.environ), Item.Meta.read_timeout_seconds),
    ) as pool:
        shares = list(pool.map(_race, races))
    return Raced(
        [deed for share in shares for deed in share.deeds],
        sum((share.sent for share in shares), Counter()),
        sum((share.seen for share in shares), Counter()),
    )


def _from_nothing() -> BaseContext:
    # Each racer process starts from nothing, as a Lambda environment does; the imports alone are done once.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _take_over(environment: dict[str, str], read_timeout_seconds: int) -> None:
    os.environ.update(environment)
    Item.Meta.read_timeout_seconds = read_timeout_seconds


def _race(race: Race) -> Raced:
    time.sleep(max(0.0, race.starts_at - time.monotonic()))
    locks = ItemLocks(race.locks) if race.locks else None
    with weather(race.seed, locks, **race.faults) as bad, ThreadPoolExecutor(THREADS) as threads:
        histories = list(threads.map(lambda person: _come(race, person), race.people))
    return Raced([deed for deeds in histories for deed in deeds], bad.sent, bad.seen)


def _finds_a_rush(person: Person) -> bool:
    """Every other one books as just after an opening."""
    return person.name[-1] in "13579"


def _come(race: Race, person: Person) -> list[Deed]:
    session = race.session
    deeds: list[Deed] = []
    wanted = booking_for(session, person.name, places=person.places, request=f"request-{person.name}")
    first_busy: float | None = None
    while True:
        began = time.monotonic()
        try:
            booked = capacity.take(session, wanted, is_rush=_finds_a_rush(person))
        except (Closed, SoldOut) as refusal:
            mine = find_booking(session.session_id, wanted.key) if first_busy is not None else None
            if mine is None:
                what: Literal["closed", "sold_out"] = "closed" if isinstance(refusal, Closed) else "sold_out"
                deeds.append(Deed(what, person.places, began, time.monotonic()))
                if what == "sold_out" or not person.waits_for_reopening:
                    return deeds
                time.sleep(0.2)
                continue
            booked = mine
        except Busy:
            # Busy may hide a lost answer. The same request again finds its own booking then, or is refused
            # without a request: actions/booking/book.py looks for a duplicate after that, and so do we.
            deeds.append(Deed("busy", person.places, began, time.monotonic()))
            first_busy = first_busy or began
            continue
        # It may have taken effect in any try since the first that heard nothing.
        deeds.append(Deed("booked", person.places, first_busy or began, time.monotonic()))
        break
    assert booked.booking_id == wanted.booking_id
    if person.retries:
        _come_again(race, person, booked)
    if person.cancels:
        deeds.append(timed("cancelled", person.places, lambda: _cancel(session, booked.key)))
    return deeds


def _come_again(race: Race, person: Person, booked: Booking) -> None:
    """The reply never arrived: the same request, with a new booking_id, finds the booking that it made."""
    session = race.session
    again = booking_for(session, person.name, places=person.places, request=booked.idempotency_key)
    while True:
        try:
            standing: Booking | None = capacity.take(session, again, is_rush=_finds_a_rush(person))
        except Busy:
            continue
        except (SoldOut, Closed):
            # Known without a request; actions/booking/book.py looks for a duplicate then, and so do we.
            assert race.given_back or not took_nothing(
                session, [again.key], again.idempotency_key, again.places
            )
            standing = find_booking(session.session_id, again.key)
        assert standing is not None
        assert standing.booking_id == booked.booking_id
        return


def _cancel(session: Session, key: str) -> None:
    while True:
        booking = find_booking(session.session_id, key)
        assert booking is not None
        try:
            assert capacity.give_back(booking, datetime.now(UTC)).status == "cancelled"
        except Busy:
            continue
        return
