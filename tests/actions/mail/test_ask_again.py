"""Asking for an email again: the same one write for everybody, and what the stream's function makes of it."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.actions.event.recount_session import Recount, recount_session
from chalicelib.actions.mail.answer_ask import answer_ask
from chalicelib.actions.mail.ask_again import ask_again
from chalicelib.actions.mail.send_notice import send_notice
from chalicelib.domain.booking import AskedAgain, Booking
from chalicelib.domain.event import Event
from chalicelib.domain.ids import booking_key, source_hash
from chalicelib.domain.notices import notice_owed
from chalicelib.domain.refusals import Busy, Cancelled, SessionOver
from chalicelib.domain.session import Session
from chalicelib.store import capacity, capacity_changes, sent_mail
from chalicelib.store.asked_again import ask_from_image
from chalicelib.store.bookings import every_booking, find_booking
from chalicelib.store.mail_limits import MAILS_AGAIN_PER_RECIPIENT_DAY_MAX, MAILS_PER_RECIPIENT_DAY_MAX
from chalicelib.store.moves import move
from chalicelib.store.owed_mail import owe_mail_again
from chalicelib.store.recounts import remember_recount, watched_sessions
from chalicelib.store.secrets import key_secret
from tests.faults import weather
from tests.making import booking_for, make_event, make_session
from tests.wire import answered_with, losing, requests_counted

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)
THERE = "198.51.100.1"


@pytest.fixture
def event(table: Any) -> Event:
    return make_event()


@pytest.fixture
def session(event: Event) -> Session:
    return make_session(event, capacity=10)


def booked(
    session: Session, person: str = "ada", ordinal: int = 0, *, settled: bool = True, source: str = ""
) -> Booking:
    key = booking_key(key_secret(), session.session_id, f"{person}@example.org", ordinal)
    wanted = replace(
        booking_for(session, person), key=key, ordinal=ordinal, source=source, mailed_at=NOW, changed_at=NOW
    )
    made = capacity.take(session, wanted)
    if settled:
        settle_mail(made)
    return made


def settle_mail(booking: Booking) -> None:
    notice = notice_owed(booking)
    sent_mail.advance((notice.booking_id, notice.kind, notice.version), "sent", NOW)


def ask(event: Event, session: Session, person: str = "ada", *, now: datetime = LATER) -> None:
    ask_again(event, session, f"{person}@example.org", now=now, source=THERE, request_id="request-1")


def asks(table: Any) -> Iterator[AskedAgain]:
    """Yield who asks by now, as the stream would tell of it."""
    for item in table.scan(TableName="turnout-test")["Items"]:
        if item["SK"]["S"] == "ASKED":
            yield ask_from_image(item)


def answer(table: Any) -> None:
    for asked in asks(table):
        answer_ask(asked)


def stored(booking: Booking) -> Booking:
    found = find_booking(booking.session_id, booking.key)
    assert found is not None
    return found


def test_who_has_booked_is_owed_the_email_again_and_it_counts_against_whoever_asks(
    event: Event, session: Session, table: Any
) -> None:
    first = booked(session)
    ask(event, session)
    assert stored(first) == first, "the asking itself changes no booking"
    answer(table)
    asker = source_hash(key_secret(), THERE)
    again = replace(first, mailed_at=LATER, version=2, asked_from=asker, request_id="request-1")
    assert stored(first) == again


@pytest.mark.parametrize("bookings_max", [1, 3])
def test_everybody_who_asks_costs_the_same_one_write_that_names_nobody(table: Any, bookings_max: int) -> None:
    event = make_event(bookings_per_address_max=bookings_max)
    session = make_session(event)
    booked(session)
    key_secret()
    for person in ("ada", "stranger"):
        with requests_counted() as sent:
            ask(event, session, person)
        assert sent == {"PutItem": 1}
    items = [item for item in table.scan(TableName="turnout-test")["Items"] if item["SK"]["S"] == "ASKED"]
    assert len(items) == 2
    assert {len(str(item)) for item in items} == {len(str(items[0]))}, "nor does its size tell them apart"
    assert not any(word in str(items) for word in ("ada", "stranger", "example.org", THERE))
    assert all(int(item["expires"]["N"]) == (LATER + timedelta(days=1)).timestamp() for item in items)


def test_all_that_an_address_has_booked_is_sent_again_and_nobody_elses(table: Any) -> None:
    event = make_event(bookings_per_address_max=3)
    session = make_session(event)
    three = [booked(session, ordinal=ordinal) for ordinal in range(3)]
    other = booked(session, "bo")
    capacity.give_back(three[1], NOW)
    ask(event, session)
    answer(table)
    assert [stored(booking).mailed_at for booking in three] == [LATER, NOW, LATER]
    assert stored(other) == other


def test_asking_again_within_ten_minutes_of_the_last_email_owes_none(
    event: Event, session: Session, table: Any
) -> None:
    first = booked(session)
    for minutes in (1, 9, 10, 12, 19):
        ask(event, session, now=NOW + timedelta(minutes=minutes))
        answer(table)
    assert stored(first).mailed_at == NOW + timedelta(minutes=10)
    assert stored(first).version == 2


def test_asking_while_the_email_is_on_its_way_does_not_send_it_to_the_back_of_the_queue(
    event: Event, session: Session, table: Any
) -> None:
    first = booked(session, settled=False)
    for minutes in (11, 22, 33):
        ask(event, session, now=NOW + timedelta(minutes=minutes))
        answer(table)
    assert stored(first) == first


@pytest.mark.parametrize("reason", ["recipient_limit", "source_limit", "throttled"])
@pytest.mark.parametrize("source", [THERE, "203.0.113.7"])
def test_a_mail_that_waits_is_not_owed_anew_whoever_asks_until_it_is_settled(
    event: Event, session: Session, table: Any, reason: str, source: str
) -> None:
    first = booked(session, settled=False, source=source_hash(key_secret(), source))
    lease = sent_mail.take_lease(notice_owed(first), NOW)
    assert isinstance(lease, sent_mail.Lease)
    sent_mail.postpone(lease, NOW, 3600, begun=False, reason=reason)
    ask(event, session)
    answer(table)
    assert stored(first) == first
    settle_mail(first)
    answer(table)
    assert stored(first).version == 2


@pytest.mark.usefixtures("neighbours")
def test_strangers_who_ask_in_turns_don_t_hold_back_a_first_confirmation_that_waits(
    event: Event, table: Any
) -> None:
    def send(booking: Booking, now: datetime) -> str:
        notice = notice_owed(booking)
        return send_notice(notice, now=now, chance=0.5, wait_for_turn=lambda: False)

    for source in ("one", "other"):
        for _ in range(MAILS_AGAIN_PER_RECIPIENT_DAY_MAX):
            theirs = owe_mail_again(booked(make_session(event), source=source), LATER, source=source)
            assert send(theirs, LATER) == "sent"
    for _ in range(MAILS_PER_RECIPIENT_DAY_MAX):
        assert send(booked(make_session(event), settled=False, source="home"), NOW) == "sent"
    waits = booked(make_session(event), settled=False, source="home")
    assert send(waits, NOW) == "postponed"
    for source, minutes in (("one", 55), ("other", 110)):
        now = NOW + timedelta(minutes=minutes)
        keys = (waits.key,)
        answer_ask(AskedAgain(session_id=waits.session_id, keys=keys, asked_at=now, source=source))
    assert send(stored(waits), NOW + timedelta(minutes=111)) == "sent"


def test_a_request_that_is_told_of_twice_or_late_or_beside_another_sends_one_email(
    event: Event, session: Session, table: Any
) -> None:
    first = booked(session)
    ask(event, session)
    (one,) = asks(table)
    ask(event, session, now=LATER + timedelta(seconds=1))
    (two,) = asks(table)
    assert one != two
    for told in (two, one, one, two):
        answer_ask(told)
    assert stored(first).version == 2
    settle_mail(stored(first))
    # The stream stood still for an hour, and only now tells of the first again.
    answer_ask(one)
    assert stored(first).version == 2


def test_it_works_after_the_closing_and_until_the_session_is_over(
    event: Event, session: Session, table: Any
) -> None:
    first = booked(session)
    capacity_changes.close(session)
    for now in (session.starts_at, session.ends_at):
        ask(event, session, now=now)
        answer(table)
        assert stored(first).mailed_at == now
        settle_mail(stored(first))
    with requests_counted() as sent, pytest.raises(SessionOver):
        ask(event, session, now=session.ends_at + timedelta(seconds=1))
    assert not sent


def test_for_what_is_cancelled_nobody_is_promised_anything(event: Event, session: Session) -> None:
    booked(session)
    off = capacity_changes.cancel_session(session)
    with requests_counted() as sent:
        for person in ("ada", "stranger"):
            with pytest.raises(Cancelled):
                ask(event, off, person)
            with pytest.raises(Cancelled):
                ask(replace(event, status="cancelled"), session, person)
    assert not sent


def test_who_has_moved_to_another_address_is_not_mailed_at_the_old_one(
    event: Event, session: Session, table: Any
) -> None:
    first = booked(session)
    key = booking_key(key_secret(), session.session_id, "adda@example.org")
    moved = move(first, "adda@example.org", [key], NOW, new_reference="NEWREFAB")
    settle_mail(moved)
    ask(event, session)
    answer(table)
    assert stored(moved) == moved
    ask(event, session, "adda")
    answer(table)
    assert stored(moved).mailed_at == LATER


@pytest.mark.usefixtures("neighbours")
def test_an_email_that_was_asked_for_is_seen_by_the_next_recount(
    event: Event, session: Session, table: Any
) -> None:
    booked(session)
    [watched] = watched_sessions()
    assert recount_session(watched, now=LATER) == Recount(whole=True)
    ask(event, session)
    answer(table)
    remember_recount(watched.session_id, asks=watched.asks, versions=99)
    [watched] = watched_sessions()
    assert watched.presses(LATER), "a recount that began before does not hide it"
    found = recount_session(watched, now=LATER + timedelta(minutes=5))
    assert found == Recount(whole=False, notices_found=1)


def test_a_write_whose_answer_is_lost_is_busy_and_done_or_not_trying_again_is_safe(
    event: Event, session: Session, table: Any
) -> None:
    first = booked(session)
    for done in (True, False):
        with answered_with(losing(done=done)), pytest.raises(Busy):
            ask(event, session)
    ask(event, session)
    answer(table)
    assert stored(first).version == 2


def test_answering_on_a_wire_that_fails_is_done_or_busy(dynamodb_local: Any) -> None:
    event = make_event()
    session = make_session(event)
    first = booked(session)
    ask(event, session)
    asked = AskedAgain(session_id=session.session_id, keys=(first.key,), asked_at=LATER, source=THERE)
    with weather(3, conflicts=0.4, throttles=0.2, lost=0.2):
        for _ in range(6):
            with contextlib.suppress(Busy):
                answer_ask(asked)
    answer_ask(asked)
    assert stored(first).version == 2
    assert [booking.mailed_at for booking in every_booking(session.session_id)] == [LATER]
