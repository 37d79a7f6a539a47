"""What organisers and hosts are shown of a booking, and of the emails that it owes."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Literal, TypeVar

from chalice.app import Response
from msgspec import Struct

from chalicelib.domain.booking import Booking, BookingStatus, reference_of
from chalicelib.domain.ids import source_name
from chalicelib.domain.kinds import NoticeKind, is_timed
from chalicelib.domain.notices import Notice, notices_possible, owed_since
from chalicelib.domain.questions import Answers
from chalicelib.domain.session import Session
from chalicelib.store.booking_lists import bookings_from, cursor_after
from chalicelib.store.mail_states import SentMail, states
from chalicelib.store.sent_mail import NoticeState
from chalicelib.web.event.urls import booking_admin_url, check_in_url
from chalicelib.web.http.replies import json_reply
from chalicelib.web.http.shown import shown
from chalicelib.web.http.utc_now import utc_now

MailState = Literal["owed"] | NoticeState

V = TypeVar("V")

_LOOKED_AT_ONCE = 50
LOOKED_AT_MAX = 1000
"""How many bookings one call looks at: of a large session in which all is well, a slice is empty."""


class MailView(Struct, frozen=True, kw_only=True):
    """How far one email about a booking got. ``owed``: we have not begun to send it yet.

    ``reason`` is a code that says more about the state. ``at`` is when this state began.
    """

    kind: NoticeKind
    state: MailState
    reason: str | None
    at: datetime


class ArrivalView(Struct, frozen=True, kw_only=True):
    """Part of a party, checked in together. Send DELETE to ``url`` to undo it."""

    url: str
    places: int
    at: datetime
    where: str


class BookingView(Struct, frozen=True, kw_only=True):
    """A booking as its organiser sees it.

    ``url`` is its address for callers with a token. The attendee's own link is only in the email.
    """

    url: str
    booking_id: str
    reference: str
    status: BookingStatus
    name: str
    email: str
    address: str
    """The same as ``email``."""
    places: int
    guests: tuple[str, ...]
    answers: Answers
    arrived: int
    arrivals: tuple[ArrivalView, ...]
    mails: list[MailView]
    source: str | None
    bounced: bool
    created_at: datetime
    changed_at: datetime
    version: int


class FoundBookingView(BookingView, frozen=True, kw_only=True):
    """A booking that was looked for in a whole event."""

    session_id: str


def booking_views(session: Session, bookings: Sequence[Booking]) -> list[BookingView]:
    """Return these bookings of the session as organisers see them, with how far their emails got."""
    return [
        booking_view(booking, mails)
        for booking, mails in zip(bookings, mail_views(session, bookings), strict=True)
    ]


def found_views(found: Sequence[tuple[Session, Booking]]) -> list[FoundBookingView]:
    """Return the same of bookings in any sessions."""
    return [
        shown(FoundBookingView, booking_view(booking, mails), session_id=booking.session_id)
        for (_, booking), mails in zip(found, _mail_views(found), strict=True)
    ]


def booking_reply(
    session: Session | None, booking: Booking, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Return a reply with this booking of the session, which an action has found there."""
    if session is None:
        raise LookupError("a booking whose session is gone")
    return json_reply(booking_views(session, [booking])[0], status, headers)


def mail_views(session: Session, bookings: Sequence[Booking]) -> list[list[MailView]]:
    """Return, for each of these bookings of the session, how far the emails got that it owes.

    What is due at a time is shown once it is being sent: before that, it may not be wanted any more.
    """
    return _mail_views([(session, booking) for booking in bookings])


def has_bounced(mails: Sequence[MailView]) -> bool:
    """Return whether one of these emails bounced for good, or was not sent as an earlier one had."""
    return any(mail.state == "bounced" or mail.reason == "bounced" for mail in mails)


def source_of(booking: Booking) -> str | None:
    """Return the name of the source that booked; None if an organiser did, or nobody knows."""
    return source_name(booking.event_id, booking.source) if booking.source else None


def looked_through(
    session: Session,
    limit: int,
    cursor: str | None,
    pick: Callable[[Booking, list[MailView]], V | None],
    wanted: Callable[[Booking], bool] = lambda _: True,
) -> tuple[list[V], str | None]:
    """Return a slice of what ``pick`` makes of the bookings that are ``wanted``, and the cursor to the next.

    One call looks at a thousand bookings at most, so a slice before the last may hold less than ``limit``.
    """
    found: list[V] = []
    bookings = bookings_from(session.session_id, cursor)
    for _ in range(LOOKED_AT_MAX // _LOOKED_AT_ONCE):
        looked_at = list(islice(bookings, _LOOKED_AT_ONCE))
        kept = [booking for booking in looked_at if wanted(booking)]
        for booking, mails in zip(kept, mail_views(session, kept), strict=True):
            if (picked := pick(booking, mails)) is not None:
                found.append(picked)
            if len(found) == limit:
                return found, cursor_after(booking)
        if len(looked_at) < _LOOKED_AT_ONCE:
            return found, None
        cursor = cursor_after(looked_at[-1])
    return found, cursor


def _mail_views(booked: Sequence[tuple[Session, Booking]]) -> list[list[MailView]]:
    now = utc_now()
    owed = [(session, booking, notices_possible(booking, session, now)) for session, booking in booked]
    known = states(notice for _, _, notices in owed for notice in notices)
    return [
        [
            _mail_view(session, booking, notice, known.get(notice))
            for notice in notices
            if notice in known or not is_timed(notice.kind)
        ]
        for session, booking, notices in owed
    ]


def _mail_view(session: Session, booking: Booking, notice: Notice, known: SentMail | None) -> MailView:
    if known is None:
        since = owed_since(notice, booking, session)
        return MailView(kind=notice.kind, state="owed", reason=None, at=since)
    at = datetime.fromtimestamp(known.changed_at / 1000, UTC)
    return MailView(kind=notice.kind, state=known.state, reason=known.reason, at=at)


def booking_view(booking: Booking, mails: list[MailView]) -> BookingView:
    """Return this booking as organisers see it, with how far these emails got."""
    return shown(
        BookingView,
        booking,
        url=booking_admin_url(booking),
        email=booking.address,
        reference=reference_of(booking),
        arrivals=tuple(
            shown(ArrivalView, arrival, url=check_in_url(booking, arrival.nonce))
            for arrival in booking.arrivals
        ),
        mails=mails,
        source=source_of(booking),
        bounced=has_bounced(mails),
    )
