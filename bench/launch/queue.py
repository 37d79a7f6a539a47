"""Who comes to an event with a queue, and what they do.

- So many in 100 (the scenario says) come in the ten minutes before the opening, the others evenly after it.
- They join with their address, and look at their place when the page says (``ask_again_seconds``, and up to
  a quarter of that later: pages load when they load).
- Once served, they exchange their ticket and fill in the form: half of them within 20 seconds, a few take
  minutes. So many in 100 never send it.
- 429, 503 and silence they take like everybody (bench/launch/people.py); patience ends with "sold out".

The clock runs every minute, as a function of its own.
"""

import random
from math import log

from bench.launch.people import CHEATED, GAVE_UP, PARTIES, Booth, Person
from bench.launch.scenarios import Scenario
from chalicelib.actions.queue.admit import admit
from chalicelib.actions.queue.correct_queue import correct_queue
from chalicelib.actions.queue.join_queue import join_queue
from chalicelib.domain.admission_refusals import NotYourTurn
from chalicelib.domain.refusals import Busy, Refusal
from chalicelib.store.queues import READ_SECONDS
from chalicelib.web.event.lookup import published_event
from chalicelib.web.queue.views import position_view

EARLY_SECONDS = 600.0
FORM_MEDIAN_SECONDS, FORM_SIGMA = 20.0, 0.8
CLOCK_SECONDS = 60.0
UNUSED = "admitted, and never booked"


def queue_crowd(scenario: Scenario, session: str, chance: random.Random) -> list[Person]:
    """Return everybody who comes to a queue."""
    assert scenario.queue is not None
    early_share, late_seconds = scenario.queue.early_share, scenario.queue.late_seconds
    parties = chance.choices(list(PARTIES), list(PARTIES.values()), k=scenario.people)
    return [
        Person(
            number,
            session,
            places,
            chance.uniform(-EARLY_SECONDS, 0)
            if chance.random() < early_share
            else chance.uniform(0, late_seconds),
        )
        for number, places in enumerate(parties)
    ]


class QueueBooth(Booth):
    """Where people wait in a queue, and then book."""

    unused_share = 0.0
    """How many of those who are admitted never book."""
    inside = 0
    """How many are there."""

    def visit(self, person: Person) -> None:
        """Do as this person does, from beginning to end."""
        self.inside += 1
        person.joined_at = self.kernel.now
        if self.until_definite(person, self._join) != "joined":
            person.outcome = GAVE_UP
        else:
            person.outcome = self._wait_in_queue(person)
        person.answered_at = self.kernel.now
        self.inside -= 1

    def _wait_in_queue(self, person: Person) -> str:
        while True:
            state = self.until_definite(person, self._look)
            if state in {"sold_out", GAVE_UP}:
                return state
            if state != "served":
                self.kernel.sleep(person.ask_again_seconds * self._chance.uniform(1, 1.25))
                continue
            if (outcome := self._be_served(person)) != "again":
                return outcome

    def _be_served(self, person: Person) -> str:
        answer = self.until_definite(person, self._exchange)
        if answer != "admitted":
            return "again" if answer == "not_your_turn" else answer
        if person.served_at is None:
            person.served_at = self.kernel.now
            if self._chance.random() < self.unused_share:
                return UNUSED
            self.kernel.sleep(self._chance.lognormvariate(log(FORM_MEDIAN_SECONDS), FORM_SIGMA))
        outcome = self.until_definite(person, self._book)
        return "again" if outcome == "not_admitted" else outcome

    def _join(self, person: Person) -> str:
        event = published_event(self._slug)
        joined = join_queue(event, person.address, held=person.ticket, now=self.kernel.wall_clock())
        person.ticket = joined.text
        return "joined"

    def _look(self, person: Person) -> str:
        seen = position_view(published_event(self._slug), person.ticket or "", self.kernel.wall_clock())
        person.ask_again_seconds = seen.ask_again_seconds
        return seen.state

    def _exchange(self, person: Person) -> str:
        asked_at = self.kernel.now
        try:
            event = published_event(self._slug)
            given = admit(event, person.ticket or "", self.kernel.wall_clock())
        except Busy:
            raise
        except NotYourTurn as refusal:
            person.ask_again_seconds = refusal.retry_after_seconds
            return refusal.code
        except Refusal as refusal:
            # What a process knows of the queue may be as old as that.
            fitted_since = asked_at - READ_SECONDS
            if refusal.code == "sold_out" and self._ledger.was_cheated(
                person.session_id, person.places, fitted_since
            ):
                self.counted[CHEATED] += 1
            return refusal.code
        person.admission = given.text
        return "admitted"

    def be_the_clock(self, event_id: str, *, comes_last_at: float) -> None:
        """Correct the queue every minute until everybody is gone."""
        while self.kernel.now < comes_last_at or self.inside:
            try:
                self._cloud.alone(lambda: correct_queue(event_id, self.kernel.wall_clock()))
            except Busy:
                self.counted["a minute of the clock failed"] += 1
            self.kernel.sleep(CLOCK_SECONDS)
