"""Which mails we send, and which change of a booking owes one.

| kind         | owed when                                             | version          |
|--------------|-------------------------------------------------------|------------------|
| confirmation | a booking is made; or its address tries to book again | booking's version|
| cancellation | a booking is cancelled, by anybody                    | booking's version|

A confirmed booking *is* the promise of a mail: the stream of changes and the
reconciler both ask this file, and the ledger makes sure that only one mail goes out.
"""

from typing import Literal

from msgspec import Struct

from chalicelib.domain.booking import Booking

NoticeKind = Literal["confirmation", "cancellation"]
Standing = Literal["owed", "overtaken"]


class Notice(Struct, frozen=True, kw_only=True):
    """A mail that we owe somebody. Holds nothing personal: it travels through a queue."""

    session_id: str
    key: str
    booking_id: str
    kind: NoticeKind
    version: int


def notice_for_change(before: Booking | None, after: Booking) -> Notice | None:
    """Return the notice that this change of one booking's item owes, if any."""
    if (
        before is not None
        and before.booking_id == after.booking_id
        and (before.status, before.mailed_at) == (after.status, after.mailed_at)
    ):
        return None
    return notice_owed(after)


def notice_owed(booking: Booking) -> Notice:
    """Return the notice that a booking in this state must have in the ledger."""
    return Notice(
        session_id=booking.session_id,
        key=booking.key,
        booking_id=booking.booking_id,
        kind="confirmation" if booking.status == "confirmed" else "cancellation",
        version=booking.version,
    )


def standing(notice: Notice, booking: Booking) -> Standing:
    """Return whether this notice is still to be sent, given the booking as it stands now.

    Queues deliver in any order: a REQUEST sent after its CANCEL would put the dinner back
    into a calendar. A CANCEL is owed even when the same address has booked again since:
    the old entry is still in that person's calendar.
    """
    if notice.kind == "cancellation":
        return "owed"
    same = booking.booking_id == notice.booking_id
    return "owed" if same and booking.version == notice.version else "overtaken"
