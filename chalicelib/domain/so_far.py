"""How an event is doing so far, in four numbers that everybody may see: what organisers call its counter."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from chalicelib.domain.event import Event
from chalicelib.domain.figures import PlacesCounted
from chalicelib.domain.located import towns_of
from chalicelib.domain.session import Session, is_called_off, sessions_open
from chalicelib.domain.titles import plural

_HOSTED = {"breakfast", "brunch", "dinner", "lunch", "meal", "supper"}
"""What a person volunteers to host. Of other sessions one host may have many, so they are called by name."""


class SoFar(Struct, frozen=True, kw_only=True):
    """The numbers, of which None is one that the organiser keeps to themselves."""

    hosts: int | None = None
    """Sessions that take place, or did."""
    towns: int | None = None
    """Different towns that these are in, as far as we know."""
    booked: int | None = None
    """People who have a place in them."""
    places_left: int | None = None
    """Free places in those that can still be booked."""


class Said(Struct, frozen=True):
    """One of the numbers in words."""

    number: str
    words: str


def so_far(
    event: Event, sessions: Iterable[Session], counted: Mapping[str, PlacesCounted], now: datetime
) -> SoFar:
    """Return the numbers that this event shows, of sessions as they were last recounted.

    One that was never recounted was made a minute ago, or was over long before we counted: it adds nothing.
    """
    on = [session for session in sessions if not is_called_off(event, session, now)]
    still_open = sessions_open(event, on, now)
    places = {session.session_id: counted.get(session.session_id, PlacesCounted(0, 0)) for session in on}
    numbers = {
        "hosts": len(on),
        "towns": len(towns_of(on)),
        "booked": sum(one.booked for one in places.values()),
        "places_left": sum(places[session.session_id].free for session in still_open),
    }
    return SoFar(**{part: numbers[part] for part in event.counter})


def in_words(numbers: SoFar, noun: str) -> list[Said]:
    """Return the numbers as people read them. Nobody needs to read that there are none of something."""
    one, several = ("host", "hosts") if noun.casefold() in _HOSTED else (noun, plural(noun))
    parts = (
        (numbers.hosts, one, several),
        (numbers.towns, "town", "towns"),
        (numbers.booked, "booked", "booked"),
        (numbers.places_left, "place left", "places left"),
    )
    return [Said(f"{number:,}", one if number == 1 else several) for number, one, several in parts if number]
