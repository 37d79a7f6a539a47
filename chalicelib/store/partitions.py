"""Over which partitions of the table a session's bookings, and the counts of queue tickets, are spread."""

BOOKING_PARTITIONS = tuple("0123456789abcdef")
"""A session's bookings are spread over these partitions of the table."""

_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


def partition_of(key: str) -> str:
    """Return which of the BOOKING_PARTITIONS the booking with this key lives in."""
    return BOOKING_PARTITIONS[_BASE32.index(key[0]) >> 1]
