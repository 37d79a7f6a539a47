"""Links to a booking: a token per purpose, with its own expiry, that can't be forged.

A link's text is ``session.key.booking.expiry.secret.mac`` (domain/signing.py): all that it takes to find the
booking in one read, and to see by its random id whether another one is at that key by now.
"""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from chalicelib.domain.refusals import LinkExpired, NotFound
from chalicelib.domain.signing import Secrets, TokenSecret, read_signed_text, sign_text

Purpose = Literal["manage", "calendar", "ticket"]

Fresh = Literal["fresh"]
"""For the browser that has just booked, and in no email."""

LINKS_LAST = timedelta(days=30)
"""How long after the session's end the links to its bookings work."""

FRESH_LASTS = timedelta(minutes=15)
"""How long after booking the browser that sent the form sees what it sent, and can correct its address."""


class BookingAddress(Struct, frozen=True):
    """Where a booking is, and which booking it has to be when we get there."""

    session_id: str
    key: str
    booking_id: str


def sign_link(
    secret: TokenSecret, purpose: Purpose | Fresh, booking: BookingAddress, expires_at: datetime
) -> str:
    """Return the text of a link for this purpose, good until ``expires_at`` (whole seconds)."""
    return sign_text(secret, purpose, (booking.session_id, booking.key, booking.booking_id), expires_at)


def read_link(secrets: Secrets, purpose: Purpose | Fresh, text: str, now: datetime) -> BookingAddress:
    """Return which booking a link leads to.

    Raises NotFound if we did not sign it for this purpose, LinkExpired if its time is over.
    """
    signed = read_signed_text(secrets, purpose, text)
    if signed is None:
        raise NotFound(
            "This link does not lead to a booking. "
            "Check that you have copied all of it from the email, and nothing more."
        )
    if now > signed.at:
        raise LinkExpired(
            "Links stop working some time after the event. If you have a newer email, use the link in it."
        )
    return BookingAddress(*signed.fields)


def booking_of_link(secrets: Secrets, purpose: Purpose | Fresh, text: str) -> BookingAddress | None:
    """Return which booking a link of ours led to, also when its time is over; None if it isn't ours."""
    signed = read_signed_text(secrets, purpose, text)
    return BookingAddress(*signed.fields) if signed else None
