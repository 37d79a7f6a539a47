"""What passes between this process and moto's table: to be counted, answered otherwise, or overtaken."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ReadTimeoutError
from moto.core.models import botocore_stubber

from chalicelib.store.connection import Item
from tests import faults

WRITES = {"TransactWriteItems", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"}


def wire() -> Any:
    """The hooks of this process's own DynamoDB client: what passes them is what AWS would see."""
    return Item._get_connection().connection.client.meta.events


@contextmanager
def requests_counted() -> Iterator[Counter[str]]:
    """Count what is asked of the table, by operation."""
    sent: Counter[str] = Counter()

    def count(model: Any, **_: Any) -> None:
        sent[model.name] += 1

    wire().register("before-call.dynamodb", count)
    try:
        yield sent
    finally:
        wire().unregister("before-call.dynamodb", count)


@contextmanager
def answered_with(answer: Callable[[Any], AWSResponse], *, reads_too: bool = False) -> Iterator[None]:
    """Let writes, or all requests, be answered like this, instead of by the table."""

    def before_send(request: Any, **_: Any) -> AWSResponse | None:
        # Every hook is called, whoever answers first: moto has to be told not to write.
        botocore_stubber.enabled = passes = not reads_too and faults.operation_of(request) == "GetItem"
        return None if passes else answer(request)

    wire().register_first("before-send.dynamodb", before_send)
    try:
        yield
    finally:
        wire().unregister("before-send.dynamodb", before_send)
        botocore_stubber.enabled = True


def passed_on(request: Any) -> Any:
    """Return what the table itself answers, for who answers some requests in its place."""
    botocore_stubber.enabled = True
    return botocore_stubber("before-send", request)


def losing(*, done: bool) -> Callable[[Any], AWSResponse]:
    """Lose the answer to a write, which was ``done`` all the same or never arrived."""

    def lost(request: Any) -> AWSResponse:
        if done:
            passed_on(request)
        raise ReadTimeoutError(endpoint_url=request.url)

    return lost


class Died(BaseException):
    """The process ended here. Nothing of ours may catch this."""


@contextmanager
def dying_before_write(number: int) -> Iterator[None]:
    """End the process just before its write with this number, from 0, goes out."""
    written = 0

    def before_call(model: Any, **_: Any) -> None:
        nonlocal written
        if model.name in WRITES:
            written += 1
            if written > number:
                raise Died

    wire().register("before-call.dynamodb", before_call)
    try:
        yield
    finally:
        wire().unregister("before-call.dynamodb", before_call)


@contextmanager
def overtaken_by(other: Callable[[], object]) -> Iterator[None]:
    """Let ``other`` happen after all that was read, just before the first write goes out."""
    waiting = [other]

    def before_call(model: Any, **_: Any) -> None:
        if model.name in WRITES and waiting:
            waiting.pop()()

    wire().register("before-call.dynamodb", before_call)
    try:
        yield
    finally:
        wire().unregister("before-call.dynamodb", before_call)
    assert not waiting, "nothing was written"
