"""The real engines the rules are tested on: the table of our template, in moto or DynamoDB Local."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3

from chalicelib.store import availability, hints, lately, places_left, queues, secrets, takers
from chalicelib.store.connection import Item
from chalicelib.web.http import sources
from infra.local import dynamodb, places

REGION = places.REGION

# An engine on a busy machine now and then stops for more than the second that we give the table of AWS, and a
# calm race would then be called busy. What we do without an answer is tested by faults that take it away.
PATIENCE_SECONDS = 30


@cache
def client_for(service: str) -> Any:
    """Return one plain client a run: making one costs more than most tests."""
    return boto3.client(service)  # type: ignore[call-overload]  # the stubs want one literal name


def create_table(client: Any, *, stream: bool = True) -> None:
    """Create our table. moto copies its whole stream for every transaction: there it is left out."""
    dynamodb.create_table(client, Item.Meta.table_name, stream=stream)


def forget_process_state() -> None:
    """Make this process as forgetful as a new Lambda environment, but for its connections."""
    secrets.forget()
    lately.forget_caches()
    hints.forget()
    takers.forget()
    availability.forget()
    places_left.forget()
    queues.forget()
    sources.gate.forget()
    sources.waiting_gate.forget()


class DynamoDBLocal(dynamodb.DynamoDBLocal):
    """The engine itself, and an empty table on it for each test."""

    @contextmanager
    def fresh_table(self, endpoint: str | None = None) -> Iterator[Any]:
        """Give this process an empty table here; ``endpoint`` puts a proxy in between."""
        client = self.client()
        name = Item.Meta.table_name
        if name in client.list_tables()["TableNames"]:
            client.delete_table(TableName=name)
        create_table(client)
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint or self.url
        deployed_seconds, Item.Meta.read_timeout_seconds = Item.Meta.read_timeout_seconds, PATIENCE_SECONDS
        Item._connection = None
        forget_process_state()
        try:
            yield client
        finally:
            del os.environ["AWS_ENDPOINT_URL_DYNAMODB"]
            Item.Meta.read_timeout_seconds = deployed_seconds
            Item._connection = None
            forget_process_state()
