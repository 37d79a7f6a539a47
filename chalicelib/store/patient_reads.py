"""How we read the table when it is busy: again, a little later, and not for ever."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session
from pynamodb.connection import Connection

from chalicelib import aws
from chalicelib.domain.refusals import Busy
from chalicelib.store.outcomes import kind_of_cause

_READS = frozenset({"GetItem", "Query", "BatchGetItem"})
_READ_PAUSES_MS = (20, 50, 100, 200, 400, 400, 400, 400)
_READ_SECONDS = 2.5
"""After this no further try begins, should each have hung until its time-out."""

_is_once: ContextVar[bool] = ContextVar("is_once", default=False)


@contextmanager
def read_once() -> Iterator[None]:
    """Read in here once and no more: for what is worth a look, and not worth a wait.

    What was throttled of a batch is missing then. Raises Busy if the answer was lost, or all was throttled.
    """
    token = _is_once.set(True)
    try:
        yield
    finally:
        _is_once.reset(token)


class PatientReads(Connection):
    """A connection that reads again, a little later, when a read was throttled or its answer was lost.

    A read can't do harm twice. One that fails to the end is Busy: trying again is all anybody can do.
    """

    @property
    def session(self) -> Session:
        """The session that our other clients are made by too: PynamoDB would make one of its own."""
        return aws.session()

    def _make_api_call(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        if operation_name not in _READS:
            return super()._make_api_call(operation_name, operation_kwargs)
        ends = time.monotonic() + _READ_SECONDS
        for pause_ms in _READ_PAUSES_MS:
            if time.monotonic() > ends:
                break
            try:
                answer = super()._make_api_call(operation_name, operation_kwargs)
            except (BotoCoreError, ClientError) as error:
                if kind_of_cause(error) is None:
                    raise
            else:
                if _is_once.get():
                    answer["UnprocessedKeys"] = {}
                if not answer.get("UnprocessedKeys"):
                    return answer
                if any(answer["Responses"].values()):
                    # Part of a batch: PynamoDB asks for the rest at once, so the pause is taken here.
                    time.sleep(pause_ms / 1000)
                    return answer
            if _is_once.get():
                break
            # Chance spreads load; nothing secret hangs on it.
            time.sleep(random.uniform(0.5, 1.0) * pause_ms / 1000)  # noqa: S311
        raise Busy
