"""What DynamoDB may answer to a transaction, and how we wait before the next try.

| answer                             | means                                                        |
|------------------------------------|--------------------------------------------------------------|
| condition failed                   | a rule said no; the item as it stands comes with it          |
| TransactionConflict                | somebody else's transaction was on an item; nothing happened |
| throttled                          | too much for an item or the account; nothing happened        |
| time-out, connection lost, 5xx     | it may or may not have happened: read, then decide           |
| anything else (4xx)                | our mistake: a crash                                         |

The SDK never retries a conflict, waits a second and more for a throttle, and would retry a lost
answer blindly; a booking has 2.5 seconds. So the SDK's retries are off, and these are ours.
"""

import random
import time
from enum import Enum, auto
from typing import Any

from botocore.exceptions import ClientError
from pynamodb.exceptions import PynamoDBException, TransactWriteError

BUDGET_SECONDS = 2.5
"""How long one attempt to write may go on before we say Busy."""

_SPREAD_MS = 5
"""A counter is locked for about 10 ms by each booking. So many a counter let about every second try find its
counter free, when all processes that an account may have are at it (``make launch``)."""

_SPREAD_MS_MIN = 100
_PAUSE_MS_MAX = 700

_THROTTLES = frozenset(
    {
        "ProvisionedThroughputExceeded",
        "ThrottlingError",
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "LimitExceededException",
        "TransactionInProgressException",
    }
)
_CONFLICTS = frozenset({"TransactionConflict", "TransactionConflictException"})

RawItem = dict[str, dict[str, Any]]


class Kind(Enum):
    """The rows of the table above that are not a crash."""

    REFUSED = auto()
    CONFLICT = auto()
    THROTTLED = auto()
    LOST = auto()


class Outcome:
    """A transaction's "no": of what kind, and which of its items said so."""

    def __init__(self, kind: Kind, items: dict[int, RawItem | None]) -> None:
        self.kind = kind
        self.items = items
        """Index in the transaction -> the item as it stands, where a condition failed; None elsewhere."""


def outcome_of(error: TransactWriteError) -> Outcome:
    """Return what this error means, or raise it again if it is our mistake."""
    if code_of(error) == "TransactionCanceledException":
        reasons = {i: reason for i, reason in enumerate(error.cancellation_reasons) if reason is not None}
        refused = {i: r.raw_item for i, r in reasons.items() if r.code == "ConditionalCheckFailed"}
        if refused:
            return Outcome(Kind.REFUSED, refused)
        conflicts = dict.fromkeys(i for i, r in reasons.items() if r.code in _CONFLICTS)
        if conflicts:
            return Outcome(Kind.CONFLICT, conflicts)
        throttled = dict.fromkeys(i for i, r in reasons.items() if r.code in _THROTTLES)
        if throttled:
            return Outcome(Kind.THROTTLED, throttled)
        raise error
    return Outcome(kind_of(error), {})


def code_of(error: PynamoDBException) -> str | None:
    """Return DynamoDB's error code, or None if no answer arrived.

    PynamoDB 6.1's own ``cause_response_code`` raises AttributeError on a time-out.
    """
    if isinstance(error.cause, ClientError):
        return error.cause.response.get("Error", {}).get("Code")
    return None


def kind_of(error: PynamoDBException) -> Kind:
    """Return what the failure of a single request means, or raise it again if it is our mistake."""
    kind = kind_of_cause(error.cause)
    if kind is None:
        raise error
    return kind


def kind_of_cause(cause: Exception | None) -> Kind | None:
    """Return what botocore's error means, or None if it is our mistake."""
    if not isinstance(cause, ClientError):
        return Kind.LOST
    code = cause.response.get("Error", {}).get("Code", "")
    if code == "ConditionalCheckFailedException":
        return Kind.REFUSED
    if code in _CONFLICTS:
        return Kind.CONFLICT
    if code in _THROTTLES:
        return Kind.THROTTLED
    # PynamoDB keeps the response's metadata only on the error that it wrapped.
    response = getattr(cause.__cause__ or cause, "response", {})
    status: int = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return None if status < 500 else Kind.LOST


class Budget:
    """The time one write may take, and the pauses in it."""

    def __init__(self, seconds: float | None = None) -> None:
        self._ends = time.monotonic() + (BUDGET_SECONDS if seconds is None else seconds)

    def is_spent(self) -> bool:
        """Return whether no time is left for another try."""
        return time.monotonic() >= self._ends

    def pause(self, shortest_ms: float, longest_ms: float) -> None:
        """Wait a random time, so that those who met don't meet again; never past the budget."""
        # Chance here spreads load; nothing secret hangs on it.
        wanted = random.uniform(shortest_ms, longest_ms) / 1000  # noqa: S311
        time.sleep(max(0.0, min(wanted, self._ends - time.monotonic())))

    def back_off(self, setbacks: int, counters: int) -> None:
        """Wait after so many tries in vain at one of so many counters, each time about three times as long.

        Each try in vain costs as much as a booking, and few at a time sell faster than all at once. Whoever
        met somebody at one of many counters can tell that as many more are at the others, so with the
        counters grows the time that all of them spread themselves over.
        """
        spread = max(_SPREAD_MS_MIN, _SPREAD_MS * counters)
        shortest = 0 if setbacks == 1 else spread / 2
        self.pause(shortest, min(_PAUSE_MS_MAX, spread * 3 ** (setbacks - 1)))
