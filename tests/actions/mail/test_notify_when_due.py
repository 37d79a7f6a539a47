"""Emails that come due: for all of a session, slice by slice, spread so that others get through."""

import json
from typing import Any
from zlib import crc32

import pytest
from msgspec import convert
from msgspec.structs import replace

from chalicelib.actions.mail import notify_when_due as module
from chalicelib.actions.mail.notify_when_due import notify_when_due
from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.settings import settings
from chalicelib.store.messages import DueWork, read_work, send_notices
from chalicelib.store.partitions import BOOKING_PARTITIONS, partition_of
from tests.actions.due.test_due_work import DUE, MINUTE, book
from tests.domain.test_notices import notice
from tests.mail_chain import Chain
from tests.making import make_event, make_session

pytestmark = pytest.mark.usefixtures("neighbours")


@pytest.fixture
def chain(table: Any) -> Chain:
    return Chain(table)


@pytest.fixture
def event(table: Any) -> Event:
    return make_event()


def work_on(session: Session) -> DueWork:
    return DueWork(kind="reminder", event_id=session.event_id, session_id=session.session_id)


@pytest.mark.parametrize(
    ("capacity", "together", "mails_per_second", "at_most"),
    [(30, 1, 14, 4), (30, 100, 14, 428), (30, 1000, 14, 900), (2500, 1, 14, 357), (30, 1, 0.2, 300)],
)
def test_emails_that_are_due_together_take_half_of_the_rate_and_a_quarter_of_an_hour_at_most(
    chain: Chain,
    event: Event,
    monkeypatch: pytest.MonkeyPatch,
    capacity: int,
    together: int,
    mails_per_second: float,
    at_most: int,
) -> None:
    slowly = replace(settings(), mails_per_second=mails_per_second)
    monkeypatch.setattr(module, "settings", lambda: slowly)
    session = make_session(event, capacity=capacity)
    booking = book(session, "ann")
    work = replace(work_on(session), together=together, partition=partition_of(booking.key))
    assert notify_when_due(work, now=DUE) == 1
    assert (chain.delays_seconds() or [0])[0] == crc32(booking.booking_id.encode()) % (at_most + 1)


def test_a_session_is_worked_through_slice_by_slice_and_each_booking_is_owed_one_email(
    chain: Chain, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BOOKINGS_PER_SLICE", 2)
    session = make_session(event, capacity=60)
    booked = {book(session, f"p{number}").booking_id for number in range(40)}
    assert notify_when_due(work_on(session), now=DUE) == 0
    left = chain.waiting("fan-out")
    assert {part["partition"] for part in left} == set(BOOKING_PARTITIONS)
    for part in map(read_work, map(json.dumps, left)):
        assert isinstance(part, DueWork)
        at: DueWork | None = part
        while at is not None:
            before = len(chain.waiting("fan-out"))
            notify_when_due(at, now=DUE)
            more = chain.waiting("fan-out")[before:]
            at = convert(more[0], DueWork) if more else None
    assert sorted(message["booking_id"] for message in chain.waiting()) == sorted(booked)
    assert {message["kind"] for message in chain.waiting()} == {"reminder"}


def test_nothing_is_started_before_it_is_due_or_for_a_session_that_is_gone(
    chain: Chain, event: Event
) -> None:
    work = work_on(make_session(event))
    assert notify_when_due(work, now=DUE - MINUTE) == 0
    assert notify_when_due(replace(work, session_id="gone"), now=DUE) == 0
    assert chain.waiting("fan-out") == []


def test_notices_are_spread_evenly_and_wait_as_long_if_they_are_queued_again(chain: Chain) -> None:
    notices = [notice("reminder", f"booking-{number}", 1) for number in range(200)]
    send_notices(notices, spread_seconds=900)
    first = chain.delays_seconds()
    assert max(first) <= 900
    thirds = [sum(low <= delay < low + 300 for delay in first) for low in (0, 300, 600)]
    assert min(thirds) > 40
    chain.forget_messages()
    send_notices(notices, spread_seconds=900)
    assert chain.delays_seconds() == first


def test_a_message_that_says_something_is_due_is_read_as_such() -> None:
    work = read_work('{"what":"due","kind":"reminder","event_id":"e","session_id":"s"}')
    assert work == DueWork(kind="reminder", event_id="e", session_id="s")
