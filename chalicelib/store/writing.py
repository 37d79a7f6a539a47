"""What it means when a write is not done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pynamodb.exceptions import PutError, TransactWriteError, UpdateError

from chalicelib.domain.refusals import Busy, Refusal

Refuse = Callable[[list[bool]], Refusal]
"""Given which conditions were refused, in the order they were sent, returns what to say."""

# These say as surely as a refused condition does that nothing was written.
_LOST_REASONS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
_LOST_CODES = {
    "TransactionConflictException",
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
}


@contextmanager
def writing(refuse: Refuse) -> Iterator[None]:
    """Turn a write that was refused, or lost to another, into a refusal. Anything else is a crash.

    A time-out stays one: nobody knows whether that write was done.
    Source: DynamoDB API reference, TransactWriteItems, "Cancellation Reasons".
    """
    try:
        yield
    except TransactWriteError as error:
        codes = [reason.code if reason else "" for reason in error.cancellation_reasons]
        refused = [code == "ConditionalCheckFailed" for code in codes]
        if any(refused):
            raise refuse(refused) from error
        if error.cause_response_code in _LOST_CODES or not _LOST_REASONS.isdisjoint(codes):
            raise Busy from error
        raise
    except PutError as error:
        if error.cause_response_code == "ConditionalCheckFailedException":
            raise refuse([True]) from error
        if error.cause_response_code in _LOST_CODES:
            raise Busy from error
        raise


def condition_refused(error: PutError | UpdateError) -> None:
    """Return if it was the condition that refused this write, which is an answer; else raise it again."""
    if error.cause_response_code != "ConditionalCheckFailedException":
        raise error
