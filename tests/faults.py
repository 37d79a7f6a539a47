"""What goes wrong between us and AWS, injected below botocore: conflicts, throttles, lost answers, death.

The engine behind is real; only the wire misbehaves, in the shapes AWS documents. DynamoDB Local never
has a conflict or a throttle of its own: it does one transaction after the other.
"""

import fcntl
import hashlib
import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal
from unittest import mock

from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session

_send = URLLib3Session.send


class Died(BaseException):
    """The process was killed here. Nothing of ours may catch this."""


class _Body:
    """Enough of a urllib3 response for botocore to read."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content


def operation_of(request: Any) -> str:
    """Return the DynamoDB operation of a request on the wire ("" for other services)."""
    target = request.headers.get("X-Amz-Target", b"")
    text: str = target.decode() if isinstance(target, bytes) else target
    return text.rpartition(".")[2]


def _answer(request: Any, status: int, body: dict[str, Any]) -> AWSResponse:
    headers = HeadersDict({"content-type": "application/x-amz-json-1.0", "x-amzn-requestid": "injected"})
    body_stream = _Body(json.dumps(body).encode())
    return AWSResponse(request.url, status, headers, body_stream)  # type: ignore[arg-type]  # the stubs want http.client's own class


def conflict(request: Any, loser: int) -> AWSResponse:
    """Return a transaction cancelled because another one was on its item number ``loser``."""
    items = json.loads(request.body)["TransactItems"]
    reasons: list[dict[str, str]] = [{"Code": "None"} for _ in items]
    reasons[loser % len(items)] = {
        "Code": "TransactionConflict",
        "Message": "Transaction is ongoing for the item",
    }
    codes = ", ".join(reason["Code"] for reason in reasons)
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    return _answer(
        request,
        400,
        {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": message,
            "CancellationReasons": reasons,
        },
    )


def throttle(request: Any) -> AWSResponse:
    """Return a throttled request."""
    return _answer(
        request,
        400,
        {
            "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "message": "The level of configured provisioned throughput for the table was exceeded.",
        },
    )


def not_taken(request: Any) -> AWSResponse:
    """Return a batch of writes of which the table took none, for now."""
    return _answer(request, 200, {"UnprocessedItems": json.loads(request.body)["RequestItems"]})


class ItemLocks:
    """Conflicts as they come about: a transaction loses if another one is on one of its items this moment.

    A file in ``directory`` for each item, locked while its transaction is under way: that keeps threads
    apart as well as processes.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @contextmanager
    def held(self, request: Any) -> Iterator[int | None]:
        """Hold the items of this transaction; yields the number of one that somebody else holds, or None."""
        with ExitStack() as held:
            loser: int | None = None
            for number, item in enumerate(json.loads(request.body)["TransactItems"]):
                (action,) = item.values()
                key = action.get("Key") or {name: action["Item"][name] for name in ("PK", "SK")}
                name = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
                lock = held.enter_context((self._directory / name).open("w"))
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    loser = number
                    break
            yield loser


class Weather:
    """Random faults with these shares, drawn from ``seed``, and conflicts between those who share ``locks``.

    Counts what it did in ``seen``, and the requests that were made in ``sent``, by operation.
    """

    def __init__(
        self,
        seed: int,
        *,
        conflicts: float = 0.0,
        throttles: float = 0.0,
        lost: float = 0.0,
        never_sent: float = 0.0,
        locks: ItemLocks | None = None,
    ) -> None:
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._shares = (conflicts, throttles, lost, never_sent)
        self._locks = locks
        self.seen: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()

    @property
    def requests(self) -> int:
        """How many requests were made."""
        return self.sent.total()

    def send(self, http: URLLib3Session, request: Any) -> Any:
        """Stand in for URLLib3Session.send."""
        with self._lock:
            draw, loser = self._random.random(), self._random.randrange(100)
            self.sent[operation_of(request)] += 1
        transaction = operation_of(request) == "TransactWriteItems"
        if transaction and draw < self._shares[0]:
            self.seen["conflict"] += 1
            return conflict(request, loser)
        if not transaction or self._locks is None:
            return self._pass_on(http, request, draw)
        with self._locks.held(request) as taken:
            if taken is not None:
                self.seen["item held"] += 1
                return conflict(request, taken)
            return self._pass_on(http, request, draw)

    def _pass_on(self, http: URLLib3Session, request: Any, draw: float) -> Any:
        conflicts, throttles, lost, never_sent = self._shares
        draw -= conflicts
        if 0 <= draw < throttles:
            self.seen["throttle"] += 1
            return throttle(request)
        draw -= throttles
        if 0 <= draw < lost:
            self.seen["lost"] += 1
            _send(http, request)
            raise ReadTimeoutError(endpoint_url=request.url)
        draw -= lost
        if 0 <= draw < never_sent:
            self.seen["never sent"] += 1
            raise ReadTimeoutError(endpoint_url=request.url)
        return _send(http, request)


@contextmanager
def weather(seed: int, locks: ItemLocks | None = None, /, **shares: float) -> Iterator[Weather]:
    """Make the wire misbehave while this lasts."""
    bad = Weather(seed, locks=locks, **shares)
    with mock.patch.object(URLLib3Session, "send", lambda http, request: bad.send(http, request)):  # noqa: PLW0108  # it binds http
        yield bad


@contextmanager
def losing_the_first_answer() -> Iterator[list[str]]:
    """Let the first request be done but not answered. Yields the operations sent, in order."""
    sent: list[str] = []

    def send(http: URLLib3Session, request: Any) -> Any:
        sent.append(operation_of(request))
        answer = _send(http, request)
        if len(sent) == 1:
            raise ReadTimeoutError(endpoint_url=request.url)
        return answer

    with mock.patch.object(URLLib3Session, "send", send):
        yield sent


@contextmanager
def dying(at_request: int, when: Literal["before", "after"], *, conflicts: int = 0) -> Iterator[Counter[str]]:
    """Kill the process at the n-th request (from 0): before it leaves, or after it was done, unanswered.

    The first ``conflicts`` transactions lose to another. Yields a count of requests by operation, so that
    a caller can see how far it came.
    """
    sent: Counter[str] = Counter()

    def send(http: URLLib3Session, request: Any) -> Any:
        number = sent.total()
        sent[operation_of(request)] += 1
        if number == at_request and when == "before":
            raise Died
        if operation_of(request) == "TransactWriteItems" and sent["TransactWriteItems"] <= conflicts:
            answer = conflict(request, 0)
        else:
            answer = _send(http, request)
        if number == at_request:
            raise Died
        return answer

    with mock.patch.object(URLLib3Session, "send", send):
        yield sent
