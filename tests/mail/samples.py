"""An event, a session and a booking for tests to vary. All of it invented, on reserved domains."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from chalicelib.documents.calendar import calendar
from chalicelib.documents.ticket import ticket_png
from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.ids import reference
from chalicelib.domain.kinds import KINDS, NoticeKind
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.session import Session
from chalicelib.domain.ticket import ticket_text
from chalicelib.domain.told import News
from chalicelib.mail.render import MailFacts

NOW = datetime(2026, 8, 1, 12, 0, tzinfo=UTC)
BOOKING_ID = "bq5xzk3faaaabbbbccccdddd"
MANAGE_URL = f"https://book.example.org/v1/b/{'s' * 16}.{'k' * 32}.{BOOKING_ID}.1788800000.k1.{'m' * 32}"
TICKET_URL = MANAGE_URL.replace("/b/", "/ticket/")
EVENT_URL = "https://book.example.org/v1/events/curry-night"

EVENT = Event(
    event_id="e" * 16,
    organiser_id="o" * 16,
    slug="curry-night",
    title="Curry Night",
    status="published",
    reply_to="hello@example.org",
)

SESSION = Session(
    session_id="s" * 16,
    event_id="e" * 16,
    organiser_id="o" * 16,
    title="Leeds",
    venue="The Copper Pot",
    address="12 High Street\nLeeds\nLS1 4AB",
    latitude=53.7997,
    longitude=-1.5492,
    zone="Europe/London",
    starts_local=datetime(2026, 9, 5, 19, 0),
    ends_local=datetime(2026, 9, 5, 22, 0),
    capacity=30,
    counters=2,
)

MOVED = replace(
    SESSION,
    venue="The Brass Ladle",
    address="1 Broad Street, Leeds",
    latitude=53.8,
    longitude=-1.55,
    starts_local=datetime(2026, 9, 5, 19, 30),
    sequence=1,
    sequence_at=NOW + timedelta(minutes=1),
    last_change=("time", "place"),
)
"""The same session after its organisers moved it."""

BOOKING = Booking(
    session_id="s" * 16,
    key="k" * 32,
    booking_id=BOOKING_ID,
    event_id="e" * 16,
    organiser_id="o" * 16,
    status="confirmed",
    version=1,
    name="Ann Other",
    address="ann@example.com",
    places=3,
    guests=("Sam", "Jo"),
    idempotency_key="once",
    fingerprint="f" * 32,
    created_at=NOW,
    changed_at=NOW,
    mailed_at=NOW,
)


def facts(kind: NoticeKind, **changes: Any) -> MailFacts:
    """Return what a caller prepares for a mail of this kind, with some of it changed."""
    event = changes.get("event", EVENT)
    session = changes.get("session", MOVED if kind == "change" else SESSION)
    booking = changes.get("booking", BOOKING)
    booking_id = changes.get("booking_id", booking.booking_id)
    address = BookingAddress(booking.session_id, booking.key, booking_id)
    method = KINDS[kind].calendar
    made = MailFacts(
        event=event,
        session=session,
        booking=booking,
        booking_id=booking_id,
        reference=reference(booking_id),
        version=session.sequence if kind == "change" else booking.version,
        manage_url=MANAGE_URL,
        ticket_url=TICKET_URL,
        event_url=EVENT_URL,
        mail_from="bookings@example.org",
        calendar=method
        and calendar(
            method=method,
            event=event,
            session=session,
            booking_id=booking_id,
            reference=reference(booking_id),
            sequence=session.sequence + booking.version,
            attendee_name=booking.name,
            attendee_address=booking.address,
            organiser_address="bookings@example.org",
            ticket_url=TICKET_URL,
            now=NOW,
        ),
        ticket_png=ticket_png(ticket_text(address)) if KINDS[kind].ticket else None,
        news=News(session.last_change, None) if kind == "change" else None,
        now=NOW,
    )
    return replace(
        made, **{name: value for name, value in changes.items() if name not in {"event", "session"}}
    )
