"""DynamoDB as launch day meets it: the engine's answers, with the time they take and what is limited.

A request travels, consumes units of its items' partitions (all of them whatever comes of it: a refused write
costs as much), and is throttled where a partition has none left. A transaction locks its items from
prepare to commit; whoever writes to a locked one meanwhile is told TransactionConflict, as is a transaction
that is refused for another item until that is undone. Reads wait for nobody. Some answers never arrive.

A new table has few partitions; one told its warm throughput has one for each 1,000 units of it. Which
partition a key is in is drawn by its hash. Nothing splits: that takes minutes.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ReadTimeoutError

from bench.launch.engine import Engine, Key, Reason, Write, error_document, perform, refused, writes_of
from bench.launch.expressions import MissingAttribute
from bench.launch.kernel import Kernel
from bench.launch.limits import Bucket, Limits

_CONFLICT: Reason = {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
_THROTTLED: Reason = {
    "Code": "ThrottlingError",
    "Message": "Throughput exceeds the current capacity of one or more partitions.",
}
_SINGLE_CODES = {
    "TransactionConflict": "TransactionConflictException",
    "ThrottlingError": "ThrottlingException",
}


class Region:
    """The table as a service."""

    def __init__(
        self, kernel: Kernel, limits: Limits, chance: random.Random, *, write_units_per_second: float
    ) -> None:
        self.engine = Engine()
        self.counted: Counter[str] = Counter()
        """Requests by operation, "write units", "half read units", "conflicts", "throttles", ..."""
        self.units_by_second: Counter[int] = Counter()
        self._kernel = kernel
        self._chance = chance
        self._limits = limits
        self._locked: set[Key] = set()
        self._is_at_rest = False
        self._partition_of: dict[str, int] = {}
        partitions = max(1, round(write_units_per_second / limits["partition_write_units_per_second"]))
        self._writes = self._buckets(partitions, limits["partition_write_units_per_second"])
        self._reads = self._buckets(partitions, limits["partition_read_units_per_second"])

    def _buckets(self, partitions: int, rate: float) -> list[Bucket]:
        size = rate * self._limits.assumed.partition_burst_seconds
        return [Bucket(rate, size) for _ in range(partitions)]

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Answer at once and without limits, uncounted: before launch day and after it."""
        self._is_at_rest = True
        yield
        self._is_at_rest = False

    def answer(
        self, operation: str, body: dict[str, Any], *, url: str, read_timeout: float
    ) -> tuple[int, dict[str, Any]]:
        """Return (HTTP status, document) when it is there, or raise what botocore raises if it never is."""
        if self._is_at_rest:
            return perform(self.engine, operation, body)
        self.counted["round trips"] += 1
        self.counted[operation] += 1
        began, assumed = self._kernel.now, self._limits.assumed
        trip = assumed.table_trip_seconds.draw(self._chance)
        fate = self._chance.random()
        lost_at = assumed.lost_requests_share
        if fate < lost_at:
            self.counted["lost requests"] += 1
        else:
            self._kernel.sleep(trip / 2)
            answer = self._perform(operation, body)
            if fate >= lost_at + assumed.lost_answers_share:
                self._kernel.sleep(trip / 2)
                return answer
            self.counted["lost answers"] += 1
        self._kernel.sleep(began + read_timeout - self._kernel.now)
        raise ReadTimeoutError(endpoint_url=url)

    def _perform(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if operation in {"GetItem", "BatchGetItem", "Query"}:
            return self._read(operation, body)
        writes = writes_of(operation, body)
        transaction = operation == "TransactWriteItems"
        try:
            reasons = [self._reason(write, transaction=transaction) for write in writes]
        except MissingAttribute:
            return 400, error_document("ValidationException", "An attribute that is computed with is missing")
        if transaction:
            return self._transact(writes, reasons)
        (reason,) = reasons
        if reason is not None:
            return refused(operation, [{**reason, "Code": _SINGLE_CODES.get(reason["Code"], reason["Code"])}])
        return 200, self.engine.apply(writes[0])

    def _reason(self, write: Write, *, transaction: bool) -> Reason | None:
        units = self.engine.units(write) * (self._limits["item_transaction_units"] if transaction else 1)
        if not self._take(self._writes, write.key[0], units):
            self.counted["throttles"] += 1
            return _THROTTLED
        self.counted["write units"] += round(units)
        self.units_by_second[int(self._kernel.now // 1)] += round(units)
        if write.key in self._locked:
            self.counted["conflicts"] += 1
            return _CONFLICT
        reason = self.engine.refusal(write)
        if reason is None:
            self.engine.after(write)
        else:
            self.counted["refused conditions"] += 1
        return reason

    def _transact(self, writes: Sequence[Write], reasons: list[Reason | None]) -> tuple[int, dict[str, Any]]:
        prepared = {write.key for write, reason in zip(writes, reasons, strict=True) if reason is None}
        self._locked |= prepared
        self._kernel.sleep(self._limits.assumed.lock_seconds.draw(self._chance))
        self._locked -= prepared
        if any(reasons):
            return refused("TransactWriteItems", reasons)
        for write in writes:
            self.engine.apply(write)
        self.counted["transactions"] += 1
        return 200, {}

    def _read(self, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        read = self.engine.read(operation, body)
        too_hot = {
            partition_key
            for partition_key, units in read.units.items()
            if not self._take(self._reads, partition_key, units)
        }
        units_read = sum(units for key, units in read.units.items() if key not in too_hot)
        self.counted["half read units"] += round(2 * units_read)
        self.counted["throttles"] += len(too_hot)
        if len(too_hot) == len(read.units):
            return refused(operation, [{**_THROTTLED, "Code": "ThrottlingException"}])
        if too_hot:
            ((table, wanted),) = body["RequestItems"].items()
            items = read.document["Responses"][table]
            later = [key for key in wanted["Keys"] if key["PK"]["S"] in too_hot]
            return 200, {
                "Responses": {table: [item for item in items if item["PK"]["S"] not in too_hot]},
                "UnprocessedKeys": {table: {**wanted, "Keys": later}},
            }
        return 200, read.document

    def _take(self, buckets: list[Bucket], partition_key: str, units: float) -> bool:
        partition = self._partition_of.get(partition_key)
        if partition is None:
            digest = hashlib.md5(partition_key.encode(), usedforsecurity=False).digest()
            partition = int.from_bytes(digest[:8], "big") % len(buckets)
            self._partition_of[partition_key] = partition
        return buckets[partition].take(units, self._kernel.now)
