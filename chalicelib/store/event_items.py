"""Events and sessions between the domain's structs and the table's items."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import msgspec

from chalicelib.domain.event import AdmissionMode, Event, EventStatus
from chalicelib.domain.questions import Question
from chalicelib.domain.session import Session, SessionStatus
from chalicelib.store.table import EventItem, RecountItem, SessionItem

_RECOUNT_FOR = timedelta(days=7)
"""How long after its end a session is still recounted."""


def event_from(item: EventItem) -> Event:
    """Return the event that this item holds."""
    return Event(
        event_id=item.event_id,
        organiser_id=item.organiser_id,
        slug=item.slug,
        title=item.title,
        description=item.description,
        language=item.language,
        status=cast(EventStatus, item.status),
        opens_at=item.opens_at,
        closes_at=item.closes_at,
        places_per_booking_max=int(item.places_per_booking_max),
        bookings_per_address_max=int(item.bookings_per_address_max),
        questions=msgspec.json.decode(item.questions, type=tuple[Question, ...]) if item.questions else (),
        reply_to=item.reply_to,
        return_urls=tuple(item.return_urls),
        allowed_origins=tuple(item.allowed_origins),
        admission=cast(AdmissionMode, item.admission),
        admissions_per_second=int(item.admissions_per_second),
        line_seed=item.line_seed or "",
        version=int(item.version),
    )


def event_item(event: Event) -> EventItem:
    """Return the item that holds this event."""
    return EventItem(
        f"EVENT#{event.event_id}",
        "EVENT",
        event_id=event.event_id,
        organiser_id=event.organiser_id,
        slug=event.slug,
        title=event.title,
        description=event.description,
        language=event.language,
        status=event.status,
        opens_at=event.opens_at,
        closes_at=event.closes_at,
        places_per_booking_max=event.places_per_booking_max,
        bookings_per_address_max=event.bookings_per_address_max,
        questions=msgspec.json.encode(event.questions).decode() if event.questions else None,
        reply_to=event.reply_to,
        return_urls=list(event.return_urls),
        allowed_origins=list(event.allowed_origins),
        admission=event.admission,
        admissions_per_second=event.admissions_per_second,
        line_seed=event.line_seed or None,
        version=event.version,
    )


def session_from(item: SessionItem) -> Session:
    """Return the session that this item holds."""
    return Session(
        session_id=item.session_id,
        event_id=item.event_id,
        organiser_id=item.organiser_id,
        title=item.title,
        venue=item.venue,
        address=item.address,
        latitude=None if item.latitude is None else float(item.latitude),
        longitude=None if item.longitude is None else float(item.longitude),
        zone=item.zone,
        starts_local=datetime.fromisoformat(item.starts_local),
        ends_local=datetime.fromisoformat(item.ends_local),
        capacity=int(item.capacity),
        counters=int(item.counters),
        closes_at=item.closes_at,
        status=cast(SessionStatus, item.status),
        sequence=int(item.sequence),
        sequence_at=item.sequence_at,
        last_change=tuple(item.last_change),
        paused_until=item.paused_until,
        version=int(item.version),
    )


def session_item(session: Session) -> SessionItem:
    """Return the item that holds this session."""
    return SessionItem(
        f"EVENT#{session.event_id}",
        f"SESSION#{session.session_id}",
        session_id=session.session_id,
        event_id=session.event_id,
        organiser_id=session.organiser_id,
        title=session.title,
        venue=session.venue,
        address=session.address,
        latitude=session.latitude,
        longitude=session.longitude,
        zone=session.zone,
        starts_local=session.starts_local.isoformat(),
        ends_local=session.ends_local.isoformat(),
        capacity=session.capacity,
        counters=session.counters,
        closes_at=session.closes_at,
        status=session.status,
        sequence=session.sequence,
        sequence_at=session.sequence_at,
        last_change=list(session.last_change),
        paused_until=session.paused_until,
        version=session.version,
    )


def event_from_image(image: Mapping[str, Any]) -> Event:
    """Return the event that a stream record's image holds."""
    return event_from(EventItem.from_raw_data({name: dict(value) for name, value in image.items()}))


def session_from_image(image: Mapping[str, Any]) -> Session:
    """Return the session that a stream record's image (``{"PK": {"S": ...}, ...}``) holds."""
    # from_raw_data edits what it is given, and a stream record may be decoded twice.
    return session_from(SessionItem.from_raw_data({name: dict(value) for name, value in image.items()}))


def recount_item(session: Session) -> RecountItem:
    """Return the item that says until when this session is recounted."""
    return RecountItem(
        "RECOUNT",
        session.session_id,
        session_id=session.session_id,
        event_id=session.event_id,
        expires=int((session.ends_at + _RECOUNT_FOR).timestamp()),
    )
