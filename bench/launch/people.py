"""Who comes on launch day, and what they do.

- 60 in 100 come at the opening: exponentially, 4 seconds in the mean. One in five of these had pressed the
  button too early, in the minute before, and was told when to come.
- The other 40 in 100 come evenly over the two minutes after the opening.
- They are parties of 1 to 4: 30, 45, 10 and 15 in 100. With several sessions, the first is three times as
  popular as the last.
- Whoever is answered 429 or 503 tries again after Retry-After and up to as long again, by chance. Whoever
  hears nothing for five seconds tries again. All tries carry the same Idempotency-Key. After a minute
  without a definite answer they give up. "Sold out" is definite: nobody tries a smaller party.
- One in a hundred of those with a place cancels it, 5 to 60 seconds later.

They come to the action behind the HTTP layer; what that layer computes is part of limits.toml. Pages are
not part of it: they can come from the edge.
"""

import random
from collections import Counter
from collections.abc import Callable

import msgspec
from msgspec import Struct

from bench.launch.cloud import Cloud, TurnedAway
from bench.launch.kernel import Kernel
from bench.launch.ledger import Ledger
from bench.launch.limits import Limits
from chalicelib.actions.booking.book import book
from chalicelib.actions.booking.cancel_booking import cancel_booking
from chalicelib.domain.booking import Booking, Party, require_there
from chalicelib.domain.ids import ID_ENTROPY_BYTES, new_id
from chalicelib.domain.refusals import Busy, Refusal
from chalicelib.store.bookings import find_booking_at
from chalicelib.web.event.lookup import published_event, session_of

AT_THE_OPENING = 0.6
TOO_EARLY = 0.2
BURST_MEAN_SECONDS = 4.0
LATE_SECONDS = 120.0
PARTIES = {1: 30, 2: 45, 3: 10, 4: 15}
PATIENCE_SECONDS = 60.0
NOTHING_HEARD_SECONDS = 5.0
CANCELLING = 0.01

GAVE_UP = "gave up"
CHEATED = "told sold out though it fitted"


class Person(Struct):
    """One party and what became of it."""

    number: int
    session_id: str
    places: int
    comes_at: float
    early_at: float | None = None
    answered_at: float = 0.0
    outcome: str = ""
    """"booked", a refusal's code, or "gave up"."""
    tries: int = 0
    booking: Booking | None = None
    ticket: str | None = None
    admission: str | None = None
    ask_again_seconds: float = 0.0
    joined_at: float = 0.0
    served_at: float | None = None
    """When they were admitted first, where there is a queue (bench/launch/queue.py)."""

    @property
    def address(self) -> str:
        """Their mail address."""
        return f"ada.{self.number}@example.org"

    @property
    def starts_at(self) -> float:
        """When they do the first thing."""
        return self.comes_at if self.early_at is None else self.early_at


def crowd(people: int, sessions: list[str], chance: random.Random) -> list[Person]:
    """Return everybody who comes."""
    weights = [3 - 2 * place / max(1, len(sessions) - 1) for place in range(len(sessions))]
    drawn = zip(
        chance.choices(sessions, weights, k=people),
        chance.choices(list(PARTIES), list(PARTIES.values()), k=people),
        strict=True,
    )
    return [_person(number, session, places, chance) for number, (session, places) in enumerate(drawn)]


def _person(number: int, session: str, places: int, chance: random.Random) -> Person:
    person = Person(number, session, places, chance.uniform(0, LATE_SECONDS))
    if chance.random() < AT_THE_OPENING:
        person.comes_at = chance.expovariate(1 / BURST_MEAN_SECONDS)
        if chance.random() < TOO_EARLY:
            person.early_at = chance.uniform(-60, -1)
    return person


class Booth:
    """Where people press the button."""

    def __init__(
        self, kernel: Kernel, cloud: Cloud, ledger: Ledger, limits: Limits, chance: random.Random, slug: str
    ) -> None:
        self.kernel = kernel
        self.counted: Counter[str] = Counter()
        """All answers by kind, definite or not, and what must not happen."""
        self._cloud = cloud
        self._ledger = ledger
        self._lost_share = limits.assumed.lost_replies_share
        self._chance = chance
        self._slug = slug

    def visit(self, person: Person) -> None:
        """Do as this person does, from beginning to end."""
        if person.early_at is not None:
            early = self._press(person, self._book)
            if early != "not_open_yet":
                self.counted[f"before the opening: {early}"] += 1
            self.kernel.sleep(person.comes_at - self.kernel.now)
        person.outcome = self.until_definite(person, self._book)
        person.answered_at = self.kernel.now
        if person.outcome == "booked" and self._chance.random() < CANCELLING:
            self.kernel.sleep(self._chance.uniform(5, 60))
            if self.until_definite(person, self._cancel) == "cancelled":
                person.outcome = "cancelled"

    def until_definite(self, person: Person, handle: Callable[[Person], str]) -> str:
        """Try until the answer is one."""
        ends = self.kernel.now + PATIENCE_SECONDS
        while self.kernel.now < ends:
            person.tries += 1
            answer = self._press(person, handle)
            if answer:
                return answer
        return GAVE_UP

    def _press(self, person: Person, handle: Callable[[Person], str]) -> str:
        """Return the definite answer, or "" after waiting as the other answers ask."""
        pressed_at = self.kernel.now
        try:
            answer = self._cloud.request(lambda: handle(person))
        except TurnedAway as turned_away:
            self._wait(str(turned_away.status), turned_away.retry_after_seconds)
            return ""
        except Busy as busy:
            self._wait("busy", busy.retry_after_seconds)
            return ""
        if self._chance.random() < self._lost_share:
            self.counted["reply lost"] += 1
            self.kernel.sleep(pressed_at + NOTHING_HEARD_SECONDS - self.kernel.now)
            return ""
        self.counted[answer] += 1
        return answer

    def _wait(self, answer: str, retry_after_seconds: float) -> None:
        self.counted[answer] += 1
        self.kernel.sleep(retry_after_seconds * self._chance.uniform(1, 2))

    def _book(self, person: Person) -> str:
        party = Party(name="Ada Okafor", address=person.address, places=person.places, guests=())
        asked_at = self.kernel.now
        try:
            # As the route does: looked up once, and handed on.
            event = published_event(self._slug)
            booked = book(
                event,
                session_of(event, person.session_id),
                party,
                idempotency_key=f"key-{person.number}",
                now=self.kernel.wall_clock(),
                booking_id=new_id(self._chance.randbytes(ID_ENTROPY_BYTES)),
                source=f"network-{person.number}",
                admission=person.admission,
            )
        except Busy:
            raise
        except Refusal as refusal:
            if refusal.code == "sold_out" and self._ledger.was_cheated(
                person.session_id, person.places, asked_at
            ):
                self.counted[CHEATED] += 1
            return refusal.code
        person.booking = booked.booking
        return "booked"

    def _cancel(self, person: Person) -> str:
        assert person.booking is not None
        try:
            session = session_of(published_event(self._slug), person.session_id)
            booking = require_there(find_booking_at(person.booking.lives_at))
            cancel_booking(session, booking, now=self.kernel.wall_clock())
        except Busy:
            raise
        except Refusal as refusal:
            return refusal.code
        person.booking = msgspec.structs.replace(person.booking, status="cancelled")
        return "cancelled"
