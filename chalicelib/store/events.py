"""Events and their sessions as they are now. Whoever waits for a read that is throttled or lost is told Busy.

Slugs never change, so an event's public link is good for as long as the event is.
"""

import re

from pynamodb.exceptions import DoesNotExist

from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.store.keys import event_key, is_id, session_key
from chalicelib.store.mapping import struct_from
from chalicelib.store.table import EventItem, OrganiserEventItem, SessionItem, SlugItem

_SLUG = re.compile(r"[a-z0-9-]{1,60}")


def find_event(event_id: str) -> Event | None:
    """Return the event as it is now, or None."""
    if not is_id(event_id):
        return None
    try:
        item = EventItem.get(*event_key(event_id), consistent_read=True)
    except DoesNotExist:
        return None
    return struct_from(Event, item)


def event_id_of(slug: str, *, consistent: bool = True) -> str:
    """Return which event a slug means. Raises DoesNotExist."""
    if not _SLUG.fullmatch(slug):
        raise DoesNotExist
    event_id: str = SlugItem.get(f"SLUG#{slug}", "SLUG", consistent_read=consistent).event_id
    return event_id


def events_of(organiser_id: str) -> list[Event]:
    """Return all events of an organiser by slug."""
    listed = OrganiserEventItem.query(
        f"ORG#{organiser_id}", OrganiserEventItem.SK.startswith("EVENT#"), consistent_read=True
    )
    keys = [event_key(item.event_id) for item in listed]
    found = EventItem.batch_get(keys, consistent_read=True)
    return sorted((struct_from(Event, item) for item in found), key=lambda event: event.slug)


def find_session(event_id: str, session_id: str, *, consistent: bool = True) -> Session | None:
    """Return the session as it is now (or was a moment ago, at half the price), or None."""
    if not (is_id(event_id) and is_id(session_id)):
        return None
    try:
        item = SessionItem.get(*session_key(event_id, session_id), consistent_read=consistent)
    except DoesNotExist:
        return None
    return struct_from(Session, item)


def sessions_of(event_id: str, *, consistent: bool = True) -> list[Session]:
    """Return all sessions of an event, the earliest first."""
    if not is_id(event_id):
        return []
    items = SessionItem.query(
        f"EVENT#{event_id}", SessionItem.SK.startswith("SESSION#"), consistent_read=consistent
    )
    sessions = (struct_from(Session, item) for item in items)
    return sorted(sessions, key=lambda session: (session.starts_at, session.session_id))
