"""bench/launch/limits.toml as structs."""

import random
import tomllib
from math import log
from pathlib import Path

import msgspec
from msgspec import Struct


class Documented(Struct, frozen=True, forbid_unknown_fields=True):
    """A number that AWS states, and where."""

    value: float
    source: str


class Lognormal(Struct, frozen=True, forbid_unknown_fields=True):
    """How long something takes."""

    median: float
    sigma: float

    def draw(self, chance: random.Random) -> float:
        """Return one duration in seconds."""
        return chance.lognormvariate(log(self.median), self.sigma)


class Assumed(Struct, frozen=True, forbid_unknown_fields=True):
    """What nobody documents; limits.toml says why each is what it is."""

    lock_seconds: Lognormal
    table_trip_seconds: Lognormal
    parameter_seconds: Lognormal
    browser_trip_seconds: Lognormal
    cold_start_seconds: Lognormal
    invocation_seconds: float
    call_seconds: float
    partition_burst_seconds: float
    lost_answers_share: float
    lost_requests_share: float
    lost_replies_share: float
    clock_sigma_seconds: float


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """All of limits.toml."""

    documented: dict[str, Documented]
    assumed: Assumed

    def __getitem__(self, name: str) -> float:
        """Return a documented limit."""
        return self.documented[name].value


def read_limits() -> Limits:
    """Return the limits. Raises msgspec.ValidationError if limits.toml doesn't hold them."""
    text = Path(__file__).with_name("limits.toml").read_text()
    return msgspec.convert(tomllib.loads(text), Limits)


class Bucket:
    """A token bucket: so many a second, and what was left over up to ``size``."""

    __slots__ = ("_at", "_held", "_rate", "_size")

    def __init__(self, rate: float, size: float) -> None:
        self._rate = rate
        self._size = self._held = size
        self._at = float("-inf")

    def take(self, count: float, now: float) -> bool:
        """Take that many, or none."""
        self._held = min(self._size, self._held + (now - self._at) * self._rate)
        self._at = now
        if self._held < count:
            return False
        self._held -= count
        return True
