"""Events and their sessions: reading them, writing them, and remembering them for two seconds.

Slugs never change, so an event's public link is good for as long as the event is.
How many places a session has is not written here but in store/capacity.py.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pynamodb.exceptions import DoesNotExist
from pynamodb.transactions import TransactWrite

from chalicelib.domain.event import Event
from chalicelib.domain.refusals import Busy, SlugTaken
from chalicelib.domain.session import Session
from chalicelib.store.connection import connection
from chalicelib.store.event_items import (
    event_from_image,
    event_item,
    recount_item,
    session_from_image,
    session_item,
)
from chalicelib.store.mapping import struct_from
from chalicelib.store.recent import Recent
from chalicelib.store.table import (
    EventItem,
    OrganiserEventItem,
    RecountItem,
    SessionItem,
    SlugItem,
)
from chalicelib.store.writing import Refuse, writing

CACHE_SECONDS = 2.0
"""How old what the cached readers return may be. Pausing a session waits this out."""

_SLUG_SECONDS = 3600.0
"""A slug leads to one event for ever; this only keeps a restored table from being overlooked."""

_SESSIONS_WITH_EVENT = 25
"""Some 12 KB: one and a half read units. Sessions beyond are read one by one."""

_ID = re.compile(r"[a-z0-9]{1,64}")
_SLUG = re.compile(r"[a-z0-9-]{1,60}")

_event_ids: Recent[str] = Recent(_SLUG_SECONDS, entries_max=512)
_events: Recent[Event | None] = Recent(CACHE_SECONDS, entries_max=512)
_sessions: Recent[Session | None] = Recent(CACHE_SECONDS, entries_max=2048)
_session_lists: Recent[list[Session]] = Recent(CACHE_SECONDS, entries_max=128)


# Reading. Whoever waits for a read that is throttled or lost is told Busy.


def find_event(event_id: str) -> Event | None:
    """Return the event as it is now, or None."""
    if not _ID.fullmatch(event_id):
        return None
    try:
        item = EventItem.get(f"EVENT#{event_id}", "EVENT", consistent_read=True)
    except DoesNotExist:
        return None
    return struct_from(Event, item)


def event_by_slug(slug: str) -> Event | None:
    """Return the event with this slug as it is now, or None."""
    try:
        return find_event(_event_id(slug))
    except DoesNotExist:
        return None


def _event_id(slug: str, *, consistent: bool = True) -> str:
    if not _SLUG.fullmatch(slug):
        raise DoesNotExist
    event_id: str = SlugItem.get(f"SLUG#{slug}", "SLUG", consistent_read=consistent).event_id
    return event_id


def events_of(organiser_id: str) -> list[Event]:
    """Return all events of an organiser by slug."""
    listed = OrganiserEventItem.query(
        f"ORG#{organiser_id}", OrganiserEventItem.SK.startswith("EVENT#"), consistent_read=True
    )
    keys = [(f"EVENT#{item.event_id}", "EVENT") for item in listed]
    found = EventItem.batch_get(keys, consistent_read=True)
    return sorted((struct_from(Event, item) for item in found), key=lambda event: event.slug)


def find_session(event_id: str, session_id: str, *, consistent: bool = True) -> Session | None:
    """Return the session as it is now (or was a moment ago, at half the price), or None."""
    if not (_ID.fullmatch(event_id) and _ID.fullmatch(session_id)):
        return None
    try:
        item = SessionItem.get(f"EVENT#{event_id}", f"SESSION#{session_id}", consistent_read=consistent)
    except DoesNotExist:
        return None
    return struct_from(Session, item)


def sessions_of(event_id: str, *, consistent: bool = True) -> list[Session]:
    """Return all sessions of an event, the earliest first."""
    if not _ID.fullmatch(event_id):
        return []
    items = SessionItem.query(
        f"EVENT#{event_id}", SessionItem.SK.startswith("SESSION#"), consistent_read=consistent
    )
    sessions = (struct_from(Session, item) for item in items)
    return sorted(sessions, key=lambda session: (session.starts_at, session.session_id))


# Reading on the booking path: nothing is read while what we have is younger than CACHE_SECONDS. At an opening
# all processes read at once, from the event's one partition: so a slug's event is remembered for an hour, and
# the event comes with its first sessions in one query, eventually consistent. It is seconds old when it is
# used, and the conditions of the write decide.


def cached_event_by_slug(slug: str) -> Event | None:
    """Return the event with this slug as it was at most CACHE_SECONDS ago. Slugs nobody has are kept too."""
    return _events.get(slug, lambda: _event_lately(slug))


def _event_lately(slug: str) -> Event | None:
    try:
        event_id = _event_ids.get(slug, lambda: _event_id(slug, consistent=False))
    except DoesNotExist:
        return None
    if not _ID.fullmatch(event_id):
        return None
    began = time.monotonic()
    page = connection().query(
        EventItem.Meta.table_name, f"EVENT#{event_id}", limit=1 + _SESSIONS_WITH_EVENT, consistent_read=False
    )
    event = None
    for raw in page["Items"]:
        if raw["SK"]["S"] == "EVENT":
            event = event_from_image(raw)
        else:
            session = session_from_image(raw)
            _sessions.keep(f"{event_id}/{session.session_id}", session, began)
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
    for cache in (_event_ids, _events, _sessions, _session_lists):
        cache.forget()


# Writing


def create_event(event: Event) -> None:
    """Store a new event, its slug and its place in the organiser's list, or raise SlugTaken or Busy."""
    slug = SlugItem(f"SLUG#{event.slug}", "SLUG", event_id=event.event_id)
    listed = OrganiserEventItem(
        f"ORG#{event.organiser_id}", f"EVENT#{event.event_id}", event_id=event.event_id
    )

    def refusal(refused: list[bool]) -> SlugTaken | Busy:
        return SlugTaken(event.slug) if refused[0] else Busy()

    with (
        _writing(refusal, lambda: _event_is_stored(event)),
        TransactWrite(connection=connection()) as transaction,
    ):
        transaction.save(slug, condition=SlugItem.PK.does_not_exist())
        transaction.save(event_item(event), condition=EventItem.PK.does_not_exist())
        transaction.save(listed)


def save_event(event: Event, at_version: int) -> None:
    """Store a changed event if the stored one is still at this version; else raise Busy."""
    with _writing(_busy, lambda: _event_is_stored(event)):
        event_item(event).save(condition=EventItem.version == at_version)


def create_session(session: Session) -> None:
    """Store a new session, and that it is to be recounted, or raise Busy. Its pool is open already."""
    with (
        _writing(_busy, lambda: _session_is_stored(session)),
        TransactWrite(connection=connection()) as transaction,
    ):
        transaction.save(session_item(session), condition=SessionItem.PK.does_not_exist())
        transaction.save(recount_item(session))


def save_session(session: Session, at_version: int) -> None:
    """Store a changed session if the stored one is still at this version; else raise Busy."""
    with _writing(_busy, lambda: _session_is_stored(session)):
        session_item(session).save(condition=SessionItem.version == at_version)


def save_session_elsewhere(session: Session, at_version: int) -> None:
    """Store a session's new time or place if the stored one is still at this version; else raise Busy.

    In the same transaction its recount is told: the mails that this owes move no counter, and are found
    like any other if they get lost. It also goes on until a week after the new end.
    """
    watched = recount_item(session)
    with (
        _writing(_busy, lambda: _session_is_stored(session)),
        TransactWrite(connection=connection()) as transaction,
    ):
        transaction.save(session_item(session), condition=SessionItem.version == at_version)
        transaction.update(
            watched,
            [
                RecountItem.schema.set(1),
                RecountItem.session_id.set(watched.session_id),
                RecountItem.event_id.set(watched.event_id),
                RecountItem.expires.set(watched.expires),
                RecountItem.seen_versions.set(-1),
                # Tells a recount that is under way just now that it hasn't seen this.
                RecountItem.asks.add(1),
            ],
        )


@contextmanager
def _writing(refusal: Refuse, is_stored: Callable[[], bool]) -> Iterator[None]:
    """Refuse a write that was not done, unless it was: of a lost answer, only the table knows."""
    try:
        with writing(refusal):
            yield
    except Busy:
        if not is_stored():
            raise
    finally:
        forget_caches()


def _busy(_: list[bool]) -> Busy:
    return Busy()


def _event_is_stored(event: Event) -> bool:
    return find_event(event.event_id) == event


def _session_is_stored(session: Session) -> bool:
    return find_session(session.event_id, session.session_id) == session
