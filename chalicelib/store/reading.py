"""Reads that somebody waits for: what their failing means to that person."""

from collections.abc import Iterator
from contextlib import contextmanager

from pynamodb.exceptions import PynamoDBException

from chalicelib.domain.refusals import Busy
from chalicelib.store.answers import kind_of


@contextmanager
def reading() -> Iterator[None]:
    """Turn a read that was throttled or lost into Busy: nothing is wrong with what was asked for.

    Any other failure is our mistake, and stays an error.
    """
    try:
        yield
    except PynamoDBException as error:
        kind_of(error)
        raise Busy from error
