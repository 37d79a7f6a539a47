"""Whom we must not mail, and how much one address may get in a day."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action

from chalicelib.domain.attendee import without_tag
from chalicelib.domain.ids import address_hash
from chalicelib.domain.notices import Notice
from chalicelib.domain.refusals import Busy
from chalicelib.store.outcomes import Kind, kind_of
from chalicelib.store.table import RecipientDayItem, SuppressedItem
from chalicelib.store.writing import condition_refused, update

MAILS_PER_RECIPIENT_DAY_MAX = 10
"""Confirmations to one address in one UTC day for one organiser, so that nobody's form is a spam relay."""

MAILS_AGAIN_PER_RECIPIENT_DAY_MAX = 3
"""Those that anybody who types in an address asks for again. They are counted apart, so that no stranger
can use up what somebody's own bookings are confirmed with."""

SuppressionReason = Literal["bounced", "complained"]

_LIFTED = "lifted"
_KEPT_FOR = timedelta(days=3)
_SCHEMA = 1


def count_for_recipient(
    organiser_id: str, address: str, notice: Notice, day: date, *, again: bool = False
) -> bool:
    """Count this notice to this (normalised) address on this UTC day; return False if the limit is reached.

    The day's item holds which notices it counted, so a notice tried again counts once. ``again``: the
    public asked for it once more.
    """
    name = f"{notice.booking_id}#{notice.kind}#{notice.version}"
    mails_max = MAILS_AGAIN_PER_RECIPIENT_DAY_MAX if again else MAILS_PER_RECIPIENT_DAY_MAX
    counted = RecipientDayItem.notices
    room = counted.does_not_exist() | counted.contains(name) | (size(counted) < mails_max)  # type: ignore[no-untyped-call]  # PynamoDB's gap
    forgotten_at = datetime.combine(day, time(), UTC) + _KEPT_FOR
    actions: list[Action] = [
        counted.add({name}),
        RecipientDayItem.expires.set(int(forgotten_at.timestamp())),
        RecipientDayItem.schema.set(_SCHEMA),
    ]
    key = (
        f"RECIPIENT#{organiser_id}#{address_hash(without_tag(address))}",
        f"{day.isoformat()}#again" if again else day.isoformat(),
    )
    try:
        update(key, actions, room)
    except UpdateError as error:
        condition_refused(error)
        return False
    return True


def suppress(address: str, reason: SuppressionReason, now: datetime) -> None:
    """Don't mail this (normalised) address again. That somebody complained outlives that mails bounced."""
    nothing_worse: Condition = SuppressedItem.PK.does_not_exist() | (SuppressedItem.reason == _LIFTED)
    if reason == "complained":
        nothing_worse |= SuppressedItem.reason == "bounced"
    line = SuppressedItem(*_key(address), reason=reason, created_at=now)
    try:
        line.save(condition=nothing_worse)
    except PutError as error:
        condition_refused(error)


def suppression(address: str) -> str | None:
    """Return why this (normalised) address must not be mailed; None if it may."""
    try:
        reason = SuppressedItem.get(*_key(address), consistent_read=True).reason
    except SuppressedItem.DoesNotExist:
        return None
    return None if reason == _LIFTED else reason


def lift_suppression(address: str, now: datetime) -> None:
    """Mail this (normalised) address again although its mails bounced: somebody says that it is good.

    Does nothing for an address from which somebody complained. What is lifted stays in the table: the API
    deletes nothing. Raises Busy: doing it again is safe.
    """
    line = SuppressedItem(*_key(address))
    actions: list[Action] = [SuppressedItem.reason.set(_LIFTED), SuppressedItem.created_at.set(now)]
    try:
        line.update(actions, condition=SuppressedItem.reason == "bounced")
    except UpdateError as error:
        if kind_of(error) is not Kind.REFUSED:
            raise Busy from error


def _key(address: str) -> tuple[str, str]:
    return f"SUPPRESSED#{address_hash(address)}", "SUPPRESSED"
