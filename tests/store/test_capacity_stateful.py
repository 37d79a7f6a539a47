"""Any sequence of what people and organisers do leaves every count right, with a model beside it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from chalicelib.actions.event.recount_session import recount_session
from chalicelib.domain.booking import Booking
from chalicelib.domain.refusals import BelowBooked, Closed, SoldOut
from chalicelib.domain.session import Session
from chalicelib.store import capacity, capacity_changes, events, hints, takers
from chalicelib.store.bookings import find_booking
from chalicelib.store.recounts import Watched
from tests.making import booking_for, invariants_hold, make_session

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)
people = st.sampled_from([f"person{number}" for number in range(12)])
parties = st.integers(1, 6)


class OneSession(RuleBasedStateMachine):
    """One session and a dozen people. The model: who holds what, and how many places there are."""

    session: Session
    holding: dict[str, Booking]
    cancelled: dict[str, Booking]
    elsewhere: tuple[dict[str, hints.Hint], dict[str, takers.Takers]]

    @initialize(places=st.integers(1, 60))
    def open(self, places: int) -> None:
        self.session = make_session(capacity=places)
        self.holding = {}
        self.cancelled = {}
        self.elsewhere = ({}, {})

    @rule()
    def go_on_in_the_other_process(self) -> None:
        """Of two processes, each with what it believes, the other one is asked from now on."""
        here = (dict(hints._hints), dict(takers._held))
        hints.forget()
        takers.forget()
        hints._hints.update(self.elsewhere[0])
        takers._held.update(self.elsewhere[1])
        self.elsewhere = here

    def a_second_passes(self) -> None:
        """Nobody believes any longer what they heard before: a place may have come back."""
        for hint in (*hints._hints.values(), *self.elsewhere[0].values()):
            hint.forget_limit()

    @property
    def free(self) -> int:
        return self.session.capacity - sum(booking.places for booking in self.holding.values())

    @rule(person=people, places=parties, forgetful=st.booleans())
    def book(self, person: str, places: int, forgetful: bool) -> None:
        """Somebody books with a request of its own; a forgetful process has no hints."""
        if forgetful:
            hints.forget()
        hints.hint_for(self.session).forget_limit()  # a second has passed
        wanted = booking_for(self.session, person, places=places)
        try:
            standing = capacity.take(self.session, wanted)
        except SoldOut:
            # A hint rules a party out before its key is looked at; actions/booking/book.py looks then.
            assert self.free < places
            return
        except Closed:
            assert self.session.status == "closed"
            return
        if person in self.holding:
            assert standing == self.holding[person]
        else:
            assert standing.booking_id == wanted.booking_id
            assert self.free >= places
            self.holding[person] = standing
            self.cancelled.pop(person, None)

    @precondition(lambda self: self.holding)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        """The same request comes again."""
        first = self.holding[data.draw(st.sampled_from(sorted(self.holding)))]
        again = booking_for(self.session, first.name, places=first.places, request=first.idempotency_key)
        try:
            assert capacity.take(self.session, again) == first
        except (SoldOut, Closed):
            # Then it is looked for, and must not pass for a stranger's.
            assert not takers.took_nothing(self.session, [first.key], first.idempotency_key, first.places)
            assert find_booking(self.session.session_id, first.key) == first

    @precondition(lambda self: self.holding)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        person = data.draw(st.sampled_from(sorted(self.holding)))
        booking = self.holding.pop(person)
        self.cancelled[person] = capacity.give_back(booking, NOW)
        assert capacity.give_back(booking, NOW) == self.cancelled[person]
        self.a_second_passes()

    @precondition(lambda self: self.cancelled)
    @rule(data=st.data())
    def retry_a_cancelled_one(self, data: st.DataObject) -> None:
        """A late copy of a request whose booking was cancelled must not book again."""
        gone = self.cancelled[data.draw(st.sampled_from(sorted(self.cancelled)))]
        again = booking_for(self.session, gone.name, places=gone.places, request=gone.idempotency_key)
        try:
            assert capacity.take(self.session, again) == gone
        except (SoldOut, Closed):
            assert not takers.took_nothing(self.session, [gone.key], gone.idempotency_key, gone.places)
            assert find_booking(self.session.session_id, gone.key) == gone

    @precondition(lambda self: self.session.status == "open")
    @rule()
    def sell_the_rest(self) -> None:
        """Somebody takes all that is left. Then strangers are known for what they are, and nobody else is."""
        self.a_second_passes()
        if self.free:
            rest = booking_for(
                self.session, f"rest{len(self.holding) + len(self.cancelled)}", places=self.free
            )
            self.holding[rest.name] = capacity.take(self.session, rest)
        stranger = booking_for(self.session, "stranger")
        with pytest.raises(SoldOut):
            capacity.take(self.session, stranger)
        assert takers.took_nothing(self.session, [stranger.key], stranger.idempotency_key, 1)
        for booking in (*self.holding.values(), *self.cancelled.values()):
            again = (self.session, [booking.key])
            assert not takers.took_nothing(*again, booking.idempotency_key, booking.places)
            # Of the same address, another request is as good as a stranger's.
            assert takers.took_nothing(*again, "another", booking.places)

    @rule(places=st.integers(1, 120))
    def resize(self, places: int) -> None:
        booked = self.session.capacity - self.free
        if places < booked:
            with pytest.raises(BelowBooked) as refused:
                capacity_changes.resize(self.session, places)
            assert refused.value.facts["capacity_min"] == booked
        else:
            self.session = capacity_changes.resize(self.session, places)
            assert self.session.capacity == places
            self.a_second_passes()

    @precondition(lambda self: self.session.status == "open")
    @rule()
    def close(self) -> None:
        self.session = capacity_changes.close(self.session)

    @precondition(lambda self: self.session.status == "closed")
    @rule()
    def reopen(self) -> None:
        self.session = capacity_changes.reopen(self.session)

    @rule()
    def reconcile(self) -> None:
        watched = Watched(session_id=self.session.session_id, event_id=self.session.event_id)
        found = recount_session(watched, now=NOW.replace(year=2020))  # before any mail is due
        assert found is not None
        assert found.drifted_counters == ()

    @invariant()
    def every_count_is_right(self) -> None:
        if not hasattr(self, "session"):
            return
        assert events.find_session(self.session.event_id, self.session.session_id) == self.session
        assert invariants_hold(self.session) == sum(booking.places for booking in self.holding.values())


def test_any_sequence_of_deeds_keeps_the_invariants(dynamodb_local: Any) -> None:
    run_state_machine_as_test(
        OneSession,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
