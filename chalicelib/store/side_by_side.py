"""Asking several partitions of the table at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_AT_ONCE = 4

P = TypeVar("P")
T = TypeVar("T")


def side_by_side(parts: Sequence[P], ask: Callable[[P], list[T]], *, enough: int | None = None) -> list[T]:
    """Ask for the parts four at a time, in order, until there is enough.

    All at once would read sixteen slices for one of a large session.
    """
    found: list[T] = []
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        for start in range(0, len(parts), _AT_ONCE):
            answers = pool.map(ask, parts[start : start + _AT_ONCE])
            found += [one for answer in answers for one in answer]
            if enough is not None and len(found) >= enough:
                break
    return found
