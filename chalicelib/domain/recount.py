"""The arithmetic of a recount: whether a session's counters agree with its bookings.

The bookings are added up partition by partition. A large session's recount goes on over several minutes, so
between two of its turns everything that was added up so far is kept, as JSON.
"""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from chalicelib.domain.booking import Booking
from chalicelib.domain.figures import Tally, tallied
from chalicelib.domain.questions import Question


class Counter(Struct, frozen=True):
    """A counter as read."""

    capacity: int
    free: int
    held: int
    version: int


class Progress(Struct, frozen=True, kw_only=True):
    """How far a recount has come, and how all that it must find unchanged was when it began.

    A field that is added needs a default: an item may hold what older code has written.
    """

    session_version: int
    asks: int
    """How often the session had been asked to be recounted,"""
    moves: int
    """and how many of its bookings had moved to another key."""
    versions: tuple[int, ...]
    """The counters'."""
    taken: tuple[int, ...]
    """How many places the bookings read so far have taken from each counter."""
    partitions: int = 0
    """How many were read."""
    suspected: tuple[int, ...] | None = None
    """The counters that differed when all bookings were read before; None while they are read for the first
    time."""
    notices_found: int = 0
    again_at: int = 0
    """When the first lease ends of the mails under way (epoch milliseconds; 0: none is)."""
    directory: int | None = None
    """What was known of the session's entries (store/directory.py); None if older code began."""
    must_look_again: bool = False
    """Whether something is owed that isn't settled or under way."""
    tally: Tally | None = None
    """What was counted for the figures; None if older code began this recount, and did not count."""
    counted_for: int = -1
    """The mark of the questions that the event had when this began (domain/figures.py)."""
    in_trouble: int = 0
    """How many bookings' newest email did not arrive, and never will."""


def read_progress(text: str, session_version: int) -> Progress | None:
    """Return what to go on from, or None: nothing was kept, or the session has changed since."""
    try:
        progress = msgspec.json.decode(text, type=Progress)
    except msgspec.DecodeError:
        # Nothing, or what other code than this understands.
        return None
    return progress if progress.session_version == session_version else None


def with_bookings(
    progress: Progress, bookings: Sequence[Booking], questions: Sequence[Question] = ()
) -> Progress:
    """Add up all bookings of the next partition, and what they answered to these questions."""
    taken = list(progress.taken)
    for booking in bookings:
        if booking.status == "confirmed":
            for counter, places in booking.allocation.items():
                # A counter that came while we read isn't judged yet, and neither is its session.
                if int(counter) < len(taken):
                    taken[int(counter)] += places
    tally = None if progress.tally is None else tallied(progress.tally, bookings, questions)
    return replace(progress, taken=tuple(taken), partitions=progress.partitions + 1, tally=tally)


def once_more(progress: Progress, suspected: Iterable[int]) -> Progress:
    """Read all bookings again: a transaction's items needn't become visible at one moment."""
    suspected = tuple(sorted(suspected))
    nothing = (0,) * len(progress.taken)
    return replace(progress, suspected=suspected, partitions=0, taken=nothing, tally=Tally())


def stands_still(progress: Progress, counters: list[Counter]) -> bool:
    """Return whether none moved since the recount began."""
    return progress.versions == tuple(counter.version for counter in counters)


def drifted(progress: Progress, counters: list[Counter]) -> set[int]:
    """Return which counters differ from all bookings together. One that has moved can't be judged by them."""
    return {
        number
        for number, counter in enumerate(counters)
        if counter.version == progress.versions[number]
        and (counter.free < 0 or counter.free + counter.held + progress.taken[number] != counter.capacity)
    }
