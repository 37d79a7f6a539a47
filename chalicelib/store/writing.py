"""Single writes outside the booking path: what their failing means to whoever asked for them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pynamodb.exceptions import DeleteError, PutError, TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.domain.refusals import Busy, Refusal
from chalicelib.store.connection import table_connection
from chalicelib.store.outcomes import Kind, kind_of, outcome_of

Refuse = Callable[[list[bool]], Refusal]
"""Given which conditions were refused, in the order they were sent, returns what to say."""


@contextmanager
def writing(refuse: Refuse) -> Iterator[None]:
    """Turn a write that was refused into a refusal, and one that was lost into Busy.

    After a time-out nobody knows whether the write was done; it was conditional, so trying again is safe.
    """
    try:
        yield
    except TransactWriteError as error:
        outcome = outcome_of(error)
        if outcome.kind is Kind.REFUSED:
            sent = range(len(error.cancellation_reasons))
            raise refuse([index in outcome.items for index in sent]) from error
        raise Busy from error
    except PutError as error:
        if kind_of(error) is Kind.REFUSED:
            raise refuse([True]) from error
        raise Busy from error


@contextmanager
def writing_if_needed() -> Iterator[None]:
    """Let the condition of a write say that it isn't needed. One that was lost is Busy."""
    refused: list[bool] = []

    def note(conditions: list[bool]) -> Busy:
        refused.extend(conditions)
        return Busy()

    try:
        with writing(note):
            yield
    except Busy:
        if not refused:
            raise


def update(
    key: tuple[str, str], actions: Sequence[Action], condition: Condition, *, returned: str | None = None
) -> dict[str, Any]:
    """Update the item at this key, and return the attributes that are asked for, in DynamoDB's own JSON.

    ``returned`` is a value of ReturnValues. An item's own update() has all of it sent back, and decodes it:
    of those who mail, few want to know. Raises UpdateError.
    """
    partition, sort = key
    answer = table_connection().update_item(
        partition, sort, actions=actions, condition=condition, return_values=returned
    )
    attributes: dict[str, Any] = answer.get("Attributes", {})
    return attributes


def update_if(key: tuple[str, str], actions: Sequence[Action], condition: Condition) -> bool:
    """Update the item at this key; return False, with nothing done, if the condition refused."""
    try:
        update(key, actions, condition)
    except UpdateError as error:
        condition_refused(error)
        return False
    return True


def condition_refused(error: DeleteError | PutError | UpdateError) -> None:
    """Return if it was the condition that refused this write, which is an answer; else raise it again."""
    if kind_of(error) is not Kind.REFUSED:
        raise error
