"""API Gateway and Lambda in front of the product: their buckets, environments, cold starts and refusals."""

import random
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from greenlet import getcurrent, greenlet
from msgspec import Struct

from bench.launch import environments
from bench.launch.environments import Environment
from bench.launch.kernel import Kernel
from bench.launch.limits import Bucket, Limits

T = TypeVar("T")


class TurnedAway(Exception):
    """API Gateway answered by itself (infra/resources/api.yaml): ``status``, and when to come again."""

    def __init__(self, status: int, retry_after_seconds: int) -> None:
        super().__init__(status)
        self.status = status
        self.retry_after_seconds = retry_after_seconds


class Levers(Struct, frozen=True, kw_only=True):
    """What an operator sets before launch day."""

    warm_write_units_per_second: float | None = None
    """The table's warm throughput; None: a new table."""
    concurrency: int | None = None
    """How many environments the account allows, or reserves for this function; None: a new account's."""
    provisioned: int = 0
    """How many environments wait ready."""
    gateway_requests_per_second: float | None = None
    """What API Gateway lets through for the account; None: its default. The bucket is as large either way."""


class Cloud:
    """What a request passes on its way to the handler."""

    def __init__(self, kernel: Kernel, limits: Limits, chance: random.Random, levers: Levers) -> None:
        self.counted: Counter[str] = Counter()
        self.busy_at_most = 0
        self._kernel = kernel
        self._limits = limits
        self._chance = chance
        self._concurrency = levers.concurrency or int(limits["concurrency"])
        through = levers.gateway_requests_per_second or limits["gateway_requests_per_second"]
        self._gateway = Bucket(through, limits["gateway_burst"])
        a_second = limits["invocations_per_second_per_concurrency"] * self._concurrency
        self._invocations = Bucket(a_second, a_second)
        more = limits["environments_more_per_10_seconds"]
        self._growth = Bucket(more / 10, more)
        self._free = [self._new_environment() for _ in range(levers.provisioned)]
        self._environments = levers.provisioned
        self._in: dict[greenlet, Environment] = {}
        self._in_place: Environment | None = None
        kernel.on_resume = self._resume
        kernel.clock_is_off_by = lambda: self._in_place.clock_is_off_by if self._in_place else 0.0

    def request(self, handle: Callable[[], T]) -> T:
        """Let the product handle one request. Raises TurnedAway, and whatever ``handle`` does."""
        trip = self._limits.assumed.browser_trip_seconds.draw(self._chance)
        self._kernel.sleep(trip / 2)
        try:
            if not self._gateway.take(1, self._kernel.now):
                self.counted["429 by API Gateway"] += 1
                raise TurnedAway(429, 2)
            return self._invoke(handle)
        finally:
            self._kernel.sleep(trip / 2)

    def alone(self, handle: Callable[[], T]) -> T:
        """Let another function handle something, in a new environment of its own."""
        return self._handle_in(self._new_environment(), handle)

    def _invoke(self, handle: Callable[[], T]) -> T:
        environment = self._find_environment()
        try:
            return self._handle_in(environment, handle)
        finally:
            self._free.append(environment)

    def _handle_in(self, environment: Environment, handle: Callable[[], T]) -> T:
        me = getcurrent()
        self._in[me] = environment
        self.busy_at_most = max(self.busy_at_most, len(self._in))
        self._resume(me)
        try:
            self._kernel.sleep(self._limits.assumed.invocation_seconds)
            return handle()
        finally:
            del self._in[me]

    def _find_environment(self) -> Environment:
        if not self._invocations.take(1, self._kernel.now):
            self._turn_away()
        if self._free:
            return self._free.pop()
        if self._environments >= self._concurrency or not self._growth.take(1, self._kernel.now):
            self._turn_away()
        self._environments += 1
        self.counted["cold starts"] += 1
        self._kernel.sleep(self._limits.assumed.cold_start_seconds.draw(self._chance))
        return self._new_environment()

    def _turn_away(self) -> None:
        self.counted["503 by Lambda's limits"] += 1
        raise TurnedAway(503, 1)

    def _new_environment(self) -> Environment:
        return Environment(self._chance.gauss(0, self._limits.assumed.clock_sigma_seconds))

    def _resume(self, who: greenlet) -> None:
        environment = self._in.get(who)
        if environment is not None and environment is not self._in_place:
            self._in_place = environment
            environments.put_in_place(environment)
