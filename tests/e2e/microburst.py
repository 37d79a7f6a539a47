"""A proxy before the table and the queues that answers for them now and then: microburst, and its rules."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from msgspec import Struct

from infra.local.ministack import CREDENTIALS
from infra.local.places import REGION

START_SECONDS_MAX = 30

TRANSACTION_CONFLICT = {
    "error": {
        "code": "TransactionCanceledException",
        "message": "Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[None, TransactionConflict]",
        "fields": {"CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}]},
    }
}
TABLE_THROTTLED = {"error": {"code": "ProvisionedThroughputExceededException"}}
QUEUE_THROTTLED = {"error": {"code": "RequestThrottled"}}
UNWELL = {"error": {"code": "InternalServerError", "status": 500}}
SLOW = {"latency": 400}
HUNG_UP = {"reset": True}
ANSWER_LOST = {"response": {"abort_bytes": 0}}


class Fault(Struct, frozen=True):
    """One kind of fault of one operation: it hits the first request, and then one after each ``passing``."""

    service: str
    operation: str
    kind: str
    passing: int

    @property
    def rule(self) -> dict[str, Any]:
        """The fault as microburst wants it."""
        return {
            "service": self.service,
            "operation": self.operation,
            "sequence": [1, self.passing],
            **KINDS[self.kind],
        }


KINDS: dict[str, dict[str, Any]] = {
    "conflict": TRANSACTION_CONFLICT,
    "table throttled": TABLE_THROTTLED,
    "queue throttled": QUEUE_THROTTLED,
    "unwell": UNWELL,
    "slow": SLOW,
    "hung up": HUNG_UP,
    "answer lost": ANSWER_LOST,
}


class Microburst:
    """The running proxy."""

    def __init__(self, port: str) -> None:
        self._url = f"http://127.0.0.1:{port}/_microburst"

    def misbehave(self, faults: list[Fault]) -> None:
        """Begin with these faults, in place of any others."""
        self._call("POST", "rules", [fault.rule for fault in faults])

    def hits(self, faults: list[Fault]) -> dict[Fault, int]:
        """Return how often each of the present faults hit."""
        rules = self._call("GET", "rules")
        return {fault: rule["fired_count"] for fault, rule in zip(faults, rules, strict=True)}

    def behave(self) -> None:
        """Pass everything on as it is."""
        self._call("POST", "rules", [])

    def _call(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            f"{self._url}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as reply:
            return json.loads(reply.read())

    def wait(self) -> None:
        """Wait until it answers, and has read what it must know of each service.

        That takes it seconds, during which it answers nobody: longer than a function may run.
        """
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            try:
                self._call("GET", "health")
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
            else:
                self._warm_up()
                return
        raise AssertionError(f"microburst did not answer within {START_SECONDS_MAX} s")

    def _warm_up(self) -> None:
        for service, operation in (("dynamodb", "list_tables"), ("sqs", "list_queues")):
            client = boto3.client(
                service,  # type: ignore[call-overload]  # the stubs want one literal name
                endpoint_url=self._url.removesuffix("/_microburst"),
                region_name=REGION,
                config=Config(retries={"total_max_attempts": 1}),
            )
            # Nothing is behind it yet, and so it says.
            with contextlib.suppress(ClientError):
                getattr(client, operation)()


@contextmanager
def microburst(*, port: str, upstream_port: str, log: Path) -> Iterator[Microburst]:
    """Run the proxy at ``port``, before what is at ``upstream_port``.

    It signs what it passes on anew, because the host is part of a signature. So the functions' roles are not
    looked at here; the other end-to-end tests do that.
    """
    program = str(Path(sys.executable).with_name("microburst"))
    command = [program, "--upstream", f"http://127.0.0.1:{upstream_port}", "--port", port, "--resign"]
    environment = {**os.environ, **CREDENTIALS}
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        try:
            proxy = Microburst(port)
            proxy.wait()
            yield proxy
        finally:
            process.terminate()
