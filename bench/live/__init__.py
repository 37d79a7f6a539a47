"""``make live``: the whole system under load on this machine, and whether its books are right afterwards."""
