"""Every address that we hand out, in one place. Each begins with the base URL, and so with its prefix."""

import re

from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.links import BookingAddress, Purpose
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.session import Session
from chalicelib.settings import settings

EVENTS = "/admin/events"
EVENT = EVENTS + "/{event_id}"
EVENT_BOOKINGS = EVENT + "/bookings"
SESSIONS = EVENT + "/sessions"
SESSION = SESSIONS + "/{session_id}"
BOOKINGS = SESSION + "/bookings"
BOOKING = BOOKINGS + "/{booking}"

_BOOKING = re.compile(r"([a-z2-7]{32})\.([a-z2-7]{24})")


# For people.


def event_page_url(event: Event) -> str:
    """Return where the event's hosted page is."""
    return f"{settings().base_url}/book/{event.slug}"


def session_page_url(event: Event, session: Session) -> str:
    """Return where the page with a session's booking form is."""
    return f"{event_page_url(event)}/{session.session_id}"


def done_page_url(event: Event, session: Session) -> str:
    """Return where the page is that says what comes after booking."""
    return f"{session_page_url(event, session)}/done"


def fresh_page_url(event: Event, session: Session, link: str) -> str:
    """Return where the browser that has just booked sees its booking."""
    return f"{done_page_url(event, session)}?fresh={link}"


def again_page_url(event: Event, session: Session) -> str:
    """Return where people ask for the email of a booking again."""
    return f"{session_page_url(event, session)}/again"


def embed_page_url(event: Event, session: Session) -> str:
    """Return where a session's form for another site is shown."""
    return f"{session_page_url(event, session)}/embed"


def counter_embed_url(event: Event) -> str:
    """Return where the event's counter is, as a page to be framed by any site."""
    return f"{event_page_url(event)}/counter/embed"


def opening_url(event: Event) -> str:
    """Return where the opening of this event's booking is, as a calendar entry."""
    return f"{event_page_url(event)}/opening.ics"


def join_url(event: Event) -> str:
    """Return where the queue of this event is joined."""
    return f"{event_page_url(event)}/queue"


def place_url(event: Event, ticket: str) -> str:
    """Return where the person who holds this queue ticket sees their place."""
    return f"{join_url(event)}/{ticket}"


def link_url(purpose: Purpose, link: str) -> str:
    """Return where a signed link to a booking leads."""
    return f"{settings().base_url}/{purpose}/{link}"


# For programs.


def event_url(event: Event) -> str:
    """Return where the event is, as JSON."""
    return f"{settings().base_url}/events/{event.slug}"


def session_features_url(event: Event) -> str:
    """Return where the event's sessions are, for the maps of other sites."""
    return f"{event_url(event)}/sessions.geojson"


def counter_url(event: Event) -> str:
    """Return where the event's counter is, as JSON."""
    return f"{event_url(event)}/counter"


def calendar_feed_url(event: Event) -> str:
    """Return where the event's sessions are, as a calendar to subscribe to."""
    return f"{event_url(event)}/sessions.ics"


def queue_url(event: Event) -> str:
    """Return where the event's queue is."""
    return f"{event_url(event)}/queue"


def bookings_url(event: Event, session: Session) -> str:
    """Return where a booking in this session is posted to."""
    return f"{event_url(event)}/sessions/{session.session_id}/bookings"


def again_url(event: Event, session: Session) -> str:
    """Return where programs ask for the email of a booking again."""
    return f"{event_url(event)}/sessions/{session.session_id}/again"


# For organisers, hosts and doors.


def events_admin_url() -> str:
    """Return where an organiser's events are listed."""
    return settings().base_url + EVENTS


def event_admin_url(event_id: str) -> str:
    """Return where an organiser finds this event."""
    return f"{settings().base_url}{EVENTS}/{event_id}"


def session_admin_url(event_id: str, session_id: str) -> str:
    """Return where an organiser finds this session."""
    return f"{event_admin_url(event_id)}/sessions/{session_id}"


def booking_admin_url(booking: Booking) -> str:
    """Return where an organiser finds this booking."""
    return f"{session_admin_url(booking.event_id, booking.session_id)}/bookings/{booking.path}"


def check_in_url(booking: Booking, nonce: str) -> str:
    """Return where a check-in is, to undo it."""
    return f"{booking_admin_url(booking)}/check-ins/{nonce}"


def booking_named(session_id: str, booking: str) -> BookingAddress:
    """Return which booking a path's ``{booking}`` names: its key and its booking_id, with a dot between.

    Raises NotFound for anything else. Whether it is there, the action says that it is handed to.
    """
    named = _BOOKING.fullmatch(booking)
    if named is None:
        raise NotFound("There is no such booking in this session.")
    return BookingAddress(session_id, named[1], named[2])
