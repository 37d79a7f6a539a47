"""What holds a mail back: that its address is not to be mailed, or that its recipient or source had enough.

What is counted is which notices there were, so a notice that is tried again counts once. What is above a
limit goes later.

| an address gets in a UTC day, of one organiser    | first confirmations | asked for again | reminders   |
|---------------------------------------------------|---------------------|-----------------|-------------|
| from each source                                  | 10                  | 3               | 10          |
| from all of them together                         | 50                  | 15              | 20          |
| beyond that, from each source that sent none yet  | 1, up to 100        | 1, up to 30     | 1, up to 30 |

So who books with another's address uses up what their own network may send there. It takes a hundred
networks a day to make its owner wait for a first mail, and thirty for a reminder. A reminder's source is
that of the booking. It counts apart, so it uses up nobody's confirmation; and to its recipient alone.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Literal

from msgspec import Struct
from pynamodb.attributes import UnicodeSetAttribute
from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action

from chalicelib.domain.attendee import counted_as
from chalicelib.domain.booking import Booking
from chalicelib.domain.ids import address_hash, new_id
from chalicelib.domain.kinds import is_timed
from chalicelib.domain.notices import Notice, is_asked_again
from chalicelib.domain.refusals import Busy
from chalicelib.store.keys import notice_key
from chalicelib.store.mail_items import NoticeItem, RecipientDayItem, SourceHourItem, SuppressedItem
from chalicelib.store.outcomes import Kind, kind_of
from chalicelib.store.sent_mail import is_held_back
from chalicelib.store.writing import condition_refused, update_if

MAILS_PER_RECIPIENT_DAY_MAX = 10
"""First confirmations that one source sets off to one address in one UTC day for one organiser, so that
nobody's form is a spam relay."""

MAILS_AGAIN_PER_RECIPIENT_DAY_MAX = 3
"""Those that anybody who types in an address asks for again, so that asking uses up no first confirmation."""

REMINDERS_PER_RECIPIENT_DAY_MAX = 10
"""Emails due at a time. Who goes to five dinners on each of two days gets both kinds of reminder at once."""

MORE_AFTER = timedelta(hours=1)
"""Each of these that a mail waits in a day raises its limits by one: of those that wait one goes in each, and
in the order owed, for a later mail has lower limits."""


class _Limits(Struct, frozen=True):
    """The rows of the table above."""

    each: int
    together: int
    with_new: int


_FIRST = _Limits(MAILS_PER_RECIPIENT_DAY_MAX, 50, 100)
_AGAIN = _Limits(MAILS_AGAIN_PER_RECIPIENT_DAY_MAX, 15, 30)
_TIMED = _Limits(REMINDERS_PER_RECIPIENT_DAY_MAX, 20, 30)

TRIED_AGAIN_AFTER = timedelta(days=7)
"""How long after a bounce an address may be tried once more. A full mailbox or a wrong MX record is mostly
put right within days, and a dead address costs our reputation one bounce a week at most."""

TRY_LASTS = timedelta(hours=1)
"""How long all other mails to such an address wait for what becomes of the one that tries it."""

LOOKED_AGAIN_AFTER = timedelta(minutes=5)
"""How long after one look at that the next one is."""

BEING_TRIED = "being_tried"

SuppressionReason = Literal["bounced", "complained"]

_LIFTED = "lifted"
_DAY_KEPT_FOR = timedelta(days=3)
_HOUR_KEPT_FOR = timedelta(days=1)
_SHORT_ID_CHARACTERS = 7
"""With ids this short an hour of 100 mails of a source, and a usual day of a recipient, are below 1 KB, and
so one write unit each. Should two of them ever be the same, one mail more goes out."""
_SCHEMA = 1


def count_for_recipient(
    notice: Notice, booking: Booking, source: str, now: datetime, *, owed_since: datetime
) -> bool:
    """Count this notice, which the source set off; return False if its address has no room today."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    recipient = f"RECIPIENT#{booking.organiser_id}#{address_hash(counted_as(booking.address))}"
    apart, limits = "", _FIRST
    if is_timed(notice.kind):
        apart, limits = "#timed", _TIMED
    elif is_asked_again(notice, booking):
        apart, limits = "#again", _AGAIN
    key = recipient, f"{now:%Y-%m-%d}{apart}"
    waited = max(0, (now - max(owed_since, midnight)) // MORE_AFTER)
    # One item, and so one request: an attribute for each source, and one for all of them.
    ours, everybodys = (
        UnicodeSetAttribute(attr_name=f"from_{source}"),
        RecipientDayItem.notices,
    )
    room = (
        everybodys.does_not_exist()
        | (ours.does_not_exist() & _below(everybodys, limits.with_new + waited))
        | (_below(ours, limits.each + waited) & _below(everybodys, limits.together + waited))
    )
    return _count(RecipientDayItem, key, notice, room, midnight + _DAY_KEPT_FOR, ours)


def seconds_until_more(owed_since: datetime, now: datetime) -> float:
    """Return in how many seconds the limits of a mail to its recipient rise."""
    return ((owed_since - now) % MORE_AFTER or MORE_AFTER).total_seconds()


def count_for_source(
    organiser_id: str, source: str, notice: Notice, now: datetime, *, mails_max: int
) -> bool:
    """Count this notice to this source (ids.source_hash) in this UTC hour; return False if it is too many."""
    key = f"SOURCE#{organiser_id}#{source}", f"{now:%Y-%m-%dT%H}"
    room = SourceHourItem.notices.does_not_exist() | _below(SourceHourItem.notices, mails_max)
    return _count(SourceHourItem, key, notice, room, now + _HOUR_KEPT_FOR)


def seconds_left_of_hour(now: datetime) -> float:
    """Return for how long a source's present count still holds."""
    next_hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return (next_hour - now).total_seconds()


def suppress(address: str, reason: SuppressionReason, now: datetime) -> None:
    """Don't mail this (normalised) address again. That somebody complained outlives that mails bounced."""
    nothing_worse = SuppressedItem.PK.does_not_exist() | (SuppressedItem.reason != "complained")
    line = SuppressedItem(*_suppressed(address), reason=reason, created_at=now)
    try:
        line.save(condition=nothing_worse)
    except PutError as error:
        condition_refused(error)


def suppression(address: str) -> str | None:
    """Return why this (normalised) address is suppressed; None if it isn't."""
    line = _suppression_line(address)
    return None if line is None else line.reason


def suppression_of(notice: Notice, booking: Booking, now: datetime) -> str | None:
    """Return why this notice must not go to its booking's address, or not yet (BEING_TRIED); None if it may.

    An address that bounced gets one mail if somebody typed it in TRIED_AGAIN_AFTER that. Others wait for what
    becomes of it, and go once it is delivered. If it ends unsent, or waits for room, another may be the try:
    nobody uses it up with a mail that doesn't go. An address whose reader complained gets nothing.
    """
    line = _suppression_line(booking.address)
    if line is None or line.tried_by == _name(notice):
        return None
    bad_since, tried = line.created_at, _ledger_line(line.tried_by)
    if tried is not None:
        changed_at = datetime.fromtimestamp(int(tried.changed_at) / 1000, UTC)
        if tried.state == "delivered":
            lift_suppression(booking.address, now)
            return None
        may_yet_arrive = tried.state in ("sending", "postponed", "sent")
        if may_yet_arrive and not is_held_back(tried.state, tried.reason) and now < changed_at + TRY_LASTS:
            return BEING_TRIED
        if tried.message_id is not None:
            # SES had it, and nobody knows of an arrival.
            bad_since = max(bad_since, changed_at)
    # Whoever made us owe the last confirmation gave the address then.
    if line.reason != "bounced" or bad_since > booking.mailed_at - TRIED_AGAIN_AFTER:
        return line.reason
    return None if _is_the_try(notice, line) else BEING_TRIED


def _suppression_line(address: str) -> SuppressedItem | None:
    try:
        line = SuppressedItem.get(*_suppressed(address), consistent_read=True)
    except SuppressedItem.DoesNotExist:
        return None
    return None if line.reason == _LIFTED else line


def _ledger_line(name: str | None) -> NoticeItem | None:
    if name is None:
        return None
    booking_id, kind, version = name.split("#")
    try:
        return NoticeItem.get(*notice_key(booking_id, kind, int(version)), consistent_read=True)
    except NoticeItem.DoesNotExist:
        return None


def _is_the_try(notice: Notice, line: SuppressedItem) -> bool:
    """Make this notice the one that tries out whether the address is good by now, unless the line changed."""
    as_read = (SuppressedItem.reason == line.reason) & (SuppressedItem.created_at == line.created_at)
    tried_by = SuppressedItem.tried_by
    as_read &= tried_by.does_not_exist() if line.tried_by is None else tried_by == line.tried_by
    return update_if((line.PK, line.SK), [tried_by.set(_name(notice))], as_read)


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
    notice: Notice,
    room: Condition,
    forgotten_at: datetime,
    also_in: UnicodeSetAttribute | None = None,
) -> bool:
    """Add this notice to those that the item holds; return False, and add nothing, if there is no room."""
    short_id = new_id(hashlib.sha256(_name(notice).encode()).digest())[:_SHORT_ID_CHARACTERS]
    actions: list[Action] = [
        item.notices.add({short_id}),
        *([] if also_in is None else [also_in.add({short_id})]),
        item.expires.set(int(forgotten_at.timestamp())),
        item.schema.set(_SCHEMA),
    ]
    return update_if(key, actions, item.notices.contains(short_id) | room)


def _below(counted: UnicodeSetAttribute, mails_max: int) -> Condition:
    room: Condition = counted.exists() & (size(counted) < mails_max)  # type: ignore[no-untyped-call]  # PynamoDB's gap
    return room


def _name(notice: Notice) -> str:
    return f"{notice.booking_id}#{notice.kind}#{notice.version}"
