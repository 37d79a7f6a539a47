"""How many mails one source may set off in an hour."""

import hashlib
from datetime import datetime, timedelta

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import size
from pynamodb.expressions.update import Action

from chalicelib.domain.ids import new_id
from chalicelib.domain.notices import Notice
from chalicelib.store.table import SourceHourItem
from chalicelib.store.writing import condition_refused, update

_KEPT_FOR = timedelta(days=1)
_SHORT_ID_CHARACTERS = 7
"""With ids this short an hour of 100 mails is below 1 KB, and so one write unit each. Should two of them
ever be the same, one mail more goes out."""
_SCHEMA = 1


def count_for_source(
    organiser_id: str, source: str, notice: Notice, now: datetime, *, mails_max: int
) -> bool:
    """Count this notice to this source (ids.source_hash) in this UTC hour; return False if that is too many.

    The hour's item holds which notices it counted, so a notice tried again counts once.
    """
    short_id = _short_id(notice)
    counted = SourceHourItem.notices
    room = counted.does_not_exist() | counted.contains(short_id) | (size(counted) < mails_max)  # type: ignore[no-untyped-call]  # PynamoDB's gap
    actions: list[Action] = [
        counted.add({short_id}),
        SourceHourItem.expires.set(int((now + _KEPT_FOR).timestamp())),
        SourceHourItem.schema.set(_SCHEMA),
    ]
    try:
        update((f"SOURCE#{organiser_id}#{source}", f"{now:%Y-%m-%dT%H}"), actions, room)
    except UpdateError as error:
        condition_refused(error)
        return False
    return True


def seconds_left_of_hour(now: datetime) -> float:
    """Return for how long the present count still holds."""
    next_hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return (next_hour - now).total_seconds()


def _short_id(notice: Notice) -> str:
    name = f"{notice.booking_id}#{notice.kind}#{notice.version}"
    return new_id(hashlib.sha256(name.encode()).digest())[:_SHORT_ID_CHARACTERS]
