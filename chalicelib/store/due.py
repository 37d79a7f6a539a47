"""What is due at a time: an item for each deadline, and how far the clock has worked through them.

One partition for each hour, so a tick reads one. A deadline whose hour has passed goes into the present
hour: it is always ahead of the clock. Items are hints and no promises. Who works on one looks at what it is
about as it stands then, so one that is doubled, late or out of date does no harm.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from msgspec import Struct
from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.domain.session import Session
from chalicelib.store.connection import Item
from chalicelib.store.table import RecountItem
from chalicelib.store.writing import update_if

HOUR = timedelta(hours=1)

_CURSOR = "DUE", "CURSOR"
_KEPT = timedelta(days=30)
"""How long after its time an item stays that the clock never came to."""


class DueItem(Item):
    """That something about a session is due. Its keys say when."""

    kind = UnicodeAttribute()
    event_id = UnicodeAttribute()
    session_id = UnicodeAttribute()
    expires = NumberAttribute()


class CursorItem(Item):
    """The last hour of which the clock has seen everything."""

    hour = UnicodeAttribute()


class Due(Struct, frozen=True):
    """One such item: what is due, and since when."""

    kind: str
    event_id: str
    session_id: str
    at: datetime
    key: tuple[str, str]


def write_due(session: Session, kind: str, at: datetime, now: datetime) -> None:
    """Store that this is due for the session at this time, or now, if that has passed."""
    # To the minute, so that trying again seldom makes another item.
    at = max(at, now.replace(second=0, microsecond=0)).astimezone(UTC)
    DueItem(
        _partition(at),
        f"{_text(at)}#{kind}#{session.session_id}",
        kind=kind,
        event_id=session.event_id,
        session_id=session.session_id,
        expires=int((at + _KEPT).timestamp()),
    ).save()


def remember_written(session: Session) -> None:
    """Note that this version's deadlines are stored, if the session is still looked after."""
    update_if(
        ("RECOUNT", session.session_id),
        [RecountItem.due_version.set(session.version)],
        RecountItem.PK.exists(),
    )


def due_in(hour: datetime, now: datetime) -> list[Due]:
    """Return what is due by now of this hour, the oldest first."""
    items = DueItem.query(
        _partition(hour), DueItem.SK < _text(now + timedelta(seconds=1)), consistent_read=True
    )
    return [
        Due(item.kind, item.event_id, item.session_id, _moment(item.SK.partition("#")[0]), (item.PK, item.SK))
        for item in items
    ]


def forget_due(done: Iterable[Due]) -> None:
    """Remove these items: work on them is queued."""
    for due in done:
        DueItem(*due.key).delete()


def last_hour_finished() -> datetime | None:
    """Return the last hour of which the clock has seen everything; None if it never ran."""
    try:
        return _moment(CursorItem.get(*_CURSOR, consistent_read=True).hour)
    except CursorItem.DoesNotExist:
        return None


def finish_hour(hour: datetime) -> None:
    """Remember that the clock has seen everything of this hour. Moved back, it would only look again."""
    CursorItem(*_CURSOR, hour=_text(hour)).save()


def hour_of(moment: datetime) -> datetime:
    """Return when the hour of this moment began."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _partition(moment: datetime) -> str:
    return f"DUE#{moment.astimezone(UTC):%Y-%m-%dT%H}"


def _text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
