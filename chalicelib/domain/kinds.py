"""Which mails we send: one table of kinds. An entry says when a mail is owed, until when, and what is in it.

| kind         | owed when                                              | version           |
|--------------|--------------------------------------------------------|-------------------|
| confirmation | a booking is made; or somebody asks for it again, or   | booking's version |
|              | its address is corrected; it tells of changes, too     |                   |
| cancellation | a booking is cancelled, by anybody and not quietly     | booking's version |
| change       | a session changes in time or place: to each confirmed  | session's told    |
|              | booking whose form showed it as it was, or may have    | sequence          |
| reminder,    | a day, or two hours, before the session: to who booked | local day of the  |
| ..._today    | well before that, where the event asks for it          | session's start   |

Only this file knows a kind by its name: a new one is an entry here and a folder of templates.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event, Reminder
from chalicelib.domain.session import Session, to_utc

CHANGE_REACHES = timedelta(minutes=10)
"""Who books within this time after a change may have read the page before it; who books later has not.

Only where the form doesn't say what it showed: one that was pasted into another site, or a program's."""

REMINDED_FROM = timedelta(days=1)
"""Who books later than this before a reminder still knows."""

CalendarMethod = Literal["REQUEST", "CANCEL"]
"""What a mail's calendar entry asks of the calendar (RFC 5546): to put it in, or to take it out."""

DueAt = Callable[[Session], datetime]
"""When an email about a session is due."""

InTime = Callable[[Session, datetime], bool]
"""Whether an email about a session may still go at a moment after that."""


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


def _day_before(session: Session) -> datetime:
    """Return eleven on the day before, by the clocks at the venue: most people have the day to cancel."""
    day = session.starts_local.date() - timedelta(days=1)
    return to_utc(datetime.combine(day, time(11)), session.zone)


def _two_hours_before(session: Session) -> datetime:
    return session.starts_at - timedelta(hours=2)


def _in_time_for_the_day_before(session: Session, now: datetime) -> bool:
    """Return whether it may still go: a late one goes while people are awake, and not beside the next."""
    return 9 <= now.astimezone(ZoneInfo(session.zone)).hour < 21 and now < _two_hours_before(session)


def _until_it_starts(session: Session, now: datetime) -> bool:
    return now < session.starts_at


def _is_otherwise_since(session: Session, moment: datetime) -> bool:
    """Return whether people were told of another time or place since. What was put right is as it was."""
    if session.sequence_at is None or session.sequence_at <= moment:
        return False
    stood = next((one for one in session.earlier if one.until > moment), None)
    names = ("zone", "starts_local", "ends_local", "venue", "address", "latitude", "longitude")
    return stood is None or any(getattr(stood, name) != getattr(session, name) for name in names)


def _reminder(due_at: DueAt, setting: Reminder, in_time: InTime) -> "Kind":
    """Return the kind of email that reminds people at this time, if their event has this reminder."""

    def owed(booking: Booking, session: Session | None) -> bool:
        if session is None or booking.status != "confirmed":
            return False
        due = due_at(session)
        # An email about a change since then is a reminder, too.
        return booking.created_at <= due - REMINDED_FROM and not _is_otherwise_since(session, due)

    return Kind(
        owed=owed,
        since=lambda _, session: due_at(session),
        version_of="day",
        due_at=due_at,
        in_time=in_time,
        asked_for=lambda event: setting in event.reminders,
        counted=True,
        told_since=lambda booking, session: booking.mailed_at > due_at(session),
        templates="reminder",
        ticket=True,
    )


def _never(_: Booking, __: Session) -> bool:
    return False


def _always(_: Event) -> bool:
    return True


class Kind(Struct, frozen=True, kw_only=True):
    """What differs between kinds of email. All code that queues, writes or sends one asks this."""

    owed: Callable[[Booking, Session | None], bool]
    """Whether a booking in this state owes it. Who sees the booking alone, as the stream does, gives None."""
    since: Callable[[Booking, Session], datetime] = _since_it_became_so
    """Since when a booking that owes it has done so."""
    version_of: Literal["booking", "session", "day"] = "booking"
    """Whose version tells this mail from the next of its kind: the booking's, or its session's told_sequence.

    With the booking's it is queued when the booking changes, with the session's when that sequence rises.
    With "day" there is one for each local day that the session was to start on: it has a ``due_at``."""
    due_at: DueAt | None = None
    """When it is due, if that is a time. It is owed from then on until the session starts, and not before."""
    in_time: InTime = _until_it_starts
    """Whether it may still go now, if it is late."""
    asked_for: Callable[[Event], bool] = _always
    """Whether the event wants emails of this kind that are due at a time. Asked when they are due."""
    only_if_new: bool = False
    """Whether it is overtaken where the emails before it have said the same (domain/told.py)."""
    never_overtaken: bool = False
    """Whether it goes out whatever its booking owes by now. Else it is overtaken once it is owed no more."""
    when_off: bool = False
    """Whether it goes out although its session, or the whole event, was cancelled, or the session is over."""
    counted: bool = False
    """Whether it counts against what its recipient and its source may get, and is held back above that.

    One that is due at a time counts to its recipient alone. What is owed to who has booked alone, once for
    each thing done, is no way to flood an inbox; and who isn't told that it is off, or elsewhere, comes to a
    locked door."""
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
    "reminder": _reminder(_day_before, "day_before", _in_time_for_the_day_before),
    "reminder_today": _reminder(_two_hours_before, "two_hours_before", _until_it_starts),
}

if TYPE_CHECKING:
    NoticeKind = str
else:
    # The API's description lists them, and a message of another kind is no notice of ours.
    NoticeKind = Literal[tuple(KINDS)]


def is_timed(kind: NoticeKind) -> bool:
    """Return whether emails of this kind are due at a time, and not when something is done."""
    return KINDS[kind].due_at is not None


def deadlines(session: Session, now: datetime) -> dict[NoticeKind, datetime]:
    """Return when emails about this session are due, by their kinds: nothing if it is off, or has begun."""
    if session.status == "cancelled" or now >= session.starts_at:
        return {}
    return {name: kind.due_at(session) for name, kind in KINDS.items() if kind.due_at is not None}


def is_due(kind: NoticeKind, event: Event | None, session: Session, now: datetime) -> bool:
    """Return whether emails of a kind that is due at a time are to be sent now to who owes them."""
    due = deadlines(session, now).get(kind)
    wanted = event is not None and event.status == "published" and KINDS[kind].asked_for(event)
    return wanted and due is not None and due <= now and KINDS[kind].in_time(session, now)
