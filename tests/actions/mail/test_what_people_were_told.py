"""Whatever changes, and however messages travel, everybody knows where to go and hears nothing twice."""

import re
from datetime import datetime, timedelta
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
from chalicelib.domain.ids import booking_key
from chalicelib.domain.session import Session
from chalicelib.domain.titles import place
from chalicelib.domain.told import promises_changed
from chalicelib.store import capacity
from chalicelib.store.bookings import find_booking
from chalicelib.store.moves import move
from chalicelib.store.owed_mail import owe_mail_again
from chalicelib.store.own_corrections import correct
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
book = st.tuples(
    st.just("book"), st.sampled_from(["ann", "bob"]), st.sampled_from(["now", "old", "older", "unknown"])
)
deliver = st.tuples(st.just("deliver"), number, st.booleans(), st.sampled_from([None, None, *range(9)]))
steps = st.lists(
    st.one_of(
        change,
        change,
        book,
        st.tuples(st.just("cancel"), number),
        st.tuples(st.just("ask_again"), number),
        st.tuples(st.just("correct"), number, st.booleans()),
        st.tuples(st.just("run_stream")),
        st.tuples(st.just("settle")),
        deliver,
        deliver,
    ),
    min_size=5,
    max_size=25,
)


class Mail(Struct, frozen=True):
    """One email: whom it went to, whether it says that something changed, and what its entry says."""

    to: str
    kind: str
    version: int
    says_changed: bool
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
        entry = vobject.readOne(part.get_content()).vevent
        zone = entry.dtstart.params["X-VOBJ-ORIGINAL-TZID"][0]
        facts = (
            f"{zone} {entry.dtstart.value:%Y%m%dT%H%M%S}",
            entry.location.value,
            entry.geo.value if hasattr(entry, "geo") else "",
        )
        _, kind, version = str(mail["Message-ID"]).partition("@")[0].split(".")
        text = next(part for part in mail.walk() if part.get_content_type() == "text/plain").get_content()
        one = Mail(
            str(mail["To"]),
            kind,
            int(version),
            re.search("(has|have) changed|changed before you booked", text) is not None,
            int(entry.sequence.value),
            facts,
        )
        found.setdefault(entry.uid.value.partition("@")[0], []).append(one)
    return found


class OneSession:
    """One session, two people, an organiser, and queues that deliver late, twice and in any order.

    The people mistype their addresses, and their forms may have been open for long.
    """

    def __init__(self, table: Any, *, deadly: bool) -> None:
        ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages.clear()
        self.chain = Chain(table)
        self.chain.forget()
        self.deadly = deadly
        self.session = make_session()
        self.versions = [self.session]
        self.changed_at: list[datetime] = []
        self.now = NOW
        self.live: dict[str, Booking] = {}
        self.all: dict[str, Booking] = {}
        self.addresses = 0

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
        if self.session.sequence > self.versions[-1].sequence:
            self.changed_at.append(self.now)
            self.versions.append(self.session)

    def book(self, person: str, page: str) -> None:
        if person in self.live:
            return
        late = {"now": 0, "old": 1, "older": 2}
        shown = None if page == "unknown" else max(0, self.session.sequence - late[page])
        wanted = replace(
            booking_for(self.session, person),
            created_at=self.now,
            changed_at=self.now,
            mailed_at=self.now,
            shown=shown,
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

    def correct(self, which: int, by_attendee: bool) -> None:
        if not self.live:
            return
        person = sorted(self.live)[which % len(self.live)]
        booking = self.live[person]
        self.now += timedelta(minutes=1)
        self.addresses += 1
        address = f"{person}{self.addresses}@example.org"
        key = booking_key(b"secret", self.session.session_id, address)
        if by_attendee and not booking.corrected:
            correct(booking, address, [key], self.now, new_reference="NEWREFAB", source="")
        else:
            move(booking, address, [key], self.now, new_reference="NEWREFAB")
        moved = find_booking(self.session.session_id, key)
        assert moved is not None
        self.live[person] = self.all[booking.booking_id] = moved

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
                for address in {mail.to for mail in got}:
                    self.hears_of_each_change_once(booking, [mail for mail in got if mail.to == address])
        for booking in self.live.values():
            newest = [mail for mail in found[booking.booking_id] if mail.to == booking.address][-1]
            self.knows_where_to_go(newest)

    def knows_where_to_go(self, newest: Mail) -> None:
        """All that came after what the newest email says was quiet, or hardly a change."""
        told = self.version_in(newest)
        since = [one for one in self.versions if one.sequence >= self.session.told_sequence]
        assert any(not promises_changed(told, version) for version in since)

    def hears_of_each_change_once(self, booking: Booking, got: list[Mail]) -> None:
        """An email says that something changed if it says otherwise than the one before, or the form."""
        known = self.may_have_read(booking)
        for mail in got:
            if mail.kind == "cancellation":
                continue
            says = self.version_in(mail)
            news = [
                version
                for version in known
                if version.sequence < says.told_sequence and promises_changed(version, says)
            ]
            assert mail.says_changed == bool(news)
            assert mail.says_changed or mail.kind == "confirmation"
            known = [says]

    def may_have_read(self, booking: Booking) -> list[Session]:
        """What stood in the form that was filled in, or for a minute of the ten before, if none says that."""
        if booking.shown is not None:
            return [version for version in self.versions if version.sequence == booking.shown]
        since, booked = booking.created_at - timedelta(minutes=10), booking.created_at
        begun = [since, *self.changed_at]
        ended = [*self.changed_at, booked]
        return [
            version
            for version, begin, end in zip(self.versions, begun, ended, strict=True)
            if min(end, booked) - max(begin, since) >= timedelta(minutes=1)
        ]

    def version_in(self, mail: Mail) -> Session:
        """The session as this email had it. A change's own version is the sequence that it tells of."""
        if mail.kind == "change":
            fits = [version for version in self.versions if version.told_sequence == mail.version]
        else:
            sequence = mail.sequence - (mail.version - 1)
            fits = [version for version in self.versions if version.sequence == sequence]
        return next(version for version in reversed(fits) if facts_of(version) == mail.facts)


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
    # To a wrong address, and corrected then.
    @example([("book", "ann", "now"), ("change", LATE, True, 0), ("settle",), ("correct", 0, True)])
    @example([("book", "ann", "now"), ("settle",), ("change", LATE, True, 0), ("correct", 0, False)])
    # There and back while the form was open, and while a program may have shown it.
    @example([("change", THERE, True, 0), ("change", HERE, True, 0), ("book", "ann", "older")])
    @example([("change", THERE, True, 20), ("change", HERE, True, 0), ("book", "ann", "unknown")])
    @example([("change", THERE, True, 20), ("change", HERE, True, 5), ("book", "ann", "unknown")])
    def history(done: list[tuple[Any, ...]]) -> None:
        one = OneSession(table, deadly=deadly)
        for what, *how in done:
            getattr(one, what)(*how)
        one.check()

    history()
