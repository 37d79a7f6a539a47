"""Where each item is in the table, whose layout table.py shows."""

import re

from chalicelib.store.partitions import partition_of

_ID = re.compile(r"[a-z0-9]{1,64}")

POOL = "all"
"""The pool every place is in until ticket types come; part of a counter's key so that they can."""


def is_id(text: str) -> bool:
    """Return whether this may be the id of something: not every text makes a key that DynamoDB takes."""
    return _ID.fullmatch(text) is not None


def counter_key(session_id: str, counter: int) -> tuple[str, str]:
    """Return the key of counter k of a session."""
    return f"POOL#{session_id}#{POOL}#{counter}", "POOL"


def mark_key(session_id: str) -> tuple[str, str]:
    """Return the key of a session's mark."""
    return f"POOL#{session_id}", "MARK"


def event_key(event_id: str) -> tuple[str, str]:
    """Return where this event lives."""
    return f"EVENT#{event_id}", "EVENT"


def session_key(event_id: str, session_id: str) -> tuple[str, str]:
    """Return where this session lives: beside its event."""
    return f"EVENT#{event_id}", f"SESSION#{session_id}"


def booking_item_key(session_id: str, key: str) -> tuple[str, str]:
    """Return where the booking with this key lives."""
    return bookings_partition(session_id, partition_of(key)), f"BOOKING#{key}"


def bookings_partition(session_id: str, partition: str) -> str:
    """Return where one partition of a session's bookings lives."""
    return f"BOOKINGS#{session_id}#{partition}"


def figures_partition(event_id: str) -> str:
    """Return where the figures of an event's sessions live."""
    return f"FIGURES#{event_id}"


def notice_key(booking_id: str, kind: str, version: int) -> tuple[str, str]:
    """Return the ledger line of a notice."""
    return notices_partition(booking_id), f"{kind}#{version}"


def notices_partition(booking_id: str) -> str:
    """Return where the ledger has all that this booking owed."""
    return f"NOTICE#{booking_id}"
