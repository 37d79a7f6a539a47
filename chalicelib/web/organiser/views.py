"""What an organiser is shown. Times are UTC (RFC 3339), with a session's zone and local times beside them."""

from datetime import datetime

from msgspec import Struct

from chalicelib.domain.event import AdmissionMode, Event, EventStatus
from chalicelib.domain.questions import Question
from chalicelib.domain.session import Session, SessionStatus, closing_time, paused_until
from chalicelib.web.event.urls import embed_page_url, event_page_url, event_url, session_page_url


class EventView(Struct, frozen=True, kw_only=True):
    """An event as its organiser sees it.

    ``public_url`` (for programs) and ``page_url`` (for people) answer once the event is published.
    """

    event_id: str
    slug: str
    status: EventStatus
    title: str
    description: str
    language: str
    opens_at: datetime | None
    closes_at: datetime | None
    places_per_booking_max: int
    bookings_per_address_max: int
    questions: tuple[Question, ...]
    reply_to: str | None
    return_urls: tuple[str, ...]
    allowed_origins: tuple[str, ...]
    admission: AdmissionMode
    admissions_per_second: int
    public_url: str
    page_url: str
    version: int


class SessionView(Struct, frozen=True, kw_only=True):
    """A session as its organiser sees it.

    ``closes_at`` is what was set for it, None if the event's time holds; ``booking_closes_at`` is
    when booking ends. ``places_free`` was true a moment ago. ``paused_until`` is there while bookings
    wait for a change of the capacity. ``page_url`` is the page with its form, ``embed_url`` shows that form
    for another site; both answer once the event is published.
    """

    session_id: str
    event_id: str
    status: SessionStatus
    title: str
    venue: str
    address: str
    latitude: float | None
    longitude: float | None
    zone: str
    starts_local: datetime
    ends_local: datetime
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime | None
    booking_closes_at: datetime
    capacity: int
    places_free: int
    paused_until: datetime | None
    page_url: str
    embed_url: str
    version: int


def event_view(event: Event) -> EventView:
    """Return the event as its organiser sees it."""
    return EventView(
        event_id=event.event_id,
        slug=event.slug,
        status=event.status,
        title=event.title,
        description=event.description,
        language=event.language,
        opens_at=event.opens_at,
        closes_at=event.closes_at,
        places_per_booking_max=event.places_per_booking_max,
        bookings_per_address_max=event.bookings_per_address_max,
        questions=event.questions,
        reply_to=event.reply_to,
        return_urls=event.return_urls,
        allowed_origins=event.allowed_origins,
        admission=event.admission,
        admissions_per_second=event.admissions_per_second,
        public_url=event_url(event),
        page_url=event_page_url(event),
        version=event.version,
    )


def session_view(event: Event, session: Session, places_free: int, now: datetime) -> SessionView:
    """Return the session as its organiser sees it."""
    return SessionView(
        session_id=session.session_id,
        event_id=session.event_id,
        status=session.status,
        title=session.title,
        venue=session.venue,
        address=session.address,
        latitude=session.latitude,
        longitude=session.longitude,
        zone=session.zone,
        starts_local=session.starts_local,
        ends_local=session.ends_local,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        closes_at=session.closes_at,
        booking_closes_at=closing_time(event, session),
        capacity=session.capacity,
        places_free=places_free,
        paused_until=paused_until(session, now),
        page_url=session_page_url(event, session),
        embed_url=embed_page_url(event, session),
        version=session.version,
    )
