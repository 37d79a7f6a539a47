"""A session too large for one turn of the clock: its recount goes on at the next, and judges the same."""

import itertools
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal

import boto3
import pytest
from msgspec.structs import replace

from chalicelib.actions.event.recount_session import Recount, recount_session
from chalicelib.domain.booking import Booking
from chalicelib.domain.notices import notice_owed
from chalicelib.domain.session import Session
from chalicelib.settings import settings
from chalicelib.store import capacity, capacity_changes, event_changes, sent_mail
from chalicelib.store.bookings import every_booking
from chalicelib.store.figures import figures_of
from chalicelib.store.keys import counter_key
from chalicelib.store.moves import move
from chalicelib.store.partitions import BOOKING_PARTITIONS, partition_of
from chalicelib.store.recounts import Watched, ask_for_recount, keep_progress, watched_sessions
from chalicelib.store.session_deletion import delete_session
from chalicelib.store.table import CounterItem, RecountItem
from tests.faults import Died, dying
from tests.making import MADE_AT, booking_for, invariants_hold, make_session

LATER = MADE_AT + timedelta(minutes=10)
TURNS = len(BOOKING_PARTITIONS)


def watched(session: Session) -> Watched:
    [found] = [found for found in watched_sessions() if found.session_id == session.session_id]
    return found


def turn(session: Session) -> Recount | None:
    """Give it a turn in which there is time for a single partition."""
    return recount_session(watched(session), now=LATER, is_time_up=lambda: True)


def rest(session: Session) -> list[Recount | None]:
    """Give it turns until a recount ends; return what they found."""
    found = [turn(session)]
    while found[-1] is None:
        found.append(turn(session))
    return found


def people_in(session: Session, partition: str) -> Iterator[str]:
    """Yield everybody whose booking is in this partition."""
    for person in (f"p{number}" for number in itertools.count()):
        if partition_of(booking_for(session, person).key) == partition:
            yield person


def person_in(session: Session, partition: str) -> str:
    return next(people_in(session, partition))


def another_in(session: Session, partition: str) -> str:
    return next(itertools.islice(people_in(session, partition), 1, None))


def settled(booking: Booking) -> Booking:
    sent_mail.advance(notice_owed(booking).identity, "sent", LATER)
    return booking


@pytest.fixture
def session(table: Any) -> Session:
    """A session with bookings in the first, the last and other partitions, whose emails were all sent."""
    session = make_session(capacity=60)
    for partition in "03f":
        settled(capacity.take(session, booking_for(session, person_in(session, partition), places=2)))
    return session


def drift(session: Session, by: int = 1) -> None:
    """Make a mistake with the counter that isn't touched by bookings here."""
    CounterItem(*counter_key(session.session_id, 2)).update([CounterItem.free.set(CounterItem.free + by)])


def test_it_goes_on_partition_by_partition_and_ends_like_one_in_one_go(session: Session) -> None:
    assert rest(session) == [None] * (TURNS - 1) + [Recount(whole=True)]
    assert not watched(session).presses(LATER)
    assert watched(session).progress == ""


def test_until_it_ends_the_session_presses_and_each_turn_reads_one_partition(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    module = "chalicelib.actions.event.recount_session.every_booking_in"

    def reading(session_id: str, partition: str) -> Iterator[Booking]:
        read.append(partition)
        return iter(())

    monkeypatch.setattr(module, reading)
    for number in range(TURNS - 1):
        assert turn(session) is None
        assert watched(session).presses(LATER)
        assert read == list(BOOKING_PARTITIONS[: number + 1])


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_death_at_any_request_of_any_turn_costs_that_turn_and_nothing_else(
    dynamodb_local: Any, when: Literal["before", "after"]
) -> None:
    session = make_session(capacity=60)
    for partition in "0f":
        settled(capacity.take(session, booking_for(session, person_in(session, partition), places=2)))
    died = 0
    for number in range(9):
        ask_for_recount(session.session_id)
        found = None
        while found is None:
            try:
                with dying(number, when):
                    found = turn(session)
            except Died:
                died += 1
                assert watched(session).presses(LATER) or when == "after"
                found = turn(session) if watched(session).presses(LATER) else Recount(whole=True)
        assert found == Recount(whole=True)
        assert not watched(session).presses(LATER)
    assert died >= 5 * TURNS / 2


def test_a_drift_rings_when_all_bookings_were_read_twice_and_goes_on_ringing(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    drift(session)
    found = rest(session)
    assert found[-1] == Recount(whole=False, drifted_counters=(2,))
    assert len(found) == 2 * TURNS - 1, "the second reading begins in the turn in which the first ends"
    assert rest(session)[-1] == found[-1]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["counters"] for line in lines if line["message"] == "counters_drifted"] == [[2], [2]]


def test_what_was_wrong_only_once_does_not_ring(session: Session) -> None:
    drift(session)
    for _ in range(TURNS):
        assert turn(session) is None
    drift(session, by=-1)
    assert rest(session)[-1] == Recount(whole=True)


def test_a_counter_that_moved_between_the_two_readings_is_not_judged(session: Session) -> None:
    drift(session)
    for _ in range(TURNS):
        assert turn(session) is None
    CounterItem(*counter_key(session.session_id, 2)).update([CounterItem.version.add(1)])
    assert rest(session)[-1] == Recount(whole=False)
    assert rest(session)[-1] == Recount(whole=False, drifted_counters=(2,))


@pytest.mark.parametrize("partition", ["0", "f"])
@pytest.mark.parametrize("change", ["books", "cancels"])
def test_who_books_or_cancels_midway_is_no_drift_and_is_counted_by_the_next_recount(
    session: Session, partition: str, change: str
) -> None:
    for _ in range(TURNS // 2):
        turn(session)
    if change == "books":
        settled(capacity.take(session, booking_for(session, another_in(session, partition))))
    else:
        [there] = [
            booking for booking in every_booking(session.session_id) if partition_of(booking.key) == partition
        ]
        settled(capacity.give_back(there, MADE_AT))
    assert rest(session)[-1] == Recount(whole=False)
    assert watched(session).presses(LATER)
    assert rest(session)[-1] == Recount(whole=True)
    invariants_hold(session)


def test_busy_counters_wait_while_one_that_stands_still_is_judged(session: Session) -> None:
    drift(session)
    busy = CounterItem(*counter_key(session.session_id, 0))
    # As wrong as the other, but it is never still.
    busy.update([CounterItem.free.add(1)])
    found = None
    while found is None:
        busy.update([CounterItem.version.add(1)])
        found = turn(session)
    assert found == Recount(whole=False, drifted_counters=(2,))


@pytest.mark.parametrize("starts_in", ["0", "f"])
def test_a_booking_that_moves_midway_past_the_reader_is_no_drift_and_counts_once(
    session: Session, starts_in: str
) -> None:
    [there] = [b for b in every_booking(session.session_id) if partition_of(b.key) == starts_in]
    ends_in = "f" if starts_in == "0" else "0"
    for _ in range(TURNS // 2):
        turn(session)
    wanted = booking_for(session, another_in(session, ends_in))
    settled(move(there, wanted.address, [wanted.key], MADE_AT, new_reference="NEWREFAB"))
    found = rest(session)
    assert found[-1] == Recount(whole=False)
    assert len(found) == TURNS - TURNS // 2, "nothing is suspected, so nothing is read again"
    assert figures_of(session.event_id) == {}, "it may have been counted twice, or not at all"
    assert rest(session)[-1] == Recount(whole=True)
    assert figures_of(session.event_id)[session.session_id].booked == 3


def test_a_session_that_changes_midway_is_recounted_anew(session: Session) -> None:
    for _ in range(TURNS // 2):
        turn(session)
    grown = capacity_changes.resize(session, 100)
    settled(capacity.take(grown, booking_for(session, "large", places=40)))
    assert rest(session) == [None] * (TURNS - 1) + [Recount(whole=True)]


def test_a_session_that_goes_midway_leaves_nothing(table: Any) -> None:
    session = make_session()
    before = watched(session)
    turn(session)
    delete_session(session)
    assert recount_session(before, now=LATER) is None
    keep_progress(session.session_id, None)
    assert watched_sessions() == []


@pytest.mark.usefixtures("neighbours")
def test_a_session_cancelled_midway_gets_the_work_on_its_bookings_queued(session: Session) -> None:
    turn(session)
    capacity_changes.cancel_session(session)
    found = rest(session)
    assert found[-1] == Recount(whole=False)
    assert watched(session).presses(LATER)
    attributes = ["ApproximateNumberOfMessages"]
    waiting = boto3.client("sqs").get_queue_attributes(
        QueueUrl=settings().fan_out_queue_url, AttributeNames=attributes
    )
    # In each turn that met a booking which was left.
    assert int(waiting["Attributes"][attributes[0]]) == 3 * TURNS


def test_what_calls_for_a_recount_midway_is_not_lost(session: Session) -> None:
    turn(session)
    ask_for_recount(session.session_id)
    assert rest(session)[-1] == Recount(whole=True)
    assert watched(session).presses(LATER)
    assert rest(session)[-1] == Recount(whole=True)
    assert not watched(session).presses(LATER)


@pytest.mark.usefixtures("neighbours")
def test_an_email_that_was_lost_is_found_in_any_partition_and_keeps_the_session_pressing(
    session: Session,
) -> None:
    lost = [capacity.take(session, booking_for(session, another_in(session, part))) for part in "0f"]
    found = rest(session)
    assert found[-1] is not None
    assert (found[-1].whole, found[-1].notices_found) == (False, 1), "then others wait that may be the same"
    assert watched(session).presses(LATER)
    for booking in lost:
        settled(booking)
    assert rest(session)[-1] == Recount(whole=True)


@pytest.mark.parametrize("partition", ["0", "f"])
def test_an_email_that_is_given_time_keeps_the_session_pressing_whichever_partition_it_is_in(
    session: Session, partition: str
) -> None:
    wanted = booking_for(session, another_in(session, partition))
    capacity.take(session, replace(wanted, changed_at=LATER, mailed_at=LATER))
    assert rest(session)[-1] == Recount(whole=False)
    assert watched(session).presses(LATER)


@pytest.mark.parametrize("partitions", ["0f", "f0"])
def test_the_session_rests_until_the_first_lease_of_its_mails_ends_whichever_partition_that_is_in(
    session: Session, partitions: str
) -> None:
    leases = []
    for number, partition in enumerate(partitions):
        person = another_in(session, partition)
        booking = capacity.take(session, booking_for(session, person))
        lease = sent_mail.take_lease(notice_owed(booking), LATER - timedelta(seconds=10 * number))
        assert isinstance(lease, sent_mail.Lease)
        leases.append(lease.until)
    assert rest(session)[-1] == Recount(whole=False)
    assert watched(session).again_at == min(leases)
    assert not watched(session).presses(LATER)
    assert watched(session).presses(LATER + timedelta(seconds=90))


def test_an_event_change_midway_is_seen_by_the_next_recount(session: Session) -> None:
    turn(session)
    moved = replace(session, venue="B", sequence=1, sequence_at=LATER, last_change=("place",), version=2)
    event_changes.save_session_elsewhere(moved, 1)
    assert rest(session)[-1] == Recount(whole=False), "the change is owed, but not yet due"
    assert watched(session).presses(LATER)


def test_a_recount_that_another_one_overtook_is_ended_all_the_same(session: Session) -> None:
    turn(session)
    begun = watched(session).progress
    assert rest(session)[-1] == Recount(whole=True)
    RecountItem("RECOUNT", session.session_id).update([RecountItem.progress.set(begun)])
    assert watched(session).presses(LATER)
    assert rest(session)[-1] == Recount(whole=True)
    assert not watched(session).presses(LATER)


def test_what_other_code_kept_is_begun_anew(session: Session) -> None:
    RecountItem("RECOUNT", session.session_id).update([RecountItem.progress.set('{"cursor": 7}')])
    assert rest(session) == [None] * (TURNS - 1) + [Recount(whole=True)]
