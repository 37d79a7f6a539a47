"""The notice ledger: which mails went out, and how far they got.

A line of the ledger only moves forward, whoever writes and in whatever order:

    sending, postponed  <  overtaken, suppressed  <  sent  <  failed  <  delivered  <  bounced  <  complained

`sending` and `postponed` are unsettled: the mail is still owed. SES's own word beats ours:
a mail of which we lost sight is `sent` once SES says so, whatever we recorded meanwhile.

One that is due at a time may come to be owed again after it was `overtaken`: its event's reminders were
switched off and on, or its session was moved by mistake. So it may be leased again, if it is owed.
"""

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.domain.kinds import is_timed
from chalicelib.domain.notices import Notice
from chalicelib.domain.told import Told
from chalicelib.store.keys import notice_key
from chalicelib.store.mail_items import NoticeItem
from chalicelib.store.writing import condition_refused, update, update_if

LEASE_MILLISECONDS = 90_000
"""More than the mailer's time-out (30 s) and SES's read time-out (10 s) together; less than the mail
queue's visibility (180 s), so that a message coming back finds the lease run out."""

POSTPONED_GRACE_MILLISECONDS = 300_000
"""How long after its delay a postponed notice may still be on its way through the queue."""

_SCHEMA = 1

SettledState = Literal["overtaken", "suppressed", "sent", "failed", "delivered", "bounced", "complained"]
NoticeState = Literal["sending", "postponed"] | SettledState
UNSETTLED = ("sending", "postponed")
RefusedLease = Literal["leased", "settled"]

_RANKS: dict[str, int] = {
    **dict.fromkeys(UNSETTLED, 0),
    "overtaken": 1,
    "suppressed": 1,
    "sent": 2,
    # SES takes a mail and may find malware in it afterwards: `failed` comes after `sent`.
    "failed": 3,
    "delivered": 4,
    "bounced": 5,
    "complained": 6,
}


class Lease(Struct, frozen=True):
    """The right to send one notice. ``until`` (epoch milliseconds) also tells this lease from a later one."""

    notice: Notice
    until: int
    begun: int = 0
    """How many calls of SES were begun for it before, of which nobody knows how they ended."""


class LeaseLost(Exception):
    """Somebody settled this notice, or took it over, while we thought it was ours. Nothing was sent."""


def is_held_back(state: str, reason: str | None) -> bool:
    """Return whether a mail in this state waits for room at its recipient or at its source."""
    return state == "postponed" and reason in ("recipient_limit", "source_limit")


def milliseconds(moment: datetime) -> int:
    """Return this moment in epoch milliseconds."""
    return int(moment.timestamp() * 1000)


def take_lease(notice: Notice, now: datetime) -> Lease | RefusedLease:
    """Return the right to send this notice; "leased" if another has it, "settled" if nothing is to do."""
    at = milliseconds(now)
    until = at + LEASE_MILLISECONDS
    free = (
        NoticeItem.PK.does_not_exist()
        | (NoticeItem.state == "postponed")
        | ((NoticeItem.state == "sending") & (NoticeItem.lease_until <= at))
    )
    if is_timed(notice.kind):
        free |= NoticeItem.state == "overtaken"
    fields: dict[str, Any] = {"state": "sending", "changed_at": at, "lease_until": until, "reason": None}
    if (leased := _write(_key(notice), free, returned="ALL_NEW", **fields)) is not None:
        return Lease(notice, until, int(leased.get("sends", {"N": "0"})["N"]))
    try:
        line = NoticeItem.get(*_key(notice), consistent_read=True)
    except NoticeItem.DoesNotExist:
        return "leased"
    return "leased" if _RANKS[line.state] == 0 else "settled"


def begin_send(lease: Lease, told: Told) -> int:
    """Note that SES is about to be called, with an email that says this; return which call it is, from 1.

    The last write before SES: a notice found at 1 or more by the next lease *may* have gone out. So of a
    second call only advance() can say what was told: the first may have said something else.
    Raises LeaseLost.
    """
    actions = [NoticeItem.sends.add(1), NoticeItem.told.set({"key": told.key} if lease.begun else told)]
    try:
        update(_key(lease.notice), actions, _held(lease))
    except UpdateError as error:
        condition_refused(error)
        raise LeaseLost from error
    return lease.begun + 1


def postpone(
    lease: Lease, now: datetime, delay_seconds: int, *, begun: bool = True, reason: str | None = None
) -> None:
    """Give the lease back: SES certainly did not take this mail, and a delayed message will try again.

    ``begun`` says whether begin_send counted this try, which is then taken back; ``reason`` is a code for
    why it waits. Raises LeaseLost.
    """
    at = milliseconds(now)
    due = at + delay_seconds * 1000 + POSTPONED_GRACE_MILLISECONDS
    actions: list[Action] = [
        NoticeItem.state.set("postponed"),
        NoticeItem.lease_until.set(due),
        NoticeItem.changed_at.set(at),
        NoticeItem.reason.set(reason) if reason else NoticeItem.reason.remove(),
    ]
    if begun:
        actions.append(NoticeItem.sends.add(-1))
    if not update_if(_key(lease.notice), actions, _held(lease)):
        raise LeaseLost


def settle(lease: Lease, state: SettledState, now: datetime, reason: str) -> None:
    """Record why this notice is not sent (overtaken, suppressed, failed). ``reason`` is a code.

    Raises LeaseLost: SES said meanwhile that an earlier try went out.
    """
    fields: dict[str, Any] = {
        "state": state,
        "changed_at": milliseconds(now),
        "lease_until": None,
        "reason": reason,
    }
    if _write(_key(lease.notice), _held(lease), **fields) is None:
        raise LeaseLost


def advance(
    notice_id: tuple[str, str, int],
    state: SettledState,
    now: datetime,
    *,
    message_id: str | None = None,
    reason: str | None = None,
    told: Told | None = None,
) -> bool:
    """Record how far a mail got; return False if the ledger knew of that or of something further.

    ``notice_id`` is (booking_id, kind, version); ``told`` is what the mail said, if its writer records it. A
    line that is missing is made: that SES had the mail is a fact, whatever a restored table remembers.
    """
    earlier = sorted(name for name, rank in _RANKS.items() if rank < _RANKS[state])
    behind = NoticeItem.PK.does_not_exist() | NoticeItem.state.is_in(*earlier)
    fields: dict[str, Any] = {"message_id": message_id, "reason": reason, "told": told}
    written = _write(
        notice_key(*notice_id),
        behind,
        state=state,
        changed_at=milliseconds(now),
        lease_until=None,
        **{name: value for name, value in fields.items() if value is not None},
    )
    return written is not None


def _key(notice: Notice) -> tuple[str, str]:
    return notice_key(*notice.identity)


def _held(lease: Lease) -> Condition:
    held: Condition = (NoticeItem.state == "sending") & (NoticeItem.lease_until == lease.until)
    return held


def _write(
    key: tuple[str, str], condition: Condition, *, returned: str | None = None, **fields: Any
) -> dict[str, Any] | None:
    """Set these attributes of a ledger line (None removes one); return None if the condition refused.

    Else return the attributes that are asked for (store/writing.py).
    """
    actions: list[Action] = [NoticeItem.schema.set(_SCHEMA)]
    for name, value in fields.items():
        attribute = getattr(NoticeItem, name)
        actions.append(attribute.remove() if value is None else attribute.set(value))
    try:
        return update(key, actions, condition, returned=returned)
    except UpdateError as error:
        condition_refused(error)
        return None
