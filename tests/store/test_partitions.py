from chalicelib.domain import ids
from chalicelib.store.partitions import BOOKING_PARTITIONS, partition_of


def test_bookings_are_spread_over_all_partitions() -> None:
    keys = [ids.booking_key(b"secret", "session", f"p{number}@example.org") for number in range(800)]
    shares = [sum(partition_of(key) == partition for key in keys) for partition in BOOKING_PARTITIONS]
    assert len(shares) == 16
    assert min(shares) > 20, "50 each on average"
