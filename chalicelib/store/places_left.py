"""How much is left in each session of an event, for the pages and answers that list them all."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from chalicelib.domain.figures import PlacesCounted
from chalicelib.domain.session import Session
from chalicelib.store.availability import SHOWN_SECONDS, places_free_lately
from chalicelib.store.figures import places_counted
from chalicelib.store.recent import Recent

SESSIONS_ASKED = 25
"""How many of an event's sessions are shown as they are now: those that begin next."""

_COUNTERS_ASKED = 100
"""Of an event with more sessions, so many counters at most: they fit into one request."""

_counted: Recent[dict[str, PlacesCounted]] = Recent(SHOWN_SECONDS, entries_max=128)


class PlacesLeft(Struct, frozen=True):
    """How many places of a session are free; None if that isn't known.

    What isn't fresh may be minutes old: that nothing is left must keep nobody from trying.
    """

    free: int | None
    is_fresh: bool = False


def places_left(event_id: str, sessions: Sequence[Session], now: datetime) -> dict[str, PlacesLeft]:
    """Return how many places are free in each of an event's sessions, for pages that list them all.

    As places_free_lately for those that begin next, and as last recounted for those beyond: the counters of
    five hundred sessions are too many to ask. Where there is room, what was never recounted is asked too.
    """
    if len(sessions) <= SESSIONS_ASKED:
        counted: dict[str, PlacesCounted] = {}
        asked = list(sessions)
    else:
        counted, asked = counted_lately(event_id), []
        room = _COUNTERS_ASKED
        # What is over comes last.
        ordered = sorted(sessions, key=lambda session: (session.ends_at < now, session.starts_at))
        for number, session in enumerate(ordered):
            is_wanted = number < SESSIONS_ASKED or session.session_id not in counted
            if is_wanted and session.counters <= room:
                asked.append(session)
                room -= session.counters
    as_counted = {session_id: PlacesLeft(places.free) for session_id, places in counted.items()}
    left = {session.session_id: as_counted.get(session.session_id, PlacesLeft(None)) for session in sessions}
    fresh = places_free_lately(asked)
    return left | {session_id: PlacesLeft(free, is_fresh=True) for session_id, free in fresh.items()}


def counted_lately(event_id: str) -> dict[str, PlacesCounted]:
    """Return what a recount found of each session of an event, read at most SHOWN_SECONDS ago."""
    return _counted.get(event_id, lambda: places_counted(event_id))


def forget() -> None:
    """Forget what was shown lately, like a new process."""
    _counted.forget()
