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


class Process:
    """One process of ours: which operations AWS did for it, and whether it died."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.died = False


@contextmanager
def dying(at_request: int, *, applied: bool) -> Iterator[Process]:
    """Kill the process at its n-th request to AWS (from 0): before it leaves, or done but unanswered.

    A process that is dead stays so, whatever its ``finally`` wants; what comes after is a new one that
    remembers nothing.
    """
    forget_process_state()
    process = Process()
    inner = _api_call()

    def api_call(client: BaseClient, operation: str, parameters: Any) -> Any:
        last = len(process.done) == at_request
        if process.died or (last and not applied):
            process.died = True
            raise Died
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
    """Yield every request at which a process can die, and whether AWS did it, without an end."""
    return ((request, applied) for request in itertools.count() for applied in (False, True))


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
