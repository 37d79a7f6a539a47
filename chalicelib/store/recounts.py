"""The sessions that the reconciler looks after, and what it reads to judge them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from chalicelib.domain.event import Event
from chalicelib.domain.recount import Counter, Progress
from chalicelib.domain.session import Session
from chalicelib.store.keys import counter_key, event_key, session_key
from chalicelib.store.mapping import struct_from, struct_from_image
from chalicelib.store.sent_mail import milliseconds
from chalicelib.store.table import CounterItem, EventItem, RecountItem, SessionItem
from chalicelib.store.writing import condition_refused, update, update_if


class Watched(Struct, frozen=True, kw_only=True):
    """A session to recount.

    ``asks`` rises with everything that calls for a recount, ``moves`` when an address in it is corrected.
    As of its last whole recount: ``seen_asks``; ``seen_versions``, the sum of the counters' versions; and
    ``again_at`` (epoch milliseconds; 0: never), when the first lease ends of the mails under way then.
    ``looked_at`` (epoch milliseconds) is when the clock last began to look at it, and ``progress`` is kept of
    a recount that goes on at its next turn (domain/recount.py). ``due_version`` is the session's when its
    deadlines were stored last (store/due.py). ``directory`` says which entries all of its bookings have
    (store/directory.py). ``counted_for`` is the mark of the questions to which its figures count the answers
    (domain/figures.py); -1: it has no figures yet.
    """

    session_id: str
    event_id: str
    asks: int = 0
    moves: int = 0
    seen_asks: int = -1
    seen_versions: int = -1
    again_at: int = 0
    looked_at: int = 0
    progress: str = ""
    due_version: int = 0
    directory: int = 0
    counted_for: int = -1

    def presses(self, now: datetime) -> bool:
        """Return whether it calls for a recount. If not it is at rest, as far as we were told."""
        is_due = 0 < self.again_at <= milliseconds(now)
        return self.asks != self.seen_asks or is_due or self.progress != ""


def watched_sessions() -> list[Watched]:
    """Return every session that is not long over."""
    return [struct_from(Watched, item) for item in RecountItem.query("RECOUNT", consistent_read=True)]


def ask_for_recount(session_id: str) -> None:
    """Let the clock recount this session, unless it was forgotten: it is over for a week, or deleted."""
    _update(session_id, RecountItem.asks.add(1))


def note_look(session_id: str, now: datetime) -> None:
    """Write down that this session has its turn now."""
    _update(session_id, RecountItem.looked_at.set(milliseconds(now)))


def begin_recount(session_id: str, now: datetime) -> Watched | None:
    """Do the same, and return the session as it is watched now; None if it was forgotten."""
    actions = [RecountItem.looked_at.set(milliseconds(now))]
    try:
        image = update(_key(session_id), actions, RecountItem.PK.exists(), returned="ALL_NEW")
    except UpdateError as error:
        condition_refused(error)
        return None
    return struct_from_image(Watched, RecountItem, image)


def keep_progress(session_id: str, progress: Progress | None) -> None:
    """Keep how far a recount has come for its next turn, or (None) let that begin anew."""
    kept = RecountItem.progress
    _update(session_id, kept.set(msgspec.json.encode(progress).decode()) if progress else kept.remove())


def remember_recount(
    session_id: str, *, asks: int, versions: int, again_at: int = 0, counted_for: int = -1
) -> None:
    """Let this session rest until its counters move on from these versions, or until then.

    ``asks`` is as it was when the recount began: if it rose since, the session presses all the same.
    """
    _update(
        session_id,
        RecountItem.seen_asks.set(asks),
        RecountItem.seen_versions.set(versions),
        RecountItem.again_at.set(again_at),
        RecountItem.counted_for.set(counted_for),
        RecountItem.progress.remove(),
    )


def has_any_moved(session_id: str, moves: int) -> bool:
    """Return whether a booking of this session moved to another key since there were so many moves."""
    try:
        item = RecountItem.get(*_key(session_id), consistent_read=True)
    except RecountItem.DoesNotExist:
        # Forgotten with the session, a week after its end; and bookings move only while this is there.
        return False
    return int(item.moves or 0) != moves


def counters_of(session: Session) -> list[Counter]:
    """Return all counters of a session as they are now, in order. Raises KeyError if one is gone."""
    keys = [counter_key(session.session_id, counter) for counter in range(session.counters)]
    found = {item.PK: item for item in CounterItem.batch_get(keys, consistent_read=True)}
    return [struct_from(Counter, found[partition_key]) for partition_key, _ in keys]


def sessions_watched(watched: Iterable[Watched]) -> list[Session]:
    """Return these sessions as they were a moment ago; one that was deleted is left out."""
    items = SessionItem.batch_get([session_key(one.event_id, one.session_id) for one in watched])
    return [struct_from(Session, item) for item in items]


def events_seen(sessions: Iterable[Session]) -> dict[str, Event]:
    """Return these sessions' events as they were a moment ago, by event_id. Each is read once."""
    keys = [event_key(event_id) for event_id in {session.event_id for session in sessions}]
    found = EventItem.batch_get(keys)
    return {item.event_id: struct_from(Event, item) for item in found}


def versions_of(sessions: Sequence[Session]) -> dict[str, int]:
    """Return the sum of each session's counters' versions, as they were a moment ago."""
    session_ids = {
        counter_key(session.session_id, counter)[0]: session.session_id
        for session in sessions
        for counter in range(session.counters)
    }
    versions = {session.session_id: 0 for session in sessions}
    keys = [(partition_key, "POOL") for partition_key in session_ids]
    for item in CounterItem.batch_get(keys, attributes_to_get=["PK", "version"]):
        versions[session_ids[item.PK]] += int(item.version)
    return versions


def _key(session_id: str) -> tuple[str, str]:
    return "RECOUNT", session_id


def _update(session_id: str, *actions: Action) -> None:
    """Change what is known of a session that is watched. One that was forgotten doesn't come back."""
    update_if(_key(session_id), actions, RecountItem.PK.exists())
