"""Cancelling many bookings as a preview showed them: what is cancelled, what is left, and who is told."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from moto.core.models import botocore_stubber
from msgspec.structs import replace

import chalicelib.actions.booking.cancel_bookings as cancel_bookings_file
from chalicelib.actions.event.recount_session import recount_session
from chalicelib.domain.booking import Booking
from chalicelib.domain.check_in import Scan
from chalicelib.domain.correction import BulkCancellation, BulkCancelled, ShownBooking
from chalicelib.domain.organiser import Caller
from chalicelib.domain.refusals import Forbidden, NotFound, SessionOver
from chalicelib.domain.session import Session
from chalicelib.store import capacity, outcomes
from chalicelib.store.bookings import find_booking, find_booking_at
from chalicelib.store.mail_limits import suppress
from chalicelib.store.owed_mail import owe_mail_again
from chalicelib.store.recounts import watched_sessions
from tests.actions.as_routes import (
    cancel_booking,
    cancel_bookings,
    check_in,
    correct_address,
    send_mail_again,
)
from tests.actions.callers import NOW, owner_of
from tests.faults import throttle
from tests.mail_chain import Chain, mails
from tests.making import booking_for, invariants_hold, make_session
from tests.wire import answered_with, losing, overtaken_by, requests_counted

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def session(table: Any) -> Session:
    return make_session(capacity=60)


def booked(session: Session, *people: str, places: int = 2) -> list[Booking]:
    return [capacity.take(session, booking_for(session, person, places=places)) for person in people]


def as_shown(bookings: Sequence[Booking], *, tell: bool = True) -> BulkCancellation:
    """Return what is sent after a preview of these."""
    shown = tuple(ShownBooking(booking=one.path, version=one.version) for one in bookings)
    return BulkCancellation(bookings=shown, tell=tell)


def cancel(
    session: Session, asked: BulkCancellation, caller: Caller | None = None, *, now: datetime = LATER
) -> BulkCancelled:
    host = caller or owner_of(session, role="host")
    return cancel_bookings(host, session.event_id, session.session_id, asked, now=now)


def scan(session: Session) -> Scan:
    return Scan(nonce="n", places=1, at=session.starts_at, token_id="t", where="Door")


def why(answer: BulkCancelled) -> dict[str, str]:
    return {left.booking: left.why for left in answer.left}


def test_what_is_still_as_it_was_shown_is_cancelled_and_all_else_is_left_with_why(session: Session) -> None:
    host = owner_of(session, role="host")
    people = booked(session, "ada", "asks", "moves", "leaves", "comes", "returns")
    ada, asks, moves, leaves, comes, returns = people
    elsewhere = booked(make_session(), "bob")[0]
    asked = as_shown([*people, elsewhere, replace(ada, booking_id="b" * 24)])
    owe_mail_again(asks, LATER, source="stranger")
    corrected = correct_address(
        owner_of(session), session.event_id, moves.lives_at, "new@example.org", now=NOW
    )
    cancel_booking(leaves.lives_at, now=NOW)
    check_in(host, session.event_id, session.session_id, comes.lives_at, scan(session))
    cancel_booking(returns.lives_at, now=NOW)
    (back,) = booked(session, "returns")
    answer = cancel(session, asked)
    assert (answer.cancelled, answer.places) == (1, 2)
    assert why(answer) == {
        asks.path: "changed_meanwhile",
        moves.path: "changed_meanwhile",
        leaves.path: "booking_not_live",
        comes.path: "party_arrived",
        returns.path: "not_found",
        elsewhere.path: "not_found",
        f"{ada.key}.{'b' * 24}": "not_found",
    }
    there = find_booking_at(ada.lives_at)
    assert there is not None
    assert (there.status, there.version, there.changed_at) == ("cancelled", 2, LATER)
    for other in (corrected, back, elsewhere):
        assert find_booking_at(other.lives_at) == other
    assert invariants_hold(session) == 8


def test_the_same_request_again_cancels_nothing_more_and_counts_no_place_twice(session: Session) -> None:
    bookings = booked(session, "ada", "bob", "eve")
    asked = as_shown([*bookings, bookings[0]])
    first = cancel(session, asked)
    assert (first.cancelled, first.places, why(first)) == (3, 6, {bookings[0].path: "booking_not_live"})
    again = cancel(session, asked)
    assert (again.cancelled, again.places) == (0, 0)
    assert set(why(again).values()) == {"booking_not_live"}
    assert cancel(session, as_shown([])) == BulkCancelled(cancelled=0, places=0, left=[])
    assert invariants_hold(session) == 0


@pytest.mark.parametrize("done", [True, False])
def test_a_cancellation_whose_answer_is_lost_is_still_counted_as_ours(session: Session, done: bool) -> None:
    bookings = booked(session, "ada", "bob")
    lost = [losing(done=done)]
    with answered_with(lambda request: lost.pop()(request) if lost else _passes(request), reads_too=False):
        answer = cancel(session, as_shown(bookings))
    assert (answer.cancelled, answer.places, answer.left) == (2, 4, [])
    assert invariants_hold(session) == 0


def _passes(request: Any) -> Any:
    botocore_stubber.enabled = True
    return botocore_stubber("before-send", request)


def test_what_changes_between_our_reading_and_our_write_is_left_too(session: Session) -> None:
    for person, deed, expected in (
        ("ada", lambda it: owe_mail_again(it, LATER, source="stranger"), "changed_meanwhile"),
        ("bob", lambda it: cancel_booking(it.lives_at, now=NOW), "booking_not_live"),
        (
            "eve",
            lambda it: check_in(
                owner_of(session), session.event_id, session.session_id, it.lives_at, scan(session)
            ),
            "party_arrived",
        ),
        (
            "joe",
            lambda it: correct_address(
                owner_of(session), session.event_id, it.lives_at, "joe@example.com", now=NOW
            ),
            "changed_meanwhile",
        ),
    ):  # fmt: skip
        (booking,) = booked(session, person)
        with overtaken_by(lambda: deed(booking)):  # noqa: B023  # it is called at once
            answer = cancel(session, as_shown([booking]))
        assert (answer.cancelled, answer.places, why(answer)) == (0, 0, {booking.path: expected})
    assert invariants_hold(session) == 6


def test_what_there_is_no_time_for_is_listed_and_done_by_the_same_request_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = as_shown(booked(session, "ada", "bob"))
    with monkeypatch.context() as slow:
        slow.setattr(cancel_bookings_file, "WORKED_SECONDS", 0)
        answer = cancel(session, asked)
    assert (answer.cancelled, set(why(answer).values())) == (0, {"busy"})
    assert invariants_hold(session) == 4
    assert cancel(session, asked).places == 4
    # What the table has no room for is not reached either, and doesn't keep the others from their answer.
    asked = as_shown(booked(session, "eve"))
    monkeypatch.setattr(outcomes, "BUDGET_SECONDS", 0.05)
    with answered_with(lambda request: throttle(request) if _writes(request) else _passes(request)):
        assert set(why(cancel(session, asked)).values()) == {"busy"}
    assert invariants_hold(session) == 2


def _writes(request: Any) -> bool:
    return b"TransactWriteItems" in request.headers["X-Amz-Target"]


def test_it_reads_a_hundred_at_a_time_and_writes_each_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    # moto copies the whole table for each transaction.
    monkeypatch.setattr(cancel_bookings_file, "WORKED_SECONDS", 60)
    large = make_session(capacity=101)
    bookings = booked(large, *(f"p{number}" for number in range(101)), places=1)
    with requests_counted() as sent:
        assert cancel(large, as_shown(bookings)).places == 101
    assert sent == Counter(GetItem=1, BatchGetItem=2, TransactWriteItems=101), "and the session"
    assert invariants_hold(large) == 0


def test_a_booking_that_is_named_twice_gives_its_places_back_once(session: Session) -> None:
    (booking,) = booked(session, "adda")
    moved = correct_address(owner_of(session), session.event_id, booking.lives_at, "ada@example.org", now=NOW)
    by_both = as_shown([replace(booking, version=moved.version), moved, moved])
    answer = cancel(session, by_both)
    assert (answer.cancelled, answer.places) == (1, 2)
    assert [left.why for left in answer.left] == ["booking_not_live"] * 2
    assert invariants_hold(session) == 0


# Who is told


@pytest.mark.usefixtures("neighbours")
def test_everybody_is_told_but_an_address_that_bounced_for_good(table: Any, session: Session) -> None:
    chain = Chain(table)
    ada, bounced = booked(session, "ada", "bounced")
    suppress(bounced.address, "bounced", NOW)
    cancel(session, as_shown([ada, bounced]))
    chain.settle()
    assert [mail["To"] for mail in mails()] == ["ada@example.org"]
    assert "cancel" in str(mails()[0]["Subject"]).lower()


@pytest.mark.usefixtures("neighbours")
def test_nobody_is_told_where_the_organiser_says_so_and_no_job_finds_anything_owed(
    table: Any, session: Session
) -> None:
    chain = Chain(table)
    bookings = booked(session, "ada", "bob")
    chain.run_stream()
    cancel(session, as_shown(bookings, tell=False))
    for booking in bookings:
        there = find_booking(session.session_id, booking.key)
        assert there is not None
        assert (there.status, there.quiet) == ("cancelled", True)
    # The confirmations that were still waiting are overtaken.
    chain.settle()
    (watched,) = watched_sessions()
    recount = recount_session(watched, now=NOW + timedelta(days=1))
    assert recount is not None
    assert (recount.whole, recount.notices_found) == (True, 0)
    chain.settle()
    assert mails() == []
    # Somebody real was among them, and is told after all.
    send_mail_again(owner_of(session), session.event_id, bookings[0].lives_at, now=LATER + timedelta(hours=1))
    chain.settle()
    assert [(mail["To"], "cancel" in str(mail["Subject"]).lower()) for mail in mails()] == [
        ("ada@example.org", True)
    ]
    # The address books again: that owes its confirmation as ever.
    booked(session, "bob")
    chain.settle()
    assert [mail["To"] for mail in mails()] == ["ada@example.org", "bob@example.org"]


# Who may


def test_the_door_and_strangers_cancel_nothing_and_nobody_cancels_what_took_place(session: Session) -> None:
    (booking,) = booked(session, "ada")
    owner = owner_of(session)
    for caller, refusal in (
        (owner_of(session, role="door"), Forbidden),
        (replace(owner, organiser_id="somebody-else"), NotFound),
        (replace(owner, scope=f"session:{session.event_id}:other"), NotFound),
    ):
        with pytest.raises(refusal):
            cancel(session, as_shown([booking]), caller)
    with pytest.raises(SessionOver):
        cancel(session, as_shown([booking]), now=session.ends_at + timedelta(days=1))
    assert find_booking(session.session_id, booking.key) == booking
