"""Whatever happens to a session's bookings, its figures are what a count of the bookings themselves says."""

from datetime import datetime, timedelta
from typing import Any, Literal

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from chalicelib.actions.event.ask_for_recounts import ask_for_recounts
from chalicelib.actions.event.recount_session import recount_session
from chalicelib.actions.mail.record_mail_event import Bounce, Complaint, Mail, MailEvent, record_mail_event
from chalicelib.domain.booking import Booking
from chalicelib.domain.check_in import Scan, check_in_undone, checked_in
from chalicelib.domain.event import Event
from chalicelib.domain.figures import Figures
from chalicelib.domain.notices import notice_owed
from chalicelib.domain.questions import Question
from chalicelib.domain.session import Session
from chalicelib.domain.so_far import so_far
from chalicelib.store import capacity, sent_mail
from chalicelib.store.bookings import every_booking, find_booking
from chalicelib.store.check_ins import change_arrivals
from chalicelib.store.figures import figures_of, places_counted
from chalicelib.store.moves import move
from chalicelib.store.recounts import watched_sessions
from tests.faults import Died, dying
from tests.making import MADE_AT, booking_for, make_event, make_session

QUESTIONS = (
    Question(question_id="bread", kind="choice", label="Bread?", choices=("Rye", "Wheat")),
    Question(question_id="ramp", kind="yes_no", label="A ramp?"),
    Question(question_id="say", kind="text", label="Anything else?"),
)
people = st.sampled_from([f"person{number}" for number in range(8)])
answers = st.fixed_dictionaries(
    {},
    optional={
        "bread": st.sampled_from(["Rye", "Wheat", "Spelt"]),
        "ramp": st.booleans(),
        "say": st.just("Hello"),
        "gone": st.just("x"),
    },
)


class Counted(RuleBasedStateMachine):
    """One session. What the stream says comes late, and may come twice; the clock dies where it likes."""

    event: Event
    session: Session
    now: datetime
    stream: list[tuple[Booking | None, Booking]]
    stuck: set[str]
    stood: dict[str, Booking]
    """Who stood after the last change, for preconditions: they are asked several times a step."""

    @initialize()
    def open(self) -> None:
        self.event = make_event(questions=QUESTIONS)
        self.session = make_session(self.event, capacity=60)
        self.now = self.session.starts_at
        self.stream = []
        self.stuck = set()
        self.stood = {}

    @property
    def standing(self) -> dict[str, Booking]:
        found = every_booking(self.session.session_id)
        return {booking.name: booking for booking in found if booking.status == "confirmed"}

    def a_booking(self, data: st.DataObject) -> Booking:
        return self.standing[data.draw(st.sampled_from(sorted(self.standing)))]

    def changed(self, before: Booking | None, after: Booking) -> None:
        """The stream will say so, and the mailer has sent what that owes."""
        self.stream.append((before, after))
        self.stood = self.standing
        if after.status != "moved" and (before is None or before.version != after.version):
            sent_mail.advance(notice_owed(after).identity, "sent", self.now)

    @rule(person=people, places=st.integers(1, 4), answers=answers)
    def book(self, person: str, places: int, answers: dict[str, str | bool]) -> None:
        if person not in self.standing:
            wanted = replace(booking_for(self.session, person, places=places), answers=answers)
            there = find_booking(self.session.session_id, wanted.key)
            if there is None or there.status == "cancelled":
                self.changed(there, capacity.take(self.session, wanted))

    @precondition(lambda self: self.stood)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        booking = self.a_booking(data)
        self.changed(booking, capacity.give_back(booking, MADE_AT, even_if_arrived=True))

    @precondition(lambda self: self.stood)
    @rule(data=st.data(), address=people)
    def correct(self, data: st.DataObject, address: str) -> None:
        booking = self.a_booking(data)
        key = booking_for(self.session, f"new-{address}").key
        if find_booking(self.session.session_id, key) is None:
            moved = move(booking, f"new-{address}@example.org", [key], MADE_AT, new_reference="NEWREFAB")
            self.changed(None, moved)

    @precondition(lambda self: self.stood)
    @rule(data=st.data(), nonce=st.sampled_from("abc"), alone=st.booleans())
    def come(self, data: st.DataObject, nonce: str, alone: bool) -> None:
        """``alone``: nothing else moves the session, which was at rest."""
        booking = self.a_booking(data)
        if alone:
            self.compare()
        if booking.arrived < booking.places and nonce not in booking.undone_nonces:
            scan = Scan(nonce=nonce, places=1, at=self.session.starts_at, token_id="t", where="Door")
            came = change_arrivals(booking, lambda there: checked_in(self.session, there, scan))
            self.changed(booking, came)
        if alone:
            self.compare()

    @precondition(lambda self: any(booking.arrivals for booking in self.stood.values()))
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        came = {name: booking for name, booking in self.standing.items() if booking.arrivals}
        booking = came[data.draw(st.sampled_from(sorted(came)))]
        nonce = booking.arrivals[-1].nonce
        self.changed(booking, change_arrivals(booking, lambda there: check_in_undone(there, nonce)))

    @precondition(lambda self: self.stood)
    @rule(data=st.data(), kind=st.sampled_from(["Bounce", "Complaint", "Reject"]), alone=st.booleans())
    def is_not_delivered(self, data: st.DataObject, kind: str, alone: bool) -> None:
        booking = self.a_booking(data)
        if alone:
            self.compare()
        booking_id, notice, version = notice_owed(booking).identity
        tags = {
            "booking_id": [booking_id],
            "kind": [notice],
            "version": [str(version)],
            "session_id": [self.session.session_id],
        }
        event = MailEvent(
            event_type=kind,
            mail=Mail(message_id="m", destination=[booking.address], tags=tags),
            bounce=Bounce(bounce_type="Permanent") if kind == "Bounce" else None,
            complaint=Complaint() if kind == "Complaint" else None,
        )
        record_mail_event(event, now=self.now)
        self.stuck.add(f"{booking_id}#{version}")
        if alone:
            self.compare()

    @rule(twice=st.booleans())
    def read_stream(self, twice: bool) -> None:
        for _ in range(1 + twice):
            ask_for_recounts(self.stream, [])
        self.stream = []

    @rule(turn=st.booleans(), request=st.integers(0, 40), when=st.sampled_from(["before", "after"]))
    def tick_and_die(self, turn: bool, request: int, when: Literal["before", "after"]) -> None:
        try:
            with dying(request, when):
                self.tick(turn)
        except Died:
            pass

    @rule(turn=st.booleans())
    def tick(self, turn: bool) -> None:
        """A minute passes. The clock recounts what presses, one partition a minute if it has many to do."""
        self.now += timedelta(minutes=1)
        for watched in watched_sessions():
            if watched.presses(self.now):
                recount_session(watched, now=self.now, is_time_up=lambda: turn)

    @rule()
    def compare(self) -> None:
        """Once the stream was read and the clock has ticked enough, the figures are right."""
        self.read_stream(twice=False)
        for _ in range(40):
            self.tick(turn=False)
            if not any(watched.presses(self.now) for watched in watched_sessions()):
                break
        else:
            raise AssertionError("it presses for ever")
        found = figures_of(self.session.event_id)[self.session.session_id]
        expected = self.expected()
        assert found == replace(expected, counted_at=found.counted_at, asks=found.asks)
        counted = places_counted(self.session.event_id)
        numbers = so_far(self.event, [self.session], counted, self.session.starts_at - timedelta(days=1))
        assert (numbers.booked, numbers.places_left) == (expected.places, expected.places_free)

    def expected(self) -> Figures:
        bookings = [it for it in every_booking(self.session.session_id) if it.status != "moved"]
        confirmed = [booking for booking in bookings if booking.status == "confirmed"]
        sums: dict[str, dict[str, tuple[int, int]]] = {}
        for question_id, names in (("bread", ("Rye", "Wheat", "")), ("ramp", ("yes", "no")), ("say", ("",))):
            for name in names:
                chose = [it for it in confirmed if self.chose(it, question_id, name)]
                if chose:
                    sums.setdefault(question_id, {})[name] = (len(chose), sum(it.places for it in chose))
        places = sum(booking.places for booking in confirmed)
        return Figures(
            booked=len(confirmed),
            places=places,
            came=sum(arrival.places for booking in bookings for arrival in booking.arrivals),
            cancelled=len(bookings) - len(confirmed),
            answers=sums,
            emails_in_trouble=sum(f"{it.booking_id}#{it.version}" in self.stuck for it in bookings),
            places_free=60 - places,
            capacity=60,
            counted_at=self.now,
            asks=0,
        )

    @staticmethod
    def chose(booking: Booking, question_id: str, name: str) -> bool:
        answer = {"Spelt": "", "Hello": "", True: "yes", False: "no"}
        said = booking.answers.get(question_id)
        return said is not None and answer.get(said, said) == name

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.compare()


def test_after_any_history_the_figures_are_what_the_bookings_say(dynamodb_local: Any) -> None:
    run_state_machine_as_test(
        Counted,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            # A history that fails is short enough to read, and making it shorter takes minutes.
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
