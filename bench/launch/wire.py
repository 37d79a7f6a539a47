"""Between botocore and the model: whatever the product sends, below it, is answered from here."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from unittest import mock

import botocore
import msgspec
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.httpsession import URLLib3Session

from bench.launch.kernel import Kernel
from bench.launch.limits import Limits
from bench.launch.region import Region
from bench.wire import SECRETS, call_of
from chalicelib.store.connection import Item, connection


class _Body:
    """Enough of a urllib3 response for botocore to read."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content


def reply(request: Any, status: int, document: dict[str, Any]) -> AWSResponse:
    """Return a document as botocore gets it."""
    # The stubs want http.client's own classes.
    headers = cast(
        Any, HeadersDict({"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "simulated"})
    )
    body = cast(Any, _Body(msgspec.json.encode(document)))
    return AWSResponse(request.url, status, headers, body)


@contextmanager
def answered_by(region: Region, kernel: Kernel, limits: Limits, chance: random.Random) -> Iterator[None]:
    """Let the model answer all requests.

    They are not signed, nor is their address worked out or the sender's name, each time anew: nobody looks
    at these here, and they would be most of what a request costs.
    """

    def send(_: URLLib3Session, request: Any) -> AWSResponse:
        service, operation = call_of(request)
        body = msgspec.json.decode(request.body)
        kernel.sleep(limits.assumed.call_seconds)
        if service == "dynamodb":
            timeout = Item.Meta.read_timeout_seconds
            status, document = region.answer(operation, body, url=request.url, read_timeout=timeout)
            return reply(request, status, document)
        if operation == "GetParameter":
            kernel.sleep(limits.assumed.parameter_seconds.draw(chance))
            secret = SECRETS["key" if "key" in body["Name"] else "token"]
            return reply(request, 200, {"Parameter": {"Name": body["Name"], "Value": secret}})
        raise LookupError(f"{service}.{operation}")

    client: Any = connection().client
    with (
        mock.patch.object(URLLib3Session, "send", send),
        mock.patch.object(client._request_signer, "_signature_version", botocore.UNSIGNED),
        mock.patch.object(client._user_agent_creator, "to_string", return_value="turnout"),
        # Then the client takes the one address that it was made with.
        mock.patch.object(client, "_ruleset_resolver", None),
    ):
        yield
