"""Storing events and their sessions. Every write here makes this process forget what it read lately.

How many places a session has is not written here but in store/capacity_changes.py.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pynamodb.transactions import TransactWrite

from chalicelib.domain.event import Event
from chalicelib.domain.refusals import Busy, SlugTaken
from chalicelib.domain.session import Session
from chalicelib.store.connection import connection
from chalicelib.store.event_items import event_item, recount_item, session_item
from chalicelib.store.events import find_event, find_session
from chalicelib.store.lately import forget_caches
from chalicelib.store.table import EventItem, OrganiserEventItem, RecountItem, SessionItem, SlugItem
from chalicelib.store.writing import Refuse, writing


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
