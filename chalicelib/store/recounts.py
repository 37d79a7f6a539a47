"""The sessions that the reconciler looks after, and what it reads to judge them."""

from collections.abc import Iterable

from msgspec import Struct

from chalicelib.domain.session import Session
from chalicelib.store.keys import counter_key, event_key
from chalicelib.store.table import CounterItem, EventItem, RecountItem
from chalicelib.store.writing import update_if


class Watched(Struct, frozen=True):
    """A session to recount. ``seen_versions`` is the counters' versions' sum at its last whole recount.

    ``again_at`` (epoch milliseconds; 0: never) is when the first lease ends of the mails under way then.
    ``asks`` rises when somebody in it asks for a mail again, and when all of it is owed one; ``moves`` when
    an address in it is corrected.
    """

    session_id: str
    event_id: str
    seen_versions: int
    asks: int
    moves: int
    again_at: int = 0


class Counter(Struct, frozen=True):
    """A counter as read."""

    capacity: int
    free: int
    held: int
    version: int


def watched_sessions() -> list[Watched]:
    """Return every session that is not long over."""
    return [
        Watched(
            item.session_id,
            item.event_id,
            int(item.seen_versions),
            int(item.asks),
            int(item.moves or 0),
            int(item.again_at or 0),
        )
        for item in RecountItem.query("RECOUNT", consistent_read=True)
    ]


def cancelled_events(watched: Iterable[Watched]) -> set[str]:
    """Return which of these sessions' events are cancelled. Each event is read once."""
    keys = [event_key(event_id) for event_id in {session.event_id for session in watched}]
    found = EventItem.batch_get(keys, consistent_read=True)
    return {item.event_id for item in found if item.status == "cancelled"}


def counters_of(session: Session) -> list[Counter]:
    """Return all counters of a session as they are now, in order. Raises KeyError if one is gone."""
    keys = [counter_key(session.session_id, counter) for counter in range(session.counters)]
    found = {item.PK: item for item in CounterItem.batch_get(keys, consistent_read=True)}
    items = [found[partition_key] for partition_key, _ in keys]
    return [Counter(int(item.capacity), int(item.free), int(item.held), int(item.version)) for item in items]


def has_any_moved(watched: Watched) -> bool:
    """Return whether a booking of this session moved to another key since ``watched`` was read."""
    try:
        item = RecountItem.get("RECOUNT", watched.session_id, consistent_read=True)
    except RecountItem.DoesNotExist:
        # Forgotten with the session, a week after its end; and bookings move only while this is there.
        return False
    return int(item.moves or 0) != watched.moves


def remember_recount(watched: Watched, versions: int, again_at: int = 0) -> None:
    """Skip this session until its counters move on from these versions, or until then (epoch milliseconds).

    Does nothing if ``asks`` rose since ``watched`` was read, or the session is forgotten.
    """
    update_if(
        ("RECOUNT", watched.session_id),
        [RecountItem.seen_versions.set(versions), RecountItem.again_at.set(again_at)],
        RecountItem.asks == watched.asks,
    )
