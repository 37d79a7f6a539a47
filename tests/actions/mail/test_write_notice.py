"""The mail that a notice becomes: its link, its calendar entry, its ticket."""

import email
import email.policy
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from chalicelib.actions.mail.write_notice import write_notice
from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.kinds import NoticeKind
from chalicelib.domain.links import BookingAddress, read_link
from chalicelib.domain.notices import Notice
from chalicelib.domain.refusals import LinkExpired
from chalicelib.domain.session import Session
from chalicelib.settings import settings
from chalicelib.store.secrets import token_secrets
from tests.mail_chain import calendar_of
from tests.making import MADE_AT, booking_for, make_event, make_session

KINDS: tuple[NoticeKind, ...] = ("confirmation", "change", "cancellation")


@pytest.fixture
def event(table: Any) -> Event:
    return make_event()


@pytest.fixture
def session(event: Event) -> Session:
    return make_session(event)


@pytest.fixture
def booking(session: Session) -> Booking:
    return booking_for(session, "ann")


def write(kind: NoticeKind, event: Event, session: Session, booking: Booking) -> EmailMessage:
    notice = Notice(
        session_id=session.session_id, key=booking.key, booking_id=booking.booking_id, kind=kind, version=1
    )
    raw = write_notice(notice, event, session, booking, now=MADE_AT).raw
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_the_link_in_the_mail_opens_this_booking_until_thirty_days_after_the_session(
    event: Event, session: Session, booking: Booking
) -> None:
    body = write("confirmation", event, session, booking).get_body(("plain",))
    assert body is not None
    words = body.get_content().split()
    (url,) = {word for word in words if word.startswith(f"{settings().base_url}/manage/")}
    link = url.rpartition("/")[2]
    last_moment = session.ends_at + timedelta(days=30)
    address = BookingAddress(booking.session_id, booking.key, booking.booking_id)
    assert read_link(token_secrets(), "manage", link, last_moment) == address
    with pytest.raises(LinkExpired):
        read_link(token_secrets(), "manage", link, last_moment + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("kind", "method"), [("confirmation", "REQUEST"), ("change", "REQUEST"), ("cancellation", "CANCEL")]
)
def test_each_mail_tells_the_calendar_what_to_do(
    event: Event, session: Session, booking: Booking, kind: NoticeKind, method: str
) -> None:
    entry = calendar_of(write(kind, event, session, booking))
    assert (entry["METHOD"], entry["UID"].partition("@")[0]) == (method, booking.booking_id)


def test_only_who_may_come_gets_a_ticket(event: Event, session: Session, booking: Booking) -> None:
    parts = {kind: content_types(write(kind, event, session, booking)) for kind in KINDS}
    assert {kind for kind in KINDS if "image/png" in parts[kind]} == {"confirmation", "change"}


def content_types(mail: EmailMessage) -> set[str]:
    return {part.get_content_type() for part in mail.walk()}
