"""When and where a session is, as people were told, and whether a change of it says anything new to them.

What is compared is what people read and where they would go. Another spelling, another name of the same zone
and a pin that hardly moved change nothing for anybody.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import cos, hypot, radians

from msgspec import Struct, convert
from msgspec.structs import replace

from chalicelib.domain.booking import Booking
from chalicelib.domain.kinds import CHANGE_REACHES, may_hear_of_change
from chalicelib.domain.session import Promise, Session, WhenAndWhere, to_utc
from chalicelib.domain.titles import place
from chalicelib.domain.wording import when

PIN_METRES_MIN = 50
"""A pin that moved less still shows the same door."""

SHOWN_AFTER = timedelta(minutes=1)
"""What was put right sooner than this, hardly anybody read."""

_EARTH_METRES = 6_371_000

# Compiled when they are first used: most processes never do, and it took a hundredth of their start.
_APOSTROPHE = r"(?<=[^\W\d_])['\u2019](?=[^\W\d_])"
_DASH = "[\u2010-\u2015\u2212\ufe63\uff0d]"
_INNER_DASH = r"(?<=\b[^\W\d_])-(?=\d)|(?<=\d)-(?=[^\W\d_]\b)"
"""That of "Room A-1", which is Room A1, and not that of "Level -1"."""
_UNSEEN = (
    # Unicode's default-ignorable characters but for tags, which tell the flag of England from Scotland's.
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0100-\U000e01ef]"
)


class Told(WhenAndWhere, frozen=True, kw_only=True):
    """What an email said of when and where a session is."""

    key: str = ""
    """Of its booking then. A corrected address has another; "" in lines from before we kept that."""


class Sent(Struct, frozen=True):
    """An email that went out, or may have."""

    kind: str
    told: Told | None
    """None if nobody knows what was read last: it was tried twice, or may not have gone out."""


class News(Struct, frozen=True):
    """What somebody has yet to hear."""

    promises: tuple[Promise, ...]
    before: WhenAndWhere | Session | None
    """What they know instead, or None if that isn't known: then the promises are what changed last."""


def told_of(session: Session, key: str = "") -> Told:
    """Return what an email that is written now says to the address at this key."""
    return replace(convert(session, Told, from_attributes=True), key=key)


def told_last(sent: Iterable[Sent]) -> Told | None:
    """Return what the newest of these emails said, or None if nobody knows."""
    told = [one.told for one in sent]
    known = [one for one in told if one is not None]
    return max(known, key=lambda one: one.sequence) if known and len(known) == len(told) else None


def promises_changed(before: Session | WhenAndWhere, after: Session | WhenAndWhere) -> tuple[Promise, ...]:
    """Return what these two say differently: when the session is, where it is."""
    elsewhere = _folded(place(before)) != _folded(place(after)) or are_apart(pin_of(before), pin_of(after))
    changed: dict[Promise, bool] = {"time": _times(before) != _times(after), "place": elsewhere}
    return tuple(promise for promise, is_new in changed.items() if is_new)


def news_for(booking: Booking, session: Session, sent: Sequence[Sent] = ()) -> News | None:
    """Return how the session differs from what this booking's address was sent, else from what it booked.

    Each email says what was news when it was written, so whose newest one says how it is has heard it all.
    What came only of quiet changes is no news. Pages, which don't know what was sent, compare with what was
    booked.
    """
    if not may_hear_of_change(booking, session):
        return None
    known = told_last(sent) if sent else _booked_from(booking, session)
    if known is None:
        return News(session.last_change, None)
    promises = promises_changed(known, session) if known.sequence < session.told_sequence else ()
    return News(promises, known) if promises else None


def _booked_from(booking: Booking, session: Session) -> WhenAndWhere | Session | None:
    """Return how the session was on the page that was booked from, or None if that isn't known.

    A program doesn't say what it showed. It may have shown whatever stood for SHOWN_AFTER in the time before:
    the oldest of these counts that is no longer so.
    """
    if booking.shown is not None:
        versions: list[WhenAndWhere | Session] = [*session.earlier, session]
        return next((one for one in versions if one.sequence == booking.shown), None)
    kept = session.earlier
    began = since = booking.created_at - CHANGE_REACHES
    if (kept[0].sequence if kept else session.sequence) and not (kept and kept[0].until <= since):
        # Of what was before the first that is kept, nothing is known.
        return None
    for one in kept:
        stood = min(one.until, booking.created_at) - began
        if stood >= SHOWN_AFTER and one.sequence < session.told_sequence and promises_changed(one, session):
            return one
        began = max(one.until, since)
    return session


def pin_of(where: Session | WhenAndWhere) -> tuple[float, ...]:
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


def _times(session: Session | WhenAndWhere) -> object:
    # "Guernsey time" for "UK time" is no news while the clocks agree, and seconds are never said.
    times = (session.starts_local, session.ends_local)
    instants = [to_utc(one.replace(second=0, microsecond=0), session.zone) for one in times]
    return instants, when(session, says_zone=False)


def _folded(words: str) -> str:
    """Return the words without their spelling: what parts two of them is a space.

    NFC and not NFKC, which makes 52 of a 5 with a small 2 behind it.
    """
    seen = unicodedata.normalize("NFC", re.sub(_UNSEEN, "", words)).casefold()
    plain = re.sub(_INNER_DASH, "", re.sub(_DASH, "-", re.sub(_APOSTROPHE, "", seen)))
    beside = zip(f" {plain}", plain, f"{plain[1:]} ", strict=False)
    return " ".join(
        "".join(mark if _is_read(before, mark, after) else " " for before, mark, after in beside).split()
    )


def _is_read(before: str, mark: str, after: str) -> bool:
    """Return whether this character tells two places apart: Level -1 is not Level 1, nor is 1/2 12."""
    if unicodedata.category(mark)[0] in "LMNS" or "\U000e0000" <= mark <= "\U000e007f":
        return True
    if mark == "#":
        # Of "C#", and not of "#5".
        return not after.isnumeric()
    return after.isnumeric() and (mark == "-" or (before.isnumeric() and mark != ","))
