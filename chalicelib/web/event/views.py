"""What the public is shown of an event and its sessions, as JSON and on pages alike.

The views name each field themselves and inherit none, so nothing else that is stored is shown.
"""

from datetime import datetime

from msgspec import Struct

from chalicelib.domain.cancellation import why_cancelled
from chalicelib.domain.event import AdmissionMode, Event, EventStatus
from chalicelib.domain.questions import Question
from chalicelib.domain.refusals import Busy, Refusal, SoldOut
from chalicelib.domain.session import (
    Band,
    Session,
    band,
    closing_time,
    paused_until,
    require_bookable_session,
)
from chalicelib.domain.titles import map_url
from chalicelib.store.places_left import PlacesLeft
from chalicelib.web.event.urls import (
    again_url,
    bookings_url,
    counter_url,
    event_page_url,
    event_url,
    queue_url,
    session_features_url,
    session_page_url,
)
from chalicelib.web.http.shown import shown


class SessionLinks(Struct, frozen=True, kw_only=True):
    """Where to go from a session."""

    bookings: str
    """POST here to book."""
    again: str
    """POST here to ask for the email of a booking again."""
    page: str
    """The hosted page with the form."""
    map: str


class LocatedView(Struct, frozen=True, kw_only=True):
    """Where a session is: domain.located.Located."""

    town: str
    country: str | None
    latitude: float | None
    longitude: float | None
    approximate: bool


class SessionView(Struct, frozen=True, kw_only=True):
    """A session as anyone may see it."""

    session_id: str
    title: str
    venue: str
    address: str
    latitude: float | None
    longitude: float | None
    located: LocatedView
    zone: str
    starts_at: datetime
    ends_at: datetime
    starts_local: datetime
    ends_local: datetime
    places_left: Band
    over: bool
    bookable: bool
    not_bookable: str | None
    paused: bool
    opens_at: datetime | None
    closes_at: datetime
    change_note: str | None
    cancellation_reason: str | None
    links: SessionLinks


class EventView(Struct, frozen=True, kw_only=True):
    """An event as anyone may see it."""

    event_id: str
    slug: str
    title: str
    description: str
    language: str
    status: EventStatus
    cancellation_reason: str | None
    opens_at: datetime | None
    places_per_booking_max: int
    bookings_per_address_max: int
    admission: AdmissionMode
    """``queue``: booking takes an admission from the queue, which ``links.queue`` leads to."""
    organiser_name: str | None
    contact: str | None
    privacy_url: str | None
    price: str | None
    session_noun: str
    picture_url: str | None
    accent_colour: str | None
    questions: tuple[Question, ...]
    """To be answered with the booking; see POST there."""
    sessions: list[SessionView]
    links: dict[str, str]


def event_view(
    event: Event, sessions: list[Session], places: dict[str, PlacesLeft], now: datetime
) -> EventView:
    """Return the event with its sessions: the next one first, and those that are over last."""
    views = [session_view(event, session, places[session.session_id], now) for session in sessions]
    return shown(
        EventView,
        event,
        sessions=sorted(views, key=lambda view: (view.over, view.starts_at, view.title, view.session_id)),
        links={
            "self": event_url(event),
            "page": event_page_url(event),
            "geojson": session_features_url(event),
            **({"counter": counter_url(event)} if event.counter else {}),
            **({"queue": queue_url(event)} if event.admission == "queue" else {}),
        },
    )


def session_view(event: Event, session: Session, places: PlacesLeft, now: datetime) -> SessionView:
    """Return the session, with why it can't be booked now if it can't."""
    refusal = why_not_bookable(event, session, places.free if places.is_fresh else None, now)
    return shown(
        SessionView,
        session,
        located=located_view(session),
        places_left="some" if places.free is None else band(places.free, session.capacity),
        over=now > session.ends_at,
        bookable=refusal is None,
        not_bookable=refusal.code if refusal else None,
        paused=refusal is None and paused_until(session, now) is not None,
        opens_at=event.opens_at,
        closes_at=closing_time(event, session),
        cancellation_reason=why_cancelled(event, session, now),
        links=SessionLinks(
            bookings=bookings_url(event, session),
            again=again_url(event, session),
            page=session_page_url(event, session),
            map=map_url(session),
        ),
    )


def located_view(session: Session) -> LocatedView:
    """Return where the session is, and whether that is its organiser's pin or only its town."""
    # Imported here, as nobody who books needs it.
    from chalicelib.domain.located import located  # noqa: PLC0415

    where = located(session)
    latitude, longitude = (where.point.latitude, where.point.longitude) if where.point else (None, None)
    return shown(LocatedView, where, latitude=latitude, longitude=longitude)


def why_not_bookable(
    event: Event, session: Session, places_free: int | None, now: datetime
) -> Refusal | None:
    """Return the refusal that a party of one would meet now, as far as can be known without trying.

    ``places_free`` is None where that may have changed since it was counted.
    """
    try:
        require_bookable_session(event, session, now)
    except Busy:
        # Its capacity is being changed, which takes seconds: no reason to turn anybody away.
        return None
    except Refusal as refusal:
        return refusal
    return None if places_free is None or places_free > 0 else SoldOut(1, 0)
