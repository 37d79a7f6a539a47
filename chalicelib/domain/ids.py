"""Identifiers: how they are made, what each is for, and which of them may be shown.

Every identifier is lower-case RFC 4648 base32 without padding, so it survives
URLs, mail tags and a QR code's alphanumeric mode.
"""

import base64
import hashlib
import hmac
import re

from chalicelib.domain.kept_names import PERSON_PURPOSE

ID_ENTROPY_BYTES = 15
"""120 random bits: what an id that opens something needs (a booking's, an organiser's token)."""

SHORT_ID_ENTROPY_BYTES = 10
"""80 random bits: what an id that opens nothing needs (an event's, a session's)."""

_KEY_BYTES = 20
_PERSON_BYTES = 16
_SOURCE_BYTES = 10
_REFERENCE_CHARACTERS = 8
_SOURCE_NAME_CHARACTERS = 8
# What people put between the characters: spaces, full stops, and hyphens of any length.
_BETWEEN = r"[\s.\-\u2010-\u2015]*"
_MISREAD = str.maketrans("018", "OIB")

REFERENCE_PATTERN = rf"^{_BETWEEN}(?:[A-Za-z0-8]{_BETWEEN}){{{_REFERENCE_CHARACTERS}}}$"
"""A reference as people type it: see reference_as_typed."""


def new_id(entropy: bytes) -> str:
    """Return the id that these random bytes spell. The caller draws them."""
    return base64.b32encode(entropy).decode("ascii").rstrip("=").lower()


def booking_key(key_secret: bytes, session_id: str, address: str, ordinal: int = 0) -> str:
    """Return the key under which this address books in this session.

    It says *who booked what*: a second booking by the same address can't exist,
    because it would be the same item. ``address`` is normalised
    (attendee.normalise_address); ``ordinal`` counts an address's further bookings.
    """
    message = f"{session_id}|{address}|{ordinal}".encode()
    digest = hmac.new(key_secret, message, hashlib.sha256).digest()
    return new_id(digest[:_KEY_BYTES])


def source_hash(key_secret: bytes, source: str) -> str:
    """Return the name under which what a source sets off is counted; without the secret it spells no address.

    A booking's key is made with the same secret, of three parts, so neither can be mistaken for the other.
    """
    digest = hmac.new(key_secret, f"source|{source}".encode(), hashlib.sha256).digest()
    return new_id(digest[:_SOURCE_BYTES])


def source_name(event_id: str, source: str) -> str:
    """Return what organisers call a source (a source_hash): the same in all sessions of an event.

    In another event it has another name, so nobody can follow a network from one organiser to the next.
    """
    return new_id(hashlib.sha256(f"{event_id}|{source}".encode()).digest())[:_SOURCE_NAME_CHARACTERS]


def person_in_queue(key_secret: bytes, event_id: str, address: str) -> str:
    """Return the name of this (normalised) address in an event's queue: one address is one person there.

    No session is called that, so this can't be mistaken for a booking's key, which has three parts as well.
    """
    digest = hmac.new(key_secret, f"{PERSON_PURPOSE}|{event_id}|{address}".encode(), hashlib.sha256).digest()
    return new_id(digest[:_PERSON_BYTES])


def reference(booking_id: str) -> str:
    """Return the reference that an id spells. Which one a booking prints, booking.reference_of says."""
    return booking_id[:_REFERENCE_CHARACTERS].upper()


def reference_as_typed(text: str) -> str | None:
    """Return the reference that this text means, as it is printed; None if it means none.

    People read it out in groups and type it in small letters. Base32 (RFC 4648) has no 0, 1 and 8, so these
    can only be the letters that look like them.
    """
    if re.fullmatch(REFERENCE_PATTERN, text) is None:
        return None
    return re.sub(_BETWEEN, "", text).upper().translate(_MISREAD)


def token_hash(token: str) -> str:
    """Return what is stored of an organiser's token. It is random, so one plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def address_hash(address: str) -> str:
    """Return the name under which a mail address is counted or suppressed, without spelling it."""
    return hashlib.sha256(address.encode()).hexdigest()[:40]
