"""What people were told, as the ledger keeps it. The mailer alone asks, before a mail that may repeat it."""

from msgspec import convert

from chalicelib.domain.kinds import KINDS
from chalicelib.domain.notices import Notice
from chalicelib.domain.told import Sent, Told
from chalicelib.store.keys import notice_key
from chalicelib.store.mail_items import NoticeItem

_WENT_OUT = ("sent", "delivered", "complained")
_UNCLEAR = ("sending", "postponed", "overtaken")
"""If SES was called for it, and no answer came."""


def sent_before(notice: Notice) -> list[Sent]:
    """Return what each other email told that went out, or may have, to the address that this one goes to.

    Those from before we kept what they told are left out, and so are those that leave calendars as they were:
    people who read of a change in one have the entry with the old time.
    """
    partition, own = notice_key(*notice.identity)
    return [
        Sent(line.SK.partition("#")[0], _told(line))
        for line in NoticeItem.query(partition, consistent_read=True)
        if line.SK != own
        and line.told is not None
        and (kind := KINDS.get(line.SK.partition("#")[0])) is not None
        and kind.calendar is not None
        and (line.state in _WENT_OUT or (line.state in _UNCLEAR and line.sends))
        and line.told.get("key", "") in ("", notice.key)
    ]


def _told(line: NoticeItem) -> Told | None:
    is_known = line.state in _WENT_OUT and "sequence" in line.told
    return convert(line.told, Told) if is_known else None
