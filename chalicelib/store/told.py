"""What people were told, as the ledger keeps it. The mailer alone asks, before a mail that may repeat it."""

from msgspec import convert

from chalicelib.domain.told import Sent, Told
from chalicelib.store.keys import notices_partition
from chalicelib.store.mail_items import NoticeItem

_WENT_OUT = ("sent", "delivered", "complained")


def sent_about(booking_id: str) -> list[Sent]:
    """Return what each email told that went out for this booking, but for those from before we kept that."""
    lines = NoticeItem.query(notices_partition(booking_id), consistent_read=True)
    return [
        Sent(line.SK.partition("#")[0], convert(line.told, Told) if line.told else None)
        for line in lines
        if line.told is not None and line.state in _WENT_OUT
    ]
