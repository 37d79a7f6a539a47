"""What organisers and hosts are shown of a booking, and of the emails that it owes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from chalice.app import Response
from msgspec import Struct

from chalicelib.domain.booking import Booking, BookingStatus
from chalicelib.domain.ids import reference
from chalicelib.domain.notices import Notice, NoticeKind, notices_owed, owed_since
from chalicelib.domain.questions import Answers
from chalicelib.domain.session import Session
from chalicelib.store.sent_mail import NoticeState, SentMail, states
from chalicelib.web.event.urls import booking_admin_url, check_in_url
from chalicelib.web.http.replies import json_reply
from chalicelib.web.http.shown import shown

MailState = Literal["owed"] | NoticeState


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
    created_at: datetime
    changed_at: datetime
    version: int


def booking_views(session: Session, bookings: Sequence[Booking]) -> list[BookingView]:
    """Return these bookings of the session as organisers see them, with how far their emails got."""
    return [
        _booking_view(booking, mails)
        for booking, mails in zip(bookings, mail_views(session, bookings), strict=True)
    ]


def booking_reply(
    session: Session | None, booking: Booking, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Return a reply with this booking of the session, which an action has found there."""
    if session is None:
        raise LookupError("a booking whose session is gone")
    return json_reply(booking_views(session, [booking])[0], status, headers)


def mail_views(session: Session, bookings: Sequence[Booking]) -> list[list[MailView]]:
    """Return, for each of these bookings of the session, how far the emails got that it owes."""
    owed = [(booking, notices_owed(booking, session)) for booking in bookings]
    known = states(notice for _, notices in owed for notice in notices)
    return [
        [_mail_view(session, booking, notice, known.get(notice)) for notice in notices]
        for booking, notices in owed
    ]


def _mail_view(session: Session, booking: Booking, notice: Notice, known: SentMail | None) -> MailView:
    if known is None:
        since = owed_since(notice, booking, session)
        return MailView(kind=notice.kind, state="owed", reason=None, at=since)
    at = datetime.fromtimestamp(known.changed_at / 1000, UTC)
    return MailView(kind=notice.kind, state=known.state, reason=known.reason, at=at)


def _booking_view(booking: Booking, mails: list[MailView]) -> BookingView:
    return shown(
        BookingView,
        booking,
        url=booking_admin_url(booking),
        email=booking.address,
        reference=reference(booking.booking_id),
        arrivals=tuple(
            shown(ArrivalView, arrival, url=check_in_url(booking, arrival.nonce))
            for arrival in booking.arrivals
        ),
        mails=mails,
    )
