"""Events and sessions between the domain's structs and the table's items."""

from datetime import timedelta

from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.store.keys import event_key, session_key
from chalicelib.store.mapping import Image, item_of, struct_from_image
from chalicelib.store.table import EventItem, RecountItem, SessionItem

_RECOUNT_FOR = timedelta(days=7)
"""How long after its end a session is still recounted."""


def event_item(event: Event) -> EventItem:
    """Return the item that holds this event."""
    return item_of(EventItem, event_key(event.event_id), event)


def session_item(session: Session) -> SessionItem:
    """Return the item that holds this session."""
    return item_of(SessionItem, session_key(session.event_id, session.session_id), session)


def event_from_image(image: Image) -> Event:
    """Return the event that a stream record's image holds."""
    return struct_from_image(Event, EventItem, image)


def session_from_image(image: Image) -> Session:
    """Return the session that a stream record's image holds."""
    return struct_from_image(Session, SessionItem, image)


def recount_item(session: Session) -> RecountItem:
    """Return the item that says until when this session is recounted."""
    return RecountItem(
        "RECOUNT",
        session.session_id,
        session_id=session.session_id,
        event_id=session.event_id,
        expires=int((session.ends_at + _RECOUNT_FOR).timestamp()),
    )
