"""Which change owes which mail, and which mail has been overtaken."""

from datetime import timedelta

import msgspec
import pytest

from chalicelib.domain.booking import Booking
from chalicelib.domain.notices import Notice, notice_for_change, notice_owed, standing
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
REBOOKED = msgspec.structs.replace(BOOKED, booking_id="second")


def notice(kind: str, booking_id: str, version: int) -> Notice:
    return msgspec.convert(
        {"session_id": "s", "key": "k", "booking_id": booking_id, "kind": kind, "version": version}, Notice
    )


@pytest.mark.parametrize(
    ("before", "after", "owed"),
    [
        (None, BOOKED, notice("confirmation", "first", 1)),
        (BOOKED, CANCELLED, notice("cancellation", "first", 2)),
        (BOOKED, ASKED_AGAIN, notice("confirmation", "first", 2)),
        (CANCELLED, REBOOKED, notice("confirmation", "second", 1)),
        (BOOKED, BOOKED, None),
        (BOOKED, msgspec.structs.replace(BOOKED, version=2, name="Ada L."), None),
    ],
    ids=["booked", "cancelled", "asked again", "rebooked", "nothing changed", "no mail for a tidied name"],
)
def test_a_change_owes_its_notice(before: Booking | None, after: Booking, owed: Notice | None) -> None:
    assert notice_for_change(before, after) == owed
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
    assert standing(queued, now_stored) == expected
