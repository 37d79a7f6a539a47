"""Which change owes which mail, and which mail has been overtaken."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.domain.booking import Arrival, Booking
from chalicelib.domain.notices import (
    Notice,
    is_overtaken,
    is_to_be_told,
    notice_owed,
    notices_for_change,
    notices_owed,
    owed_since,
)
from chalicelib.domain.session import Session
from tests.mail.samples import EVENT, SESSION
from tests.making import MADE_AT

BOOKED = Booking(
    session_id="s",
    key="k",
    booking_id="first",
    event_id="e",
    organiser_id="o",
    status="confirmed",
    version=1,
    name="Ada",
    address="ada@example.org",
    places=1,
    idempotency_key="i",
    fingerprint="f",
    created_at=MADE_AT,
    changed_at=MADE_AT,
    mailed_at=MADE_AT,
)
CANCELLED = msgspec.structs.replace(BOOKED, status="cancelled", version=2)
ASKED_AGAIN = msgspec.structs.replace(BOOKED, version=2, mailed_at=MADE_AT + timedelta(minutes=10))
MOVED = msgspec.structs.replace(BOOKED, status="moved", name="", address="", moved_to="elsewhere")
ARRIVED = msgspec.structs.replace(
    BOOKED,
    arrivals=(Arrival(nonce="n", places=1, at=MADE_AT, token_id="t", where="Door", arrived=1),),
    arrivals_version=1,
)
REBOOKED = msgspec.structs.replace(BOOKED, booking_id="second")


def notice(kind: str, booking_id: str, version: int) -> Notice:
    return msgspec.convert(
        {
            "event_id": "e",
            "session_id": "s",
            "key": "k",
            "booking_id": booking_id,
            "kind": kind,
            "version": version,
        },
        Notice,
    )


@pytest.mark.parametrize(
    ("before", "after", "owed"),
    [
        (None, BOOKED, notice("confirmation", "first", 1)),
        (BOOKED, CANCELLED, notice("cancellation", "first", 2)),
        (BOOKED, ASKED_AGAIN, notice("confirmation", "first", 2)),
        (CANCELLED, REBOOKED, notice("confirmation", "second", 1)),
        (BOOKED, BOOKED, None),
        (BOOKED, MOVED, None),
        (BOOKED, msgspec.structs.replace(BOOKED, version=2, name="Ada L."), None),
        (BOOKED, ARRIVED, None),
        (ARRIVED, msgspec.structs.replace(BOOKED, undone_nonces=("n",), arrivals_version=2), None),
    ],
    ids=[
        "booked",
        "cancelled",
        "asked again",
        "rebooked",
        "nothing changed",
        "moved",
        "no mail for a tidied name",
        "came",
        "had not come after all",
    ],
)
def test_a_change_owes_its_notice(before: Booking | None, after: Booking, owed: Notice | None) -> None:
    assert notices_for_change(before, after) == ([owed] if owed else [])
    if owed is not None:
        assert owed == notice_owed(after), "the stream and the reconciler must agree"


@pytest.mark.parametrize(
    ("queued", "now_stored", "expected"),
    [
        (notice("confirmation", "first", 1), BOOKED, "owed"),
        (notice("confirmation", "first", 1), CANCELLED, "overtaken"),
        (notice("confirmation", "first", 1), ASKED_AGAIN, "overtaken"),
        (notice("confirmation", "first", 1), REBOOKED, "overtaken"),
        (notice("cancellation", "first", 2), CANCELLED, "owed"),
        (notice("cancellation", "first", 2), REBOOKED, "owed"),
        (notice("confirmation", "second", 1), REBOOKED, "owed"),
    ],
)
def test_a_notice_that_came_late_is_overtaken_but_a_cancellation_never(
    queued: Notice, now_stored: Booking, expected: str
) -> None:
    assert is_overtaken(queued, now_stored, AT_HOME, EVENT, MADE_AT) is (expected == "overtaken")


@pytest.mark.parametrize("kind", ["confirmation", "cancellation", "change"])
def test_a_booking_that_moved_is_mailed_at_its_new_address_alone(kind: str) -> None:
    assert is_overtaken(notice(kind, "first", 1), MOVED, session_changed(1), EVENT, MADE_AT)
    assert notices_owed(MOVED, session_changed(1), EVENT, MADE_AT) == []
    with pytest.raises(ValueError, match="moved"):
        notice_owed(MOVED)


# Time and place


AT_HOME = msgspec.structs.replace(SESSION, session_id="s")


def session_changed(sequence: int, *, at: datetime = MADE_AT + timedelta(days=1), **more: Any) -> Session:
    return msgspec.structs.replace(AT_HOME, sequence=sequence, sequence_at=at, last_change=("place",), **more)


def booked(minutes_after: float) -> Booking:
    """A booking made that long after the session changed, which was at MADE_AT."""
    return msgspec.structs.replace(BOOKED, created_at=MADE_AT + timedelta(minutes=minutes_after))


@pytest.mark.parametrize(("minutes_after", "owed"), [(-60, True), (0, True), (9.9, True), (10, False)])
def test_a_change_is_owed_to_who_booked_before_or_may_have_read_the_page_before(
    minutes_after: float, owed: bool
) -> None:
    session = session_changed(3, at=MADE_AT)
    change = notice("change", "first", 3)
    expected = [notice_owed(BOOKED), change] if owed else [notice_owed(BOOKED)]
    assert notices_owed(booked(minutes_after), session, EVENT, MADE_AT) == expected
    assert is_overtaken(change, booked(minutes_after), session, EVENT, MADE_AT) is not owed


@pytest.mark.parametrize(("shown", "owed"), [(0, True), (2, True), (3, False), (4, False)])
@pytest.mark.parametrize("minutes_after", [-60, 0, 9, 6000])
def test_where_the_form_says_what_it_showed_only_an_older_one_owes_the_change(
    shown: int, owed: bool, minutes_after: float
) -> None:
    # Two told changes and two quiet ones, of which the second came after.
    session = session_changed(4, at=MADE_AT, quiet_changes=1)
    booking = msgspec.structs.replace(booked(minutes_after), shown=shown)
    assert (notice("change", "first", 3) in notices_owed(booking, session, EVENT, MADE_AT)) is owed


def test_a_quiet_change_leaves_the_notices_of_the_one_before_as_they_are() -> None:
    told, quiet = session_changed(3), session_changed(4, quiet_changes=1)
    assert notices_owed(BOOKED, quiet, EVENT, MADE_AT) == notices_owed(BOOKED, told, EVENT, MADE_AT)
    assert not is_to_be_told(told, quiet)
    assert is_to_be_told(quiet, session_changed(5))


@pytest.mark.parametrize(
    ("now_stored", "session"),
    [
        (CANCELLED, session_changed(1)),
        (REBOOKED, session_changed(1)),
        (BOOKED, session_changed(2)),
        (BOOKED, session_changed(2, status="cancelled")),
        (BOOKED, AT_HOME),
    ],
    ids=["booking cancelled", "booked anew", "changed once more", "session cancelled", "never changed"],
)
def test_a_change_that_came_late_is_overtaken(now_stored: Booking, session: Session) -> None:
    assert is_overtaken(notice("change", "first", 1), now_stored, session, EVENT, MADE_AT)


@pytest.mark.parametrize("kind", ["confirmation", "change"])
def test_a_notice_that_does_not_name_its_event_is_none_the_later(kind: str) -> None:
    old = msgspec.structs.replace(notice(kind, "first", 1), event_id="")
    assert not is_overtaken(old, BOOKED, session_changed(1), EVENT, MADE_AT)
    assert is_overtaken(old, BOOKED, session_changed(2), EVENT, MADE_AT) is (kind == "change")


def test_a_change_says_nothing_against_a_confirmation_that_still_waits() -> None:
    assert not is_overtaken(notice("confirmation", "first", 1), BOOKED, session_changed(1), EVENT, MADE_AT)


def test_a_notice_is_owed_since_what_it_is_about() -> None:
    changed_at = MADE_AT + timedelta(days=1)
    session = session_changed(1)
    own, change = notices_owed(ASKED_AGAIN, session, EVENT, MADE_AT)
    assert owed_since(own, ASKED_AGAIN, session) == ASKED_AGAIN.mailed_at
    assert owed_since(change, ASKED_AGAIN, session) == changed_at
    late = msgspec.structs.replace(BOOKED, created_at=changed_at + timedelta(minutes=5))
    assert owed_since(notices_owed(late, session, EVENT, MADE_AT)[1], late, session) == late.created_at


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (AT_HOME, session_changed(1), True),
        (session_changed(1), session_changed(2), True),
        (session_changed(1), session_changed(1, title="Else"), False),
        (session_changed(1), session_changed(2, status="cancelled"), False),
        (AT_HOME, msgspec.structs.replace(AT_HOME, sequence=1), False),
        (None, AT_HOME, False),
    ],
    ids=["changed", "changed again", "renamed", "cancelled", "of before changes were told", "made"],
)
def test_everybody_is_told_when_the_sequence_rose_through_time_or_place(
    before: Session | None, after: Session, told: bool
) -> None:
    assert is_to_be_told(before, after) is told
