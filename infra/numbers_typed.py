"""Numbers as people type them on the command line."""

import argparse
import re
from collections.abc import Callable

COUNT_MAX = 100_000_000

_NUMBER = re.compile(r"([0-9]+|[0-9]{1,3}(,[0-9]{3})+|[0-9]{1,3}(_[0-9]{3})+)(\.[0-9]+)?")
"""100,000 and 100_000 as well: people write large numbers so. 1,0 may be meant to be one or ten."""


def count(text: str) -> int:
    """Return a whole number from 1 on. Raises ArgumentTypeError if this is none."""
    number = _read(text)
    if not number.is_integer() or "." in text or not 1 <= number <= COUNT_MAX:
        raise argparse.ArgumentTypeError(f"has to be a whole number from 1 to {COUNT_MAX:,}; {text!r} is not")
    return int(number)


def number_from(least: float, most: float) -> Callable[[str], float]:
    """Return what reads a number between these two."""

    def number(text: str) -> float:
        found = _read(text)
        if not least <= found <= most:
            raise argparse.ArgumentTypeError(
                f"has to be a number from {least:,} to {most:,}; {text!r} is not"
            )
        # A whole one is printed without a point, however large it is.
        return int(found) if found.is_integer() else found

    return number


def _read(text: str) -> float:
    """Return the number that this is, or 0, which no option takes."""
    return float(re.sub("[_,]", "", text)) if _NUMBER.fullmatch(text.strip()) else 0.0
