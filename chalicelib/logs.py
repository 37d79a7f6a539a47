"""One JSON object a line, and metrics in the same lines (CloudWatch embedded metric format).

Nothing personal is ever logged: no names, no addresses, no tokens, no links. Ids may be. A line that goes
back to one request says so by its ``request_id``: that in which it is written, or the one that set this off.
"""

import json
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from chalicelib.settings import settings

NAMESPACE = "Turnout"

_ROOT = logging.getLogger()
# PynamoDB and botocore log whole requests below WARNING: names and addresses.
_ROOT.setLevel(logging.WARNING)

_request_id: ContextVar[str] = ContextVar("request_id", default="")


@contextmanager
def about_request(request_id: str) -> Iterator[None]:
    """Let every line that is written in here say that it goes back to this request ("" for none)."""
    token = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(token)


def info(message: str, **fields: Any) -> None:
    """Log that something happened."""
    _write("INFO", message, fields)


def error(message: str, **fields: Any) -> None:
    """Log that something needs a human. Pass ``exception`` for the kind of error and where it was raised."""
    exception = fields.pop("exception", None)
    if exception is not None:
        fields["exception"] = type(exception).__name__
        fields["trace"] = _where(exception)
    _write("ERROR", message, fields)


def metric(name: str, value: float = 1, unit: str = "Count", **fields: Any) -> None:
    """Count or measure something under the Turnout namespace, apart for each stage of an account.

    Source: CloudWatch embedded metric format specification.
    """
    directive = {
        "Timestamp": int(time.time() * 1000),
        "CloudWatchMetrics": [
            {"Namespace": NAMESPACE, "Dimensions": [["Stage"]], "Metrics": [{"Name": name, "Unit": unit}]}
        ],
    }
    _write("INFO", name, {**fields, "Stage": settings().stage, name: value, "_aws": directive})


def _where(exception: BaseException) -> list[str]:
    # Places only: an exception's own words may hold what the user sent.
    frames: list[str] = []
    trace = exception.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename}:{trace.tb_lineno} in {code.co_qualname}")
        trace = trace.tb_next
    return frames


def _write(level: str, message: str, fields: dict[str, Any]) -> None:
    request_id = _request_id.get()
    of_request = {"request_id": request_id} if request_id else {}
    line = {"level": level, "message": message, **of_request, **fields}
    sys.stdout.write(json.dumps(line, default=str) + "\n")
    sys.stdout.flush()
