"""Links to a booking: a token per purpose, with its own expiry, that can't be forged.

A link's text is ``session.key.booking.expiry.secret.mac``: everything needed to find the
booking in one read, and an HMAC over the booking's random id, the purpose and the expiry.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from chalicelib.domain.ids import new_id
from chalicelib.domain.refusals import LinkExpired, NotFound

Purpose = Literal["manage", "calendar", "ticket"]
_MAC_BYTES = 20

LINKS_LAST = timedelta(days=30)
"""How long after the session's end the links to its bookings work."""


class TokenSecret(Struct, frozen=True):
    """A secret that signs links. It rotates, so links say which one signed them."""

    secret_id: str
    secret: bytes


class BookingAddress(Struct, frozen=True):
    """Where a booking is, and which booking it has to be when we get there."""

    session_id: str
    key: str
    booking_id: str


def sign_link(secret: TokenSecret, purpose: Purpose, booking: BookingAddress, expires_at: datetime) -> str:
    """Return the text of a link for this purpose, good until ``expires_at`` (whole seconds)."""
    expiry = str(int(expires_at.timestamp()))
    mac = _mac(secret, purpose, booking, expiry)
    return ".".join((booking.session_id, booking.key, booking.booking_id, expiry, secret.secret_id, mac))


def read_link(secrets: dict[str, TokenSecret], purpose: Purpose, text: str, now: datetime) -> BookingAddress:
    """Return which booking a link leads to.

    Raises NotFound if we did not sign it for this purpose, LinkExpired if its time is over.
    """
    parts = text.split(".")
    if len(parts) != 6 or not text.isascii():
        raise NotFound("There is no booking behind this link.")
    session_id, key, booking_id, expiry, secret_id, mac = parts
    booking = BookingAddress(session_id, key, booking_id)
    secret = secrets.get(secret_id)
    if secret is None or not hmac.compare_digest(mac, _mac(secret, purpose, booking, expiry)):
        raise NotFound("There is no booking behind this link.")
    if now.timestamp() > int(expiry):
        raise LinkExpired("This link was good until some time after the session, which is over.")
    return booking


def _mac(secret: TokenSecret, purpose: Purpose, booking: BookingAddress, expiry: str) -> str:
    message = "|".join((purpose, booking.session_id, booking.key, booking.booking_id, expiry))
    return new_id(hmac.new(secret.secret, message.encode(), hashlib.sha256).digest()[:_MAC_BYTES])
