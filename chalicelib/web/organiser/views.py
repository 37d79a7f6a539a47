"""What an organiser is shown. Times are UTC (RFC 3339), with a session's zone and local times beside them."""

from datetime import datetime

from chalicelib.domain.event import Event, OrganisersEvent
from chalicelib.domain.session import OrganisersSession, Session, closing_time, paused_until
from chalicelib.web.event.urls import embed_page_url, event_page_url, event_url, session_page_url
from chalicelib.web.event.views import LocatedView, located_view
from chalicelib.web.http.shown import shown


class EventView(OrganisersEvent, frozen=True, kw_only=True):
    """An event as its organiser sees it.

    ``public_url`` (for programs) and ``page_url`` (for people) work once the event is published.
    """

    cancellation_reason: str | None
    public_url: str
    page_url: str
    version: int


class SessionView(OrganisersSession, frozen=True, kw_only=True):
    """A session as its organiser sees it.

    ``closes_at`` is the closing time set for this session; ``booking_closes_at`` is when booking closes.
    ``paused_until`` is set while bookings wait for a change of the capacity.
    """

    located: LocatedView
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime | None
    booking_closes_at: datetime
    capacity: int
    places_free: int
    paused_until: datetime | None
    change_note: str | None
    cancellation_reason: str | None
    page_url: str
    embed_url: str
    version: int


def event_view(event: Event) -> EventView:
    """Return the event as its organiser sees it."""
    return shown(EventView, event, public_url=event_url(event), page_url=event_page_url(event))


def session_view(event: Event, session: Session, places_free: int, now: datetime) -> SessionView:
    """Return the session as its organiser sees it."""
    return shown(
        SessionView,
        session,
        located=located_view(session),
        booking_closes_at=closing_time(event, session),
        places_free=places_free,
        paused_until=paused_until(session, now),
        page_url=session_page_url(event, session),
        embed_url=embed_page_url(event, session),
    )
