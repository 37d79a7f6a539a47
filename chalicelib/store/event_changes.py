"""Storing events and their sessions. Every write here makes this process forget what it read lately.

How many places a session has is not written here but in store/capacity_changes.py.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from chalicelib.domain.event import Event
from chalicelib.domain.refusals import Busy, IdempotencyKeyReused, NotFound, Refusal, SlugTaken
from chalicelib.domain.session import Session
from chalicelib.store.connection import connection
from chalicelib.store.event_items import event_item, recount_item, session_item
from chalicelib.store.events import find_event, find_session
from chalicelib.store.keys import event_key, mark_key, session_key
from chalicelib.store.lately import forget_caches
from chalicelib.store.outcomes import Budget, kind_of
from chalicelib.store.table import EventItem, MarkItem, OrganiserEventItem, RecountItem, SessionItem, SlugItem
from chalicelib.store.writing import Refuse, update_if, writing, writing_if_needed


def create_event(event: Event) -> None:
    """Store a new event, its slug and its place in the organiser's list, or raise SlugTaken or Busy."""

    def refusal(refused: list[bool]) -> SlugTaken | Busy:
        return SlugTaken(event.slug) if refused[0] else Busy()

    with (
        # Where another request may have stored the same, whoever called finds out whether that was so.
        _writing(refusal, lambda: not event.fingerprint and _event_is_stored(event)),
        TransactWrite(connection=connection()) as transaction,
    ):
        transaction.save(_slug_item(event), condition=SlugItem.PK.does_not_exist())
        transaction.save(event_item(event), condition=EventItem.PK.does_not_exist())
        transaction.save(_listed_item(event))


def save_event(event: Event, at_version: int) -> None:
    """Store a changed event if the stored one is still as it was read at this version; else raise Busy."""
    with _writing(_busy, lambda: _event_is_stored(event)):
        event_item(event).save(condition=event_as_read(event, at_version))


def event_as_read(event: Event, at_version: int) -> Condition:
    """Return the condition to replace an event: it has this version still, and no zone was added to it."""
    zones = EventItem.zones
    listed: Condition = zones.does_not_exist() if event.zones is None else zones == list(event.zones)
    condition: Condition = listed & (EventItem.version == at_version)
    return condition


def add_zone(event_id: str, zone: str) -> None:
    """Note that an event is about to have a session in this zone, or raise Busy.

    Nothing is done if that is noted, or if the event's zones are not known. Its version stays: no
    organiser's change is overtaken by this.
    """
    budget = Budget()
    unlisted = EventItem.zones.exists() & ~EventItem.zones.contains(zone)
    while True:
        try:
            update_if(event_key(event_id), [EventItem.zones.set(EventItem.zones.append([zone]))], unlisted)
            return forget_caches()
        except UpdateError as error:
            kind_of(error)  # raises what no other try would mend
            if budget.is_spent():
                raise Busy from error
            budget.pause(20, 200)


def delete_event(event: Event) -> None:
    """Delete an event, its slug and its place in the organiser's list, or raise Busy.

    Its sessions are deleted before, so that a death in between leaves an event that can still be deleted.
    """
    with (
        _writing(_busy, lambda: find_event(event.event_id) is None),
        TransactWrite(connection=connection()) as transaction,
    ):
        transaction.delete(
            EventItem(*event_key(event.event_id)), condition=EventItem.version == event.version
        )
        transaction.delete(_slug_item(event))
        transaction.delete(_listed_item(event))


def create_session(session: Session) -> None:
    """Store a new session, and that it is to be recounted. Its pool is open already.

    Raises NotFound if its event was deleted, IdempotencyKeyReused if its id is taken or its pool is not one
    of its own, or Busy.
    """
    budget = Budget()
    while True:
        try:
            return _store_new(session)
        except Busy:
            # Sessions that are created at the same moment get into each other's way at their event.
            if budget.is_spent():
                raise
            budget.pause(20, 200)


def _store_new(session: Session) -> None:
    def refusal(refused: list[bool]) -> Refusal:
        return NotFound("This event was deleted.") if refused[0] else IdempotencyKeyReused()

    with (
        _writing(refusal, lambda: not session.fingerprint and _session_is_stored(session)),
        TransactWrite(connection=connection()) as transaction,
    ):
        transaction.condition_check(EventItem, *event_key(session.event_id), condition=EventItem.PK.exists())
        transaction.condition_check(
            MarkItem,
            *mark_key(session.session_id),
            # It may have been made by another request with this key, or be gone with the session it was for.
            condition=(MarkItem.generation == 0) & (MarkItem.at_most_free == session.capacity),
        )
        transaction.save(session_item(session), condition=SessionItem.PK.does_not_exist())
        transaction.save(recount_item(session))


def forget_recount(event_id: str, session_id: str) -> None:
    """Recount a session no more that was deleted, unless there is one again by now. Raises Busy."""
    with writing_if_needed(), TransactWrite(connection=connection()) as transaction:
        transaction.condition_check(
            SessionItem, *session_key(event_id, session_id), condition=SessionItem.PK.does_not_exist()
        )
        # Its key is the session's alone: it must not be another event's that is named here.
        transaction.delete(RecountItem("RECOUNT", session_id), condition=RecountItem.event_id == event_id)


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
    except Refusal:
        if not is_stored():
            raise
    finally:
        forget_caches()


def _slug_item(event: Event) -> SlugItem:
    return SlugItem(f"SLUG#{event.slug}", "SLUG", event_id=event.event_id)


def _listed_item(event: Event) -> OrganiserEventItem:
    return OrganiserEventItem(f"ORG#{event.organiser_id}", f"EVENT#{event.event_id}", event_id=event.event_id)


def _busy(_: list[bool]) -> Busy:
    return Busy()


def _event_is_stored(event: Event) -> bool:
    return find_event(event.event_id) == event


def _session_is_stored(session: Session) -> bool:
    return find_session(session.event_id, session.session_id) == session
