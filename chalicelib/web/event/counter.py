"""An event's counter, as its page, its JSON and other sites show it."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.domain.so_far import Said, in_words, so_far
from chalicelib.store.places_left import counted_lately
from chalicelib.web.http.shown import shown


class CounterView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The numbers that the organiser shows, and the same in words."""

    words: str
    hosts: int | None = None
    towns: int | None = None
    booked: int | None = None
    places_left: int | None = None


def counter_view(event: Event, sessions: Sequence[Session], now: datetime) -> tuple[CounterView, list[Said]]:
    """Return the event's numbers, and how each is said."""
    # Where the organiser shows neither of the two, nothing is read.
    is_counted = not {"booked", "places_left"}.isdisjoint(event.counter)
    numbers = so_far(event, sessions, counted_lately(event.event_id) if is_counted else {}, now)
    said = in_words(numbers, event.session_noun)
    words = ", ".join(f"{each.number} {each.words}" for each in said)
    return shown(CounterView, numbers, words=words), said
