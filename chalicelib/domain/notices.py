"""A notice: an email that we owe somebody. Which there are, its kind says (domain/kinds.py).

A confirmed booking *is* the promise of a mail: the stream of changes and the
reconciler both ask this file, and the ledger makes sure that only one mail goes out.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct

from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.kinds import KINDS, Kind, NoticeKind, is_due, is_timed
from chalicelib.domain.session import Session


class Notice(Struct, frozen=True, kw_only=True):
    """A mail that we owe somebody. Holds nothing personal: it travels through a queue."""

    event_id: str = ""
    """Where its session is read; "" in a message from before messages said so."""
    session_id: str
    key: str
    booking_id: str
    kind: NoticeKind
    version: int
    request_id: str = ""
    """Which request set it off, for who reads the log; "" if none did, or in an older message."""
    new_reference: str = ""
    """That of the booking, which may be gone when the mail is written; "" in an older message too."""

    @property
    def identity(self) -> tuple[str, str, int]:
        """What tells it from all other notices: (booking_id, kind, version)."""
        return self.booking_id, self.kind, self.version


def notices_for_change(before: Booking | None, after: Booking) -> list[Notice]:
    """Return the notices that this change of one booking's item owes."""
    if (
        before is not None
        and before.booking_id == after.booking_id
        and (before.status, before.mailed_at) == (after.status, after.mailed_at)
    ):
        return []
    return list(_owed(after, None))


def notice_owed(booking: Booking) -> Notice:
    """Return the notice that a booking in this state owes for itself, whatever became of its session.

    A booking that moved or was cancelled quietly owes none, and must not be asked about.
    """
    owed = next(_owed(booking, None), None)
    if owed is None:
        raise ValueError("a booking that moved, or was cancelled quietly, owes nothing")
    return owed


def notices_of_session(booking: Booking, session: Session) -> list[Notice]:
    """Return the notices that the session's last change of time or place owes this booking."""
    return [notice for notice in _owed(booking, session) if KINDS[notice.kind].version_of == "session"]


def notices_owed(booking: Booking, session: Session, event: Event | None, now: datetime) -> list[Notice]:
    """Return all notices that a booking in this state of its session must have in the ledger by now."""
    return [
        notice
        for notice in notices_possible(booking, session, now)
        if not is_timed(notice.kind) or is_due(notice.kind, event, session, now)
    ]


def notices_possible(booking: Booking, session: Session, now: datetime) -> list[Notice]:
    """Return all notices that a booking in this state of its session may have in the ledger by now.

    What is due at a time is among them although its event may not want it, or its session may have begun.
    """
    return list(_owed(booking, session, now))


def notices_following(notice: Notice, booking: Booking, session: Session) -> list[Notice]:
    """Return what is to be queued once this notice was sent."""
    following = KINDS[notice.kind].followed_by
    return [other for other in _owed(booking, session) if other.kind == following]


def owed_since(notice: Notice, booking: Booking, session: Session) -> datetime:
    """Return since when this booking owes this notice, one of its notices_owed."""
    return KINDS[notice.kind].since(booking, session)


def all_owed(
    bookings: Iterable[Booking], session: Session, event: Event | None, now: datetime
) -> dict[Notice, datetime]:
    """Return what all these bookings owe, and since when."""
    return {
        notice: owed_since(notice, booking, session)
        for booking in bookings
        for notice in notices_owed(booking, session, event, now)
    }


def is_to_be_told(before: Session | None, after: Session) -> bool:
    """Return whether this change of a session owes its notices_of_session to everybody who booked it."""
    rose = before is None or before.told_sequence < after.told_sequence
    return rose and after.sequence_at is not None and after.status != "cancelled"


def is_overtaken(
    notice: Notice, booking: Booking, session: Session, event: Event | None, now: datetime
) -> bool:
    """Return whether this notice is no longer to be sent, given what it is about as it stands now.

    Queues deliver in any order: a REQUEST sent after its CANCEL would put the dinner back
    into a calendar, and an older change would send people to where it is no longer.
    """
    if KINDS[notice.kind].never_overtaken:
        return booking.status == "moved"
    return all(notice.identity != owed.identity for owed in notices_owed(booking, session, event, now))


def is_asked_again(notice: Notice, booking: Booking) -> bool:
    """Return whether this mail was asked for once more: the first that a booking owes is of version 1.

    If its attendee corrected its address, the first mail to the right one is as much the first.
    """
    return KINDS[notice.kind].version_of == "booking" and notice.version > max(1, booking.corrected)


def calendar_sequence(notice: Notice, booking: Booking, session: Session) -> int:
    """Return the SEQUENCE of this notice's calendar entry.

    Both parts only rise, so each mail is above all that told of another time or place, and a CANCEL's
    version is above its REQUEST's. Two mails with the same SEQUENCE say the same.
    """
    # The notice's own, where it has it: a cancellation's is not that of who has booked again since.
    of_booking = KINDS[notice.kind].version_of == "booking"
    return session.sequence + (notice.version if of_booking else booking.version) - 1


def _owed(booking: Booking, session: Session | None, now: datetime | None = None) -> Iterator[Notice]:
    """Yield what this booking owes; without its session, only what bears a version of its own.

    What is due at a time is left out until then, and for who doesn't say what time it is.
    """
    if booking.status == "moved":
        return
    set_off = {
        "booking": (booking.version, booking.request_id),
        "session": None if session is None else (session.told_sequence, session.request_id),
        # An hour later on the same evening is the same; who was reminded of it was told of the change.
        "day": None if session is None else (session.starts_local.date().toordinal(), ""),
    }
    for name, kind in KINDS.items():
        by = set_off[kind.version_of]
        if by is not None and _is_time(kind, session, now) and kind.owed(booking, session):
            version, request_id = by
            yield Notice(
                event_id=booking.event_id,
                session_id=booking.session_id,
                key=booking.key,
                booking_id=booking.booking_id,
                kind=name,
                version=version,
                request_id=request_id,
                new_reference=booking.new_reference,
            )


def _is_time(kind: Kind, session: Session | None, now: datetime | None) -> bool:
    if kind.due_at is None:
        return True
    return session is not None and now is not None and kind.due_at(session) <= now
