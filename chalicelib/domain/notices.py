"""Which mails we send, and which change owes one.

| kind         | owed when                                              | version           |
|--------------|--------------------------------------------------------|-------------------|
| confirmation | a booking is made; or its address tries to book again, | booking's version |
|              | or is corrected                                        |                   |
| cancellation | a booking is cancelled, by anybody                     | booking's version |
| change       | a session changes in time or place: to each confirmed  | session's sequence|
|              | booking that was made before, or just after            |                   |

A confirmed booking *is* the promise of a mail: the stream of changes and the
reconciler both ask this file, and the ledger makes sure that only one mail goes out.
"""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from chalicelib.domain.booking import Booking
from chalicelib.domain.session import Session

CHANGE_REACHES = timedelta(minutes=10)
"""Who books within this time after a change may have read the page before it; who books later has not."""

NoticeKind = Literal["confirmation", "cancellation", "change"]
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
    if after.status == "moved" or (
        before is not None
        and before.booking_id == after.booking_id
        and (before.status, before.mailed_at) == (after.status, after.mailed_at)
    ):
        return None
    return notice_owed(after)


def notice_owed(booking: Booking) -> Notice:
    """Return the notice that a booking in this state owes for itself, whatever became of its session.

    A booking that moved owes none, and must not be asked about: its address is no longer here.
    """
    if booking.status == "moved":
        raise ValueError("a booking that moved owes nothing")
    return _notice(
        booking, "confirmation" if booking.status == "confirmed" else "cancellation", booking.version
    )


def change_owed(booking: Booking, session: Session) -> Notice | None:
    """Return the notice that the session's last change of time or place owes this booking, if any."""
    if (
        booking.status == "confirmed"
        and session.status != "cancelled"
        and session.sequence_at is not None
        and booking.created_at < session.sequence_at + CHANGE_REACHES
    ):
        return _notice(booking, "change", session.sequence)
    return None


def notices_owed(booking: Booking, session: Session) -> list[Notice]:
    """Return all notices that a booking in this state of its session must have in the ledger."""
    if booking.status == "moved":
        return []
    change = change_owed(booking, session)
    return [notice_owed(booking), *([change] if change else [])]


def owed_since(notice: Notice, booking: Booking, session: Session) -> datetime:
    """Return since when this booking owes this notice, one of its notices_owed."""
    if notice.kind == "change" and session.sequence_at is not None:
        return max(session.sequence_at, booking.created_at)
    return max(booking.changed_at, booking.mailed_at)


def is_to_be_told(before: Session | None, after: Session) -> bool:
    """Return whether this change of a session owes everybody who booked it a ``change``."""
    rose = before is None or before.sequence < after.sequence
    return rose and after.sequence_at is not None and after.status != "cancelled"


def standing(notice: Notice, booking: Booking, session: Session) -> Standing:
    """Return whether this notice is still to be sent, given booking and session as they stand now.

    Queues deliver in any order: a REQUEST sent after its CANCEL would put the dinner back
    into a calendar, and an older change would send people to where it is no longer. A CANCEL is owed
    even when the same address has booked again since: the old entry is still in that person's calendar.
    """
    if notice.kind == "cancellation":
        return "overtaken" if booking.status == "moved" else "owed"
    return "owed" if notice in notices_owed(booking, session) else "overtaken"


def _notice(booking: Booking, kind: NoticeKind, version: int) -> Notice:
    return Notice(
        session_id=booking.session_id,
        key=booking.key,
        booking_id=booking.booking_id,
        kind=kind,
        version=version,
    )
