"""What goes wrong between our jobs and AWS: death at any request, lost answers, an SES that says no.

moto answers before a request reaches the wire, where tests/faults.py is, so these go in one layer higher.
"""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal
from unittest import mock

from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError

from tests.engines import forget_process_state
from tests.faults import Died


def _api_call() -> Callable[[BaseClient, str, Any], Any]:
    """Return what every client calls for every operation, as it is just now."""
    call_now: Callable[[BaseClient, str, Any], Any] = BaseClient._make_api_call  # type: ignore[attr-defined]
    return call_now


_READS = {"BatchGetItem", "DescribeTable", "GetItem", "GetParameter", "GetQueueAttributes", "Query", "Scan"}


class Process:
    """One process of ours: which operations AWS did for it, and whether it died."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.died = False


_latest = Process()


@contextmanager
def dying(at_request: int, *, applied: bool) -> Iterator[Process]:
    """Kill the process at its n-th request to AWS (from 0): before it leaves, or done but unanswered.

    If that one only reads and is to be done, it is the next one that writes: a read leaves nothing behind,
    and what the process knew from it dies with it.

    A process that is dead stays so, whatever its ``finally`` wants; what comes after is a new one that
    remembers nothing.
    """
    forget_process_state()
    global _latest  # noqa: PLW0603  # which every_death has to see, and no test should have to hand to it
    _latest = process = Process()
    inner = _api_call()

    def api_call(client: BaseClient, operation: str, parameters: Any) -> Any:
        if process.died or (len(process.done) == at_request and not applied):
            process.died = True
            raise Died
        last = applied and len(process.done) >= at_request and operation not in _READS
        try:
            return inner(client, operation, parameters)
        finally:
            process.done.append(operation)
            if last:
                process.died = True
                # Also when AWS refused: the process is dead before it reads that.
                raise Died

    with mock.patch.object(BaseClient, "_make_api_call", api_call):
        try:
            yield process
        except Died:
            assert process.died
        finally:
            forget_process_state()


@contextmanager
def recording() -> Iterator[Process]:
    """Write down which operations AWS does for a process that lives."""
    with dying(1_000_000, applied=True) as process:
        yield process
    assert not process.died


def every_death() -> Iterator[tuple[int, bool]]:
    """Yield each point at which a death leaves something else behind, for ``dying``, without an end.

    That is before the first request, and after each that writes. Death before any other request leaves
    what death after the last write before it does.
    """
    yield 0, False
    request = 0
    while True:
        yield request, True
        request = len(_latest.done)


@contextmanager
def ses_that(answers: Literal["throttles", "refuses", "loses answers", "never hears"]) -> Iterator[list[Any]]:
    """Make SES answer so, in the shapes it documents. Yields what it was asked."""
    asked: list[Any] = []
    inner = _api_call()

    def api_call(client: BaseClient, operation: str, parameters: Any) -> Any:
        if operation != "SendEmail":
            return inner(client, operation, parameters)
        asked.append(parameters)
        if answers == "loses answers":
            inner(client, operation, parameters)
        if answers in ("loses answers", "never hears"):
            raise ReadTimeoutError(endpoint_url="https://email.us-east-1.amazonaws.com")
        code, message = {
            "throttles": ("TooManyRequestsException", "Maximum sending rate exceeded."),
            "refuses": ("MessageRejected", "Address is on the suppression list for your account"),
        }[answers]
        error = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        raise ClientError(error, operation)  # type: ignore[arg-type]  # more of the answer than we read

    with mock.patch.object(BaseClient, "_make_api_call", api_call):
        yield asked


@contextmanager
def losing_answers_to(operation: str, *, only: int | None = None) -> Iterator[None]:
    """Let AWS do this operation, and lose every answer to it, or the one with this number, from 0."""
    inner = _api_call()
    numbers = itertools.count()

    def api_call(client: BaseClient, asked: str, parameters: Any) -> Any:
        answer = inner(client, asked, parameters)
        if asked == operation and only in (None, next(numbers)):
            raise ReadTimeoutError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com")
        return answer

    with mock.patch.object(BaseClient, "_make_api_call", api_call):
        yield
