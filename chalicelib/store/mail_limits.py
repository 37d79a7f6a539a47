"""What holds a mail back: that its address is not to be mailed, or that its recipient or source had enough.

What is counted is which notices there were, so a notice that is tried again counts once.
"""

import hashlib
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action

from chalicelib.domain.attendee import counted_as
from chalicelib.domain.ids import address_hash, new_id
from chalicelib.domain.notices import Notice
from chalicelib.domain.refusals import Busy
from chalicelib.store.outcomes import Kind, kind_of
from chalicelib.store.table import RecipientDayItem, SourceHourItem, SuppressedItem
from chalicelib.store.writing import condition_refused, update

MAILS_PER_RECIPIENT_DAY_MAX = 10
"""Confirmations to one address in one UTC day for one organiser, so that nobody's form is a spam relay."""

MAILS_AGAIN_PER_RECIPIENT_DAY_MAX = 3
"""Those that anybody who types in an address asks for again. They are counted apart, so that no stranger
can use up what somebody's own bookings are confirmed with."""

SuppressionReason = Literal["bounced", "complained"]

_LIFTED = "lifted"
_DAY_KEPT_FOR = timedelta(days=3)
_HOUR_KEPT_FOR = timedelta(days=1)
_SHORT_ID_CHARACTERS = 7
"""With ids this short an hour of 100 mails is below 1 KB, and so one write unit each. Should two of them
ever be the same, one mail more goes out."""
_SCHEMA = 1


def count_for_recipient(
    organiser_id: str, address: str, notice: Notice, day: date, *, again: bool = False
) -> bool:
    """Count this notice to this (normalised) address on this UTC day; return False if the limit is reached.

    ``again``: the public asked for it once more.
    """
    key = (
        f"RECIPIENT#{organiser_id}#{address_hash(counted_as(address))}",
        f"{day.isoformat()}#again" if again else day.isoformat(),
    )
    mails_max = MAILS_AGAIN_PER_RECIPIENT_DAY_MAX if again else MAILS_PER_RECIPIENT_DAY_MAX
    forgotten_at = datetime.combine(day, time(), UTC) + _DAY_KEPT_FOR
    return _count(RecipientDayItem, key, _name(notice), mails_max, forgotten_at)


def count_for_source(
    organiser_id: str, source: str, notice: Notice, now: datetime, *, mails_max: int
) -> bool:
    """Count this notice to this source (ids.source_hash) in this UTC hour; return False if it is too many."""
    key = f"SOURCE#{organiser_id}#{source}", f"{now:%Y-%m-%dT%H}"
    short_id = new_id(hashlib.sha256(_name(notice).encode()).digest())[:_SHORT_ID_CHARACTERS]
    return _count(SourceHourItem, key, short_id, mails_max, now + _HOUR_KEPT_FOR)


def seconds_left_of_hour(now: datetime) -> float:
    """Return for how long a source's present count still holds."""
    next_hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return (next_hour - now).total_seconds()


def suppress(address: str, reason: SuppressionReason, now: datetime) -> None:
    """Don't mail this (normalised) address again. That somebody complained outlives that mails bounced."""
    nothing_worse: Condition = SuppressedItem.PK.does_not_exist() | (SuppressedItem.reason == _LIFTED)
    if reason == "complained":
        nothing_worse |= SuppressedItem.reason == "bounced"
    line = SuppressedItem(*_suppressed(address), reason=reason, created_at=now)
    try:
        line.save(condition=nothing_worse)
    except PutError as error:
        condition_refused(error)


def suppression(address: str) -> str | None:
    """Return why this (normalised) address must not be mailed; None if it may."""
    try:
        reason = SuppressedItem.get(*_suppressed(address), consistent_read=True).reason
    except SuppressedItem.DoesNotExist:
        return None
    return None if reason == _LIFTED else reason


def lift_suppression(address: str, now: datetime) -> None:
    """Mail this (normalised) address again although its mails bounced: somebody says that it is good.

    Does nothing for an address from which somebody complained. What is lifted stays in the table: the API
    deletes nothing. Raises Busy: doing it again is safe.
    """
    line = SuppressedItem(*_suppressed(address))
    actions: list[Action] = [SuppressedItem.reason.set(_LIFTED), SuppressedItem.created_at.set(now)]
    try:
        line.update(actions, condition=SuppressedItem.reason == "bounced")
    except UpdateError as error:
        if kind_of(error) is not Kind.REFUSED:
            raise Busy from error


def _suppressed(address: str) -> tuple[str, str]:
    return f"SUPPRESSED#{address_hash(address)}", "SUPPRESSED"


def _count(
    item: type[RecipientDayItem | SourceHourItem],
    key: tuple[str, str],
    name: str,
    mails_max: int,
    forgotten_at: datetime,
) -> bool:
    """Add this name to those that the item holds; return False, and add nothing, if there is no room."""
    counted = item.notices
    room = counted.does_not_exist() | counted.contains(name) | (size(counted) < mails_max)  # type: ignore[no-untyped-call]  # PynamoDB's gap
    actions: list[Action] = [
        counted.add({name}),
        item.expires.set(int(forgotten_at.timestamp())),
        item.schema.set(_SCHEMA),
    ]
    try:
        update(key, actions, room)
    except UpdateError as error:
        condition_refused(error)
        return False
    return True


def _name(notice: Notice) -> str:
    return f"{notice.booking_id}#{notice.kind}#{notice.version}"
