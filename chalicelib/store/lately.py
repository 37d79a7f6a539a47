"""Events and their sessions as they were at most two seconds ago, for those who see and book them.

Nothing is read while what we have is younger than CACHE_SECONDS. At an opening all processes read at once,
from the event's one partition: so a slug's event is remembered for an hour, and the event comes with its
first sessions in one query, eventually consistent. It is seconds old when it is used, and the conditions of
the write decide.
"""

import time

from pynamodb.exceptions import DoesNotExist

from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.store.connection import connection
from chalicelib.store.event_items import event_from_image, session_from_image
from chalicelib.store.events import event_id_of, find_session, sessions_of
from chalicelib.store.keys import is_id
from chalicelib.store.recent import Recent
from chalicelib.store.table import EventItem

CACHE_SECONDS = 2.0
"""How old what the cached readers return may be. Pausing a session waits this out."""

_SLUG_SECONDS = 3600.0
"""A slug leads to one event for as long as that is there; this only keeps a restored table from being
overlooked."""

_SESSIONS_WITH_EVENT = 25
"""Some 12 KB: one and a half read units. Sessions beyond are read one by one."""


_event_ids: Recent[str] = Recent(_SLUG_SECONDS, entries_max=512)
_events: Recent[Event | None] = Recent(CACHE_SECONDS, entries_max=512)
_events_by_slug: Recent[Event | None] = Recent(CACHE_SECONDS, entries_max=512)
_sessions: Recent[Session | None] = Recent(CACHE_SECONDS, entries_max=2048)
_session_lists: Recent[list[Session]] = Recent(CACHE_SECONDS, entries_max=128)


def cached_event_by_slug(slug: str) -> Event | None:
    """Return the event with this slug as it was at most CACHE_SECONDS ago. Slugs nobody has are kept too."""
    return _events_by_slug.get(slug, lambda: _event_by_slug_lately(slug))


def cached_event(event_id: str) -> Event | None:
    """Return this event as it was at most CACHE_SECONDS ago."""
    return _events.get(event_id, lambda: _event_lately(event_id))


def _event_by_slug_lately(slug: str) -> Event | None:
    try:
        event = _event_lately(_event_ids.get(slug, lambda: event_id_of(slug, consistent=False)))
        if event is None:
            # A draft that was deleted: its slug may be another event's by now.
            began, event_id = time.monotonic(), event_id_of(slug, consistent=False)
            _event_ids.keep(slug, event_id, began)
            event = _event_lately(event_id)
    except DoesNotExist:
        return None
    return event


def _event_lately(event_id: str) -> Event | None:
    if not is_id(event_id):
        return None
    began = time.monotonic()
    answer = connection().query(
        EventItem.Meta.table_name, f"EVENT#{event_id}", limit=1 + _SESSIONS_WITH_EVENT, consistent_read=False
    )
    event = None
    for raw in answer["Items"]:
        if raw["SK"]["S"] == "EVENT":
            event = event_from_image(raw)
        else:
            session = session_from_image(raw)
            _sessions.keep(f"{event_id}/{session.session_id}", session, began)
    _events.keep(event_id, event, began)
    return event


def cached_session(event_id: str, session_id: str) -> Session | None:
    """Return the session as it was at most CACHE_SECONDS ago."""
    key = f"{event_id}/{session_id}"
    return _sessions.get(key, lambda: find_session(event_id, session_id, consistent=False))


def cached_sessions(event_id: str) -> list[Session]:
    """Return the event's sessions as they were at most CACHE_SECONDS ago."""
    return _session_lists.get(event_id, lambda: sessions_of(event_id, consistent=False))


def forget_caches() -> None:
    """Forget what the cached readers remember. Every write here does, so a process sees its own writes."""
    for cache in (_event_ids, _events, _events_by_slug, _sessions, _session_lists):
        cache.forget()
