"""Whatever changes, and however messages travel, everybody knows where to go and hears nothing twice."""

from datetime import timedelta
from typing import Any

import pytest
import vobject
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.booking import Booking
from chalicelib.domain.session import Session
from chalicelib.domain.titles import place
from chalicelib.domain.told import promises_changed
from chalicelib.store import capacity
from chalicelib.store.owed_mail import owe_mail_again
from tests.actions.as_routes import cancel_booking, change_session
from tests.actions.callers import NOW, owner_of
from tests.engines import REGION
from tests.mail_chain import Chain, Queue, mails
from tests.mail_faults import dying
from tests.making import booking_for, make_session

pytestmark = pytest.mark.usefixtures("neighbours")

EARLY, LATE = {"starts_local": "2027-09-05T19:00"}, {"starts_local": "2027-09-05T19:30"}
HERE, SPELT, THERE = {"venue": "The Copper Pot"}, {"venue": "the copper pot"}, {"venue": "The Ladle"}
PINS: list[dict[str, Any]] = [
    # 33 metres from one to the next.
    {"latitude": 52.6369, "longitude": -1.1398},
    {"latitude": 52.6372, "longitude": -1.1398},
    {"latitude": 52.6375, "longitude": -1.1398},
    {"latitude": None, "longitude": None},
]
OTHERS = [{"zone": "Europe/Guernsey"}, {"zone": "Europe/London"}, {"title": "Upstairs"}]

number = st.integers(0, 9)
change = st.tuples(
    st.just("change"),
    st.sampled_from([EARLY, LATE, EARLY, LATE, HERE, SPELT, THERE, THERE, *PINS, *OTHERS]),
    st.sampled_from([True, True, True, False]),
    st.sampled_from([0, 5, 20]),
)
book = st.tuples(st.just("book"), st.sampled_from(["ann", "bob"]), st.sampled_from(["now", "old", "unknown"]))
deliver = st.tuples(st.just("deliver"), number, st.booleans(), st.sampled_from([None, None, *range(9)]))
steps = st.lists(
    st.one_of(
        change,
        change,
        book,
        st.tuples(st.just("cancel"), number),
        st.tuples(st.just("ask_again"), number),
        st.tuples(st.just("run_stream")),
        st.tuples(st.just("settle")),
        deliver,
        deliver,
    ),
    min_size=5,
    max_size=25,
)


class Mail(Struct, frozen=True):
    """One email: the first word of its subject, and what its calendar entry says."""

    kind: str
    method: str
    sequence: int
    facts: tuple[str, str, str]


def facts_of(session: Session) -> tuple[str, str, str]:
    """What a calendar entry says of when and where."""
    geo = "" if session.latitude is None else f"{session.latitude};{session.longitude}"
    return f"{session.zone} {session.starts_local:%Y%m%dT%H%M%S}", place(session), geo


def mails_by_booking() -> dict[str, list[Mail]]:
    """Every email that went out, the oldest first, by the booking that its entry is of."""
    found: dict[str, list[Mail]] = {}
    for mail in mails():
        part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
        file = vobject.readOne(part.get_content())
        entry = file.vevent
        zone = entry.dtstart.params["X-VOBJ-ORIGINAL-TZID"][0]
        facts = (
            f"{zone} {entry.dtstart.value:%Y%m%dT%H%M%S}",
            entry.location.value,
            entry.geo.value if hasattr(entry, "geo") else "",
        )
        one = Mail(
            str(mail["Subject"]).partition(" ")[0], file.method.value, int(entry.sequence.value), facts
        )
        found.setdefault(entry.uid.value.partition("@")[0], []).append(one)
    return found


class OneSession:
    """One session, two people, an organiser, and queues that deliver late, twice and in any order."""

    def __init__(self, table: Any, *, deadly: bool) -> None:
        ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages.clear()
        self.chain = Chain(table)
        self.chain.forget()
        self.deadly = deadly
        self.session = make_session()
        self.versions = [self.session]
        self.now = NOW
        self.live: dict[str, Booking] = {}
        self.all: dict[str, Booking] = {}
        self.asked: dict[str, int] = {}

    def change(self, patch: dict[str, Any], tell: bool, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.session = change_session(
            owner_of(self.session),
            self.session.event_id,
            self.session.session_id,
            {**patch, "tell": tell},
            now=self.now,
            expected_version=None,
        )
        self.versions.append(self.session)

    def book(self, person: str, page: str) -> None:
        if person in self.live:
            return
        shown = {"now": self.session.sequence, "old": max(0, self.session.sequence - 1), "unknown": None}
        wanted = replace(
            booking_for(self.session, person),
            created_at=self.now,
            changed_at=self.now,
            mailed_at=self.now,
            shown=shown[page],
        )
        booking = capacity.take(self.session, wanted)
        assert booking.booking_id == wanted.booking_id
        self.live[person] = self.all[booking.booking_id] = booking

    def cancel(self, which: int) -> None:
        if self.live:
            booking = self.live.pop(sorted(self.live)[which % len(self.live)])
            cancel_booking(booking.lives_at, now=self.now)

    def ask_again(self, which: int) -> None:
        if self.live:
            person = sorted(self.live)[which % len(self.live)]
            self.now += timedelta(minutes=1)
            booking = owe_mail_again(self.live[person], self.now, source="", pause=timedelta(0))
            assert booking.mailed_at == self.now
            self.live[person] = booking
            self.asked[booking.booking_id] = self.asked.get(booking.booking_id, 0) + 1

    def run_stream(self) -> None:
        self.chain.run_stream()

    def settle(self) -> None:
        self.chain.settle()

    def deliver(self, which: int, double: bool, dies_at: int | None) -> None:
        queues: list[Queue] = ["mail", "fan-out"]
        waiting = [queue for queue in queues if self.chain.waiting(queue)]
        if not waiting:
            return
        queue = waiting[which % len(waiting)]
        messages = self.chain._queue(queue)._messages
        messages.insert(0, messages.pop(which % len(messages)))
        if double:
            self.chain._sqs.send_message(QueueUrl=self.chain._url(queue), MessageBody=messages[0].body)
        if self.deadly and dies_at is not None:
            with dying(dies_at, applied=double):
                self.chain.deliver(queue, at_most=1)
            self.chain.time_passes()
        else:
            self.chain.deliver(queue, at_most=1)

    def check(self) -> None:
        self.chain.settle()
        found = mails_by_booking()
        for booking_id, booking in self.all.items():
            got = found.get(booking_id, [])
            sequences = [mail.sequence for mail in got]
            assert sequences == sorted(sequences)
            if not self.deadly:
                self.hears_nothing_twice(booking, got)
        for booking in self.live.values():
            self.knows_where_to_go(found[booking.booking_id][-1])

    def knows_where_to_go(self, newest: Mail) -> None:
        """All that came after what the newest email says was quiet, or hardly a change."""
        told = self.version_in(newest)
        since = [one for one in self.versions if one.sequence >= self.session.told_sequence]
        assert any(not promises_changed(told, version) for version in since)

    def hears_nothing_twice(self, booking: Booking, got: list[Mail]) -> None:
        """But for who may not have been shown the change, and was confirmed only after it."""
        kinds = [mail.kind for mail in got]
        asked = self.asked.get(booking.booking_id, 0)
        assert kinds.count("Booked:") <= 1 + asked
        for index, mail in enumerate(got):
            if mail.kind != "New":
                continue
            assert booking.shown is None or booking.shown < self.session.told_sequence
            news = index and promises_changed(self.version_in(got[index - 1]), self.version_in(mail))
            until_then = [one for one in self.versions if one.sequence <= mail.sequence - asked]
            confirmed_late = got[0].sequence >= until_then[-1].told_sequence
            assert news or ("New" not in kinds[:index] and confirmed_late)

    def version_in(self, mail: Mail) -> Session:
        return next(version for version in self.versions if facts_of(version) == mail.facts)


@pytest.mark.parametrize("deadly", [False, True], ids=["late and twice", "and dying"])
def test_any_history_leaves_everybody_told_of_the_present_and_of_nothing_twice(
    table: Any, deadly: bool
) -> None:
    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
    )
    @given(steps)
    @example([("book", "ann", "now"), ("settle",), ("change", LATE, True, 0), ("change", EARLY, True, 0)])
    @example([("book", "ann", "now"), ("settle",), ("change", LATE, True, 0), ("change", THERE, False, 0)])
    @example([("change", LATE, True, 0), ("book", "ann", "now")])
    def history(done: list[tuple[Any, ...]]) -> None:
        one = OneSession(table, deadly=deadly)
        for what, *how in done:
            getattr(one, what)(*how)
        one.check()

    history()
