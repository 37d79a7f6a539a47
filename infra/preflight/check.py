"""What one check found: a mark, a line, and under a "to do" why and what to paste."""

from collections.abc import Callable, Iterable
from typing import Literal

from msgspec import Struct

Mark = Literal["ok", "to do", "can't tell"]


class CannotTell(Exception):
    """Why something could not be found out, in words that continue "can't tell: "."""


class Check(Struct, frozen=True):
    """One line of the report."""

    mark: Mark
    name: str
    found: str
    why: str = ""
    paste: tuple[str, ...] = ()


class Record(Struct, frozen=True):
    """A DNS record, as a form for DNS records asks for it."""

    kind: str
    name: str
    value: str


def ok(name: str, found: str) -> Check:
    """Return a check with nothing left to do."""
    return Check("ok", name, found)


def to_do(name: str, found: str, why: str, *paste: str) -> Check:
    """Return a check with something to do, why, and the lines to paste for it."""
    return Check("to do", name, found, why, paste)


def answers(name: str, check: Callable[[], Check | Iterable[Check]]) -> list[Check]:
    """Return what this check finds. What can't be found out is one line of this name: the others go on."""
    try:
        found = check()
        return [found] if isinstance(found, Check) else list(found)
    except CannotTell as reason:
        return [Check("can't tell", name, str(reason))]


def as_form(*records: Record) -> tuple[str, ...]:
    """Return these DNS records as lines to paste from: a heading, then one line for each."""
    heading = Record("type", "name", "value")
    kinds = max(len(record.kind) for record in (heading, *records))
    names = max(len(record.name) for record in (heading, *records))
    return tuple(f"{one.kind:<{kinds}}  {one.name:<{names}}  {one.value}" for one in (heading, *records))
