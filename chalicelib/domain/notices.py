"""Which mails we send: one table of kinds. An entry says when a mail is owed, until when, and what is in it.

| kind         | owed when                                              | version           |
|--------------|--------------------------------------------------------|-------------------|
| confirmation | made, corrected, or asked for again; tells of changes  | booking's version |
| cancellation | a booking is cancelled, by anybody and not quietly     | booking's version |
| change       | a session changes in time or place: to each confirmed  | session's told    |
|              | booking whose form showed it as it was, or may have    | sequence          |

Stream and reconciler ask only this file about kinds: a new one is an entry here and a folder of templates.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from chalicelib.domain.booking import Booking
from chalicelib.domain.session import Session

CHANGE_REACHES = timedelta(minutes=10)
"""Who books within this time after a change may have read the page before it; who books later has not.

Only where the form doesn't say what it showed: one that was pasted into another site, or a program's."""

CalendarMethod = Literal["REQUEST", "CANCEL"]
"""What a mail's calendar entry asks of the calendar (RFC 5546): to put it in, or to take it out."""


def _confirmation_owed(booking: Booking, _: Session | None) -> bool:
    return booking.status == "confirmed"


def _cancellation_owed(booking: Booking, _: Session | None) -> bool:
    return booking.status == "cancelled" and not booking.quiet


def may_hear_of_change(booking: Booking, session: Session | None) -> bool:
    """Return whether this booking may have been made knowing nothing of the session's last change."""
    if session is None or session.sequence_at is None:
        return False
    if booking.status != "confirmed" or session.status == "cancelled":
        return False
    if booking.shown is not None:
        return booking.shown < session.told_sequence
    return booking.created_at < session.sequence_at + CHANGE_REACHES


def _since_it_became_so(booking: Booking, _: Session) -> datetime:
    return max(booking.changed_at, booking.mailed_at)


def _since_the_change(booking: Booking, session: Session) -> datetime:
    if session.sequence_at is None:
        return _since_it_became_so(booking, session)
    return max(session.sequence_at, booking.created_at)


def _confirmed_since_the_change(booking: Booking, session: Session) -> bool:
    return session.sequence_at is not None and booking.mailed_at > session.sequence_at


def _never(_: Booking, __: Session) -> bool:
    return False


class Kind(Struct, frozen=True, kw_only=True):
    """What differs between kinds of email. All code that queues, writes or sends one asks this."""

    owed: Callable[[Booking, Session | None], bool]
    """Whether a booking in this state owes it. Who sees the booking alone, as the stream does, gives None."""
    since: Callable[[Booking, Session], datetime] = _since_it_became_so
    """Since when a booking that owes it has done so."""
    version_of: Literal["booking", "session"] = "booking"
    """Whose version tells this mail from the next of its kind: the booking's, or its session's told_sequence.

    With the booking's it is queued when the booking changes, with the session's when that sequence rises."""
    only_if_new: bool = False
    """Whether it is overtaken where the emails before it have said the same (domain/told.py)."""
    never_overtaken: bool = False
    """Whether it goes out whatever its booking owes by now. Else it is overtaken once it is owed no more."""
    when_off: bool = False
    """Whether it goes out although its session, or the whole event, was cancelled, or the session is over."""
    counted: bool = False
    """Whether it counts against what its recipient and its source may get, and is held back above that.

    What is owed to who has booked alone, once for each thing done, is no way to flood an inbox; and who
    isn't told that it is off, or elsewhere, comes to a locked door."""
    followed_by: str | None = None
    """The kind that is queued after it, if that is owed. Mostly this one told it all, and that is settled."""
    told_since: Callable[[Booking, Session], bool] = _never
    """Whether a mail that came to be owed later tells the same, so that this one may well have got lost."""
    templates: str
    """The folder in mail/templates: body.html, body.txt, subject.txt."""
    ticket: bool = False
    """Whether it holds the QR ticket."""
    calendar: CalendarMethod | None = None
    """What its calendar entry asks for; None if it has none."""


KINDS: dict[str, Kind] = {
    "confirmation": Kind(
        owed=_confirmation_owed,
        counted=True,
        # The fan-out of a change may have been worked through before this booking was made.
        followed_by="change",
        templates="confirmation",
        ticket=True,
        calendar="REQUEST",
    ),
    "cancellation": Kind(
        owed=_cancellation_owed,
        # Who has booked again since still has the old entry in their calendar.
        never_overtaken=True,
        when_off=True,
        templates="cancellation",
        calendar="CANCEL",
    ),
    "change": Kind(
        owed=may_hear_of_change,
        since=_since_the_change,
        version_of="session",
        only_if_new=True,
        told_since=_confirmed_since_the_change,
        templates="change",
        ticket=True,
        calendar="REQUEST",
    ),
}

if TYPE_CHECKING:
    NoticeKind = str
else:
    # The API's description lists them, and a message of another kind is no notice of ours.
    NoticeKind = Literal[tuple(KINDS)]


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


def notices_owed(booking: Booking, session: Session) -> list[Notice]:
    """Return all notices that a booking in this state of its session must have in the ledger."""
    return list(_owed(booking, session))


def notices_following(notice: Notice, booking: Booking, session: Session) -> list[Notice]:
    """Return what is to be queued once this notice was sent."""
    following = KINDS[notice.kind].followed_by
    return [other for other in _owed(booking, session) if other.kind == following]


def owed_since(notice: Notice, booking: Booking, session: Session) -> datetime:
    """Return since when this booking owes this notice, one of its notices_owed."""
    return KINDS[notice.kind].since(booking, session)


def is_to_be_told(before: Session | None, after: Session) -> bool:
    """Return whether this change of a session owes its notices_of_session to everybody who booked it."""
    rose = before is None or before.told_sequence < after.told_sequence
    return rose and after.sequence_at is not None and after.status != "cancelled"


def is_overtaken(notice: Notice, booking: Booking, session: Session) -> bool:
    """Return whether this notice is no longer to be sent, given booking and session as they stand now.

    Queues deliver in any order: a REQUEST sent after its CANCEL would put the dinner back
    into a calendar, and an older change would send people to where it is no longer.
    """
    if KINDS[notice.kind].never_overtaken:
        return booking.status == "moved"
    return all(notice.identity != owed.identity for owed in notices_owed(booking, session))


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


def _owed(booking: Booking, session: Session | None) -> Iterator[Notice]:
    """Yield what this booking owes; without its session, only what bears a version of its own."""
    if booking.status == "moved":
        return
    set_off = {
        "booking": (booking.version, booking.request_id),
        "session": None if session is None else (session.told_sequence, session.request_id),
    }
    for name, kind in KINDS.items():
        by = set_off[kind.version_of]
        if by is not None and kind.owed(booking, session):
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
