"""When and where a session is, as people were told, and whether a change of it says anything new to them.

What is compared is what people read and where they would go. Another spelling, another name of the same zone
and a pin that hardly moved change nothing for anybody.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from math import cos, hypot, radians

from msgspec import Struct, convert

from chalicelib.domain.notices import KINDS
from chalicelib.domain.session import Promise, Session, to_utc
from chalicelib.domain.titles import place
from chalicelib.domain.wording import when

PIN_METRES_MIN = 50
"""A pin that moved less still shows the same door."""

_EARTH_METRES = 6_371_000

_APOSTROPHE = re.compile(r"(?<=[^\W\d_])['\u2019](?=[^\W\d_])")
_DASH = re.compile("[\u2010-\u2015\u2212\ufe63\uff0d]")


class Told(Struct, frozen=True, kw_only=True):
    """What an email said of when and where a session is."""

    sequence: int
    """The session's then: it rises with every change of what follows."""
    zone: str
    starts_local: datetime
    ends_local: datetime
    venue: str
    address: str
    latitude: float | None = None
    longitude: float | None = None


class Sent(Struct, frozen=True):
    """An email that went out."""

    kind: str
    told: Told | None
    """None if it was tried twice, and nobody knows which of two versions was read last."""


def told_of(session: Session) -> Told:
    """Return what an email that is written now says."""
    return convert(session, Told, from_attributes=True)


def told_last(sent: Iterable[Sent]) -> Told | None:
    """Return what the newest of these emails said, or None if nobody knows."""
    told = [one.told for one in sent]
    known = [one for one in told if one is not None]
    return max(known, key=lambda one: one.sequence) if known and len(known) == len(told) else None


def promises_changed(before: Session | Told, after: Session | Told) -> tuple[Promise, ...]:
    """Return what these two say differently: when the session is, where it is."""
    elsewhere = _folded(place(before)) != _folded(place(after)) or are_apart(pin_of(before), pin_of(after))
    changed: dict[Promise, bool] = {"time": _times(before) != _times(after), "place": elsewhere}
    return tuple(promise for promise, is_new in changed.items() if is_new)


def says_nothing_new(session: Session, sent: Sequence[Sent]) -> bool:
    """Return whether who got these emails has been told how the session is now, and knows of the change.

    Who got none from before it was confirmed by one that says how it is, and not that it is otherwise than
    on the page they booked from.
    """
    newest = told_last(sent)
    if newest is None or promises_changed(newest, session):
        return False
    heard = any(KINDS[one.kind].version_of == "session" for one in sent)
    return heard or any(one.told is not None and one.told.sequence < session.told_sequence for one in sent)


def pin_of(where: Session | Told) -> tuple[float, ...]:
    """Return latitude and longitude, or nothing if they are not known."""
    if where.latitude is None or where.longitude is None:
        return ()
    return where.latitude, where.longitude


def are_apart(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Return whether these two pins show different doors. One that is missing shows none."""
    if not one or not other:
        return False
    north = radians(other[0] - one[0])
    east = radians((other[1] - one[1] + 180) % 360 - 180) * cos(radians(one[0]))
    return hypot(north, east) * _EARTH_METRES >= PIN_METRES_MIN


def _times(session: Session | Told) -> object:
    # "Guernsey time" for "UK time" is no news while the clocks agree.
    return (
        to_utc(session.starts_local, session.zone),
        to_utc(session.ends_local, session.zone),
        when(session, says_zone=False),
    )


def _folded(words: str) -> str:
    """Return the words without their spelling: what parts two of them is a space.

    NFC and not NFKC, which makes 52 of a 5 with a small 2 behind it.
    """
    plain = _DASH.sub("-", _APOSTROPHE.sub("", unicodedata.normalize("NFC", words).casefold()))
    beside = zip(f" {plain}", plain, f"{plain[1:]} ", strict=False)
    return " ".join(
        "".join(mark if _is_read(before, mark, after) else " " for before, mark, after in beside).split()
    )


def _is_read(before: str, mark: str, after: str) -> bool:
    """Return whether this character tells two places apart: Level -1 is not Level 1, nor is 1/2 12."""
    if unicodedata.category(mark)[0] in "LMNS":
        return True
    return after.isnumeric() and (mark == "-" or (before.isnumeric() and mark != ","))
