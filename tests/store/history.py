"""A race's history, and what it proves: times are system-wide monotonic seconds, so processes compare."""

import time
from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct

CACHE_SECONDS = 1.0


class Deed(Struct, frozen=True):
    """Something one person did: between ``began`` and ``ended`` it took effect, or was refused."""

    what: Literal["booked", "cancelled", "resized", "sold_out", "closed", "busy"]
    places: int
    began: float
    ended: float


def timed(what: Literal["booked", "cancelled", "resized"], places: int, act: Callable[[], Any]) -> Deed:
    """Do it and note when."""
    began = time.monotonic()
    act()
    return Deed(what, places, began, time.monotonic())


def wrongly_refused(deeds: list[Deed], capacity: int) -> list[Deed]:
    """Return each "sold out" that was certainly untrue in the whole second before it was said.

    The fewest places that can have been free at a moment: every booking begun by then counts as made,
    a cancellation only once it has ended. Resizes count as ``places`` more (or fewer) in the same way.
    If even those were enough for the party, all the time, the refusal was wrong.
    """
    changes: list[tuple[float, int]] = []
    for deed in deeds:
        match deed.what:
            case "booked":
                changes.append((deed.began, -deed.places))
            case "cancelled":
                changes.append((deed.ended, deed.places))
            case "resized":
                changes.append((deed.ended if deed.places > 0 else deed.began, deed.places))
            case _:
                pass
    changes.sort()
    return [
        deed
        for deed in deeds
        if deed.what == "sold_out"
        and _fewest(changes, capacity, deed.began - CACHE_SECONDS, deed.ended) >= deed.places
    ]


def would_have_fitted(deeds: list[Deed], capacity: int) -> list[Deed]:
    """Return each "sold out" for a party that the places left in the end would have held.

    Only for races in which nothing is given back: there, those places were free all the time.
    """
    left = capacity - sum(deed.places for deed in deeds if deed.what == "booked")
    return [deed for deed in deeds if deed.what == "sold_out" and deed.places <= left]


def _fewest(changes: list[tuple[float, int]], capacity: int, start: float, end: float) -> int:
    free = capacity
    fewest = capacity
    for at, change in changes:
        if at > end:
            break
        if at > start:
            fewest = min(fewest, free)
        free += change
        fewest = free if at <= start else min(fewest, free)
    return fewest
