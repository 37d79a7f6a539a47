"""The reconciler: what it notices, what it queues, and what it leaves alone."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from chalicelib.actions.event import recount_session as module
from chalicelib.actions.event.find_moved_sessions import find_moved_sessions
from chalicelib.actions.event.recount_session import Recount, recount_session
from chalicelib.domain.booking import Booking
from chalicelib.domain.check_in import Scan, checked_in
from chalicelib.domain.notices import notice_owed
from chalicelib.domain.session import Session
from chalicelib.settings import settings
from chalicelib.store import capacity, capacity_changes, sent_mail
from chalicelib.store.bookings import every_booking_in
from chalicelib.store.check_ins import change_arrivals
from chalicelib.store.keys import counter_key
from chalicelib.store.recounts import watched_sessions
from chalicelib.store.table import CounterItem, RecountItem
from tests.actions.as_routes import change_session
from tests.actions.callers import owner_of
from tests.making import MADE_AT, booking_for, make_session

pytestmark = pytest.mark.usefixtures("neighbours")

LATER = MADE_AT + timedelta(minutes=10)


def recount(session: Session, now: datetime = LATER) -> Recount | None:
    """Recount it as the clock does: if it presses, or moved though it seems to be at rest."""
    [watched] = [watched for watched in watched_sessions() if watched.session_id == session.session_id]
    if watched.presses(now) or find_moved_sessions([watched], now):
        return recount_session(watched, now=now)
    return None


def messages(queue_url: str) -> list[dict[str, Any]]:
    """Take everything off a queue."""
    sqs = boto3.client("sqs")
    bodies: list[dict[str, Any]] = []
    while found := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages"):
        for message in found:
            bodies.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
    return bodies


def settle_mail(booking: Any) -> None:
    """Record this booking's notice as sent."""
    notice = notice_owed(booking)
    sent_mail.advance((notice.booking_id, notice.kind, notice.version), "sent", LATER)


def test_a_booking_whose_mail_is_not_in_the_ledger_gets_it_queued(table: Any) -> None:
    session = make_session()
    booked = capacity.take(session, booking_for(session, "ada"))
    assert recount(session) == Recount(whole=False, notices_found=1)
    [message] = messages(settings().mail_queue_url)
    assert (message["booking_id"], message["kind"]) == (booked.booking_id, "confirmation")


def test_nothing_is_queued_while_mails_are_waiting_that_may_be_the_same(table: Any) -> None:
    session = make_session()
    capacity.take(session, booking_for(session, "ada"))
    recount(session)
    assert recount(session) == Recount(whole=False)
    assert len(messages(settings().mail_queue_url)) == 1


def test_a_mail_overdue_by_an_hour_is_queued_although_the_queue_never_empties(table: Any) -> None:
    session = make_session(capacity=30)
    for person in range(12):
        capacity.take(session, booking_for(session, f"p{person}"))
    boto3.client("sqs").send_message(QueueUrl=settings().mail_queue_url, MessageBody="{}")
    assert recount(session, MADE_AT + timedelta(minutes=59)) == Recount(whole=False)
    assert recount(session, MADE_AT + timedelta(minutes=60)) == Recount(whole=False, notices_found=10)
    assert len(messages(settings().mail_queue_url)) == 11


def test_a_booking_made_a_moment_ago_is_given_time(table: Any) -> None:
    session = make_session()
    capacity.take(session, booking_for(session, "ada"))
    assert recount(session, now=MADE_AT + timedelta(seconds=30)) == Recount(whole=False)
    assert messages(settings().mail_queue_url) == []


def test_a_session_whose_mails_are_settled_is_skipped_until_a_counter_moves(table: Any) -> None:
    session = make_session()
    settle_mail(capacity.take(session, booking_for(session, "ada")))
    assert recount(session) == Recount(whole=True)
    assert recount(session) is None
    capacity.take(session, booking_for(session, "bert"))
    assert recount(session) == Recount(whole=False, notices_found=1)


def test_that_somebody_came_gives_the_recount_nothing_to_do(table: Any) -> None:
    session = make_session()
    booking = capacity.take(session, booking_for(session, "ada"))
    settle_mail(booking)
    assert recount(session) == Recount(whole=True)
    scan = Scan(nonce="a", places=None, at=session.starts_at, token_id="t", where="Door")
    came = change_arrivals(booking, lambda standing: checked_in(session, standing, scan))
    assert recount(session) is None
    # Also when a counter moves afterwards, and everything is looked at.
    settle_mail(capacity.take(session, booking_for(session, "bert")))
    assert recount(session) == Recount(whole=True)
    assert notice_owed(came) == notice_owed(booking)


def test_a_mail_that_somebody_is_sending_is_left_alone_until_their_lease_ends(table: Any) -> None:
    session = make_session()
    booked = capacity.take(session, booking_for(session, "ada"))
    sent_mail.take_lease(notice_owed(booked), LATER)
    assert recount(session) == Recount(whole=False)
    assert recount(session, LATER + timedelta(seconds=89)) is None, "nothing is read again until then"
    assert recount(session, LATER + timedelta(minutes=5)) == Recount(whole=False, notices_found=1)


def test_a_mail_that_waits_for_an_hour_is_left_alone_for_so_long_and_what_else_is_owed_is_found(
    table: Any,
) -> None:
    session = make_session()
    booked = capacity.take(session, booking_for(session, "ada"))
    lease = sent_mail.take_lease(notice_owed(booked), LATER)
    assert isinstance(lease, sent_mail.Lease)
    sent_mail.postpone(lease, LATER, 3600, begun=False, reason="recipient_limit")
    assert recount(session) == Recount(whole=False)
    later = LATER + timedelta(minutes=30)
    assert recount(session, later) is None
    other = capacity.take(session, booking_for(session, "bert"))
    assert recount(session, later) == Recount(whole=False, notices_found=1)
    settle_mail(other)
    assert recount(session, later) == Recount(whole=False)
    after = LATER + timedelta(minutes=66)
    assert recount(session, after) == Recount(whole=False, notices_found=1)
    settle_mail(booked)
    assert recount(session, after) == Recount(whole=True)
    assert recount(session, after) is None


def test_a_cancellation_whose_mail_was_lost_is_found(table: Any) -> None:
    session = make_session()
    cancelled = capacity.give_back(capacity.take(session, booking_for(session, "ada")), MADE_AT)
    assert recount(session) == Recount(whole=False, notices_found=1)
    [message] = messages(settings().mail_queue_url)
    assert (message["kind"], message["version"]) == ("cancellation", cancelled.version)


def move(session: Session, *, now: datetime) -> Session:
    return change_session(
        owner_of(session),
        session.event_id,
        session.session_id,
        {"venue": "A"},
        now=now,
        expected_version=None,
    )


def test_a_change_of_which_no_page_was_worked_through_is_found_for_whom_it_is_owed(table: Any) -> None:
    session = make_session()
    booked = capacity.take(session, booking_for(session, "ada"))
    gone = capacity.give_back(capacity.take(session, booking_for(session, "bert")), MADE_AT)
    settle_mail(booked)
    settle_mail(gone)
    assert recount(session) == Recount(whole=True)
    move(session, now=LATER)
    assert recount(session, LATER + timedelta(seconds=59)) == Recount(whole=False), "the pages have time"
    assert recount(session, LATER + timedelta(seconds=60)) == Recount(whole=False, notices_found=1)
    [message] = messages(settings().mail_queue_url)
    assert (message["booking_id"], message["kind"], message["version"]) == (booked.booking_id, "change", 1)
    sent_mail.advance((booked.booking_id, "change", 1), "sent", LATER)
    assert recount(session, LATER + timedelta(minutes=2)) == Recount(whole=True)


def test_of_two_changes_only_the_second_is_looked_for(table: Any) -> None:
    session = make_session()
    settle_mail(capacity.take(session, booking_for(session, "ada")))
    move(session, now=LATER)
    change_session(
        owner_of(session),
        session.event_id,
        session.session_id,
        {"venue": "B"},
        now=LATER,
        expected_version=None,
    )
    assert recount(session, LATER + timedelta(minutes=2)) == Recount(whole=False, notices_found=1)
    assert [message["version"] for message in messages(settings().mail_queue_url)] == [2]


def test_a_change_lost_while_mails_never_stop_waiting_is_found_an_hour_after_it(table: Any) -> None:
    session = make_session()
    settle_mail(capacity.take(session, booking_for(session, "ada")))
    move(session, now=LATER)
    boto3.client("sqs").send_message(QueueUrl=settings().mail_queue_url, MessageBody="{}")
    assert recount(session, LATER + timedelta(minutes=59)) == Recount(whole=False)
    assert recount(session, LATER + timedelta(minutes=60)) == Recount(whole=False, notices_found=1)


@pytest.mark.parametrize("change", [1, -1])
def test_a_counter_that_differs_from_its_bookings_raises_the_alarm(
    table: Any, change: int, capsys: pytest.CaptureFixture[str]
) -> None:
    session = make_session(capacity=50)
    settle_mail(capacity.take(session, booking_for(session, "ada", places=3)))
    CounterItem(*counter_key(session.session_id, 1)).update([CounterItem.free.set(CounterItem.free + change)])
    found = recount(session)
    assert found == Recount(whole=False, drifted_counters=(1,))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["counters"] for line in lines if line["message"] == "counters_drifted"] == [[1]]
    assert [line["InvariantDrift"] for line in lines if line["message"] == "InvariantDrift"] == [1]
    assert recount(session) == found, "the alarm goes on until somebody has mended it"


def test_counters_that_no_longer_sum_to_the_session_raise_the_alarm(
    table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    session = make_session(capacity=50)
    CounterItem(*counter_key(session.session_id, 0)).update(
        [CounterItem.free.set(CounterItem.free + 1), CounterItem.capacity.set(CounterItem.capacity + 1)]
    )
    assert recount(session) == Recount(whole=False)
    assert "capacity_drifted" in capsys.readouterr().out


def test_a_session_that_grows_while_it_is_recounted_is_judged_the_next_time(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session(capacity=20)

    def grow_and_read(session_id: str, partition: str) -> Iterator[Booking]:
        grown = capacity_changes.resize(session, 60)
        capacity.take(grown, booking_for(session, "large", places=50))
        monkeypatch.undo()
        return every_booking_in(session_id, partition)

    monkeypatch.setattr(module, "every_booking_in", grow_and_read)
    assert recount(session) == Recount(whole=False, notices_found=1)
    assert recount(session) == Recount(whole=False)


def test_a_cancelled_session_with_bookings_left_gets_its_pages_queued_again(table: Any) -> None:
    session = make_session()
    capacity.take(session, booking_for(session, "ada"))
    capacity_changes.cancel_session(session)
    assert recount(session) == Recount(whole=False)
    assert len(messages(settings().fan_out_queue_url)) == 16


def test_a_recount_leaves_no_trace_once_the_session_is_forgotten(table: Any) -> None:
    session = make_session()
    [watched] = watched_sessions()
    RecountItem("RECOUNT", session.session_id).delete()
    assert recount_session(watched, now=datetime.now(UTC)) is None
    assert watched_sessions() == []
