"""How far emails got, by the ledger (store/sent_mail.py): read for lists, and for what is left to do."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast

from msgspec import Struct

from chalicelib.domain.kinds import is_timed
from chalicelib.domain.notices import Notice
from chalicelib.store.keys import notice_key
from chalicelib.store.mail_items import NoticeItem
from chalicelib.store.sent_mail import UNSETTLED, NoticeState, milliseconds


class SentMail(Struct, frozen=True, kw_only=True):
    """One line of the ledger, for lists. Times are epoch milliseconds."""

    state: NoticeState
    reason: str | None
    message_id: str | None
    changed_at: int
    unsettled_until: int | None
    """Until when someone is presumably working on it; None once it is settled."""

    @property
    def is_in_trouble(self) -> bool:
        """Whether it did not arrive, and never will. A bounce that may pass is none of these."""
        if self.state == "failed":
            return not (self.reason or "").startswith(("transient", "undetermined"))
        return self.state in ("suppressed", "bounced", "complained")


def states(notices: Iterable[Notice]) -> dict[Notice, SentMail]:
    """Return the ledger's lines for these notices; those it knows nothing of are left out."""
    by_key = {notice_key(*notice.identity): notice for notice in notices}
    lines = NoticeItem.batch_get(list(by_key), consistent_read=True)
    return {
        by_key[line.PK, line.SK]: SentMail(
            state=cast(NoticeState, line.state),
            reason=line.reason,
            message_id=line.message_id,
            changed_at=int(line.changed_at),
            unsettled_until=int(line.lease_until or 0) if line.state in UNSETTLED else None,
        )
        for line in lines
    }


def is_on_its_way(notice: Notice) -> bool:
    """Return whether something is left to do for it, also if it waits for room."""
    line = states([notice]).get(notice)
    return line is None or line.unsettled_until is not None


def unsettled(
    notices: Iterable[Notice], known: Mapping[Notice, SentMail], now: datetime
) -> tuple[list[Notice], list[int]]:
    """Return which of these notices nobody is working on, and until when (epoch milliseconds) somebody is.

    All of them are owed, and ``known`` is what the ledger says. Nobody is, if a notice isn't in the ledger,
    if its lease ran out, or if it is due at a time and was overtaken.
    """
    at = milliseconds(now)
    abandoned: list[Notice] = []
    under_way: list[int] = []
    for notice in notices:
        line = known.get(notice)
        is_again = line is not None and line.state == "overtaken" and is_timed(notice.kind)
        if line is None or is_again or (line.unsettled_until is not None and line.unsettled_until <= at):
            abandoned.append(notice)
        elif line.unsettled_until is not None:
            under_way.append(line.unsettled_until)
    return abandoned, under_way
