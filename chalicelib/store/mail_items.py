"""The items around emails: the notice ledger, and what holds an email back."""

from pynamodb.attributes import (
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
)

from chalicelib.store.attributes import Json
from chalicelib.store.connection import Item


class NoticeItem(Item):
    """One line of the notice ledger. Times are epoch milliseconds. ``told`` is a domain.told.Told."""

    state = UnicodeAttribute()
    lease_until = NumberAttribute(null=True)
    message_id = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(null=True)
    sends = NumberAttribute(default=0)
    told = Json(null=True)
    changed_at = NumberAttribute()


class RecipientDayItem(Item):
    """Which notices went to one address on one day, for one organiser; each by a short id.

    ``from_<source>``, a set for each source, holds those of them that it set off (store/mail_limits.py).
    """

    notices = UnicodeSetAttribute(null=True)
    expires = NumberAttribute()


class SourceHourItem(Item):
    """Which notices one source set off in one hour, for one organiser; each by a short id."""

    notices = UnicodeSetAttribute(null=True)
    expires = NumberAttribute()


class SuppressedItem(Item):
    """An address that bounced for good or complained. Mailing it again would cost us the account.

    It did so at ``created_at``. ``tried_by`` is the notice that may try it out once more, or that did.
    """

    reason = UnicodeAttribute()
    created_at = UTCDateTimeAttribute()
    tried_by = UnicodeAttribute(null=True)
