"""What goes over the wire between us and AWS, below botocore: counted, written down, or played back.

The table is real (DynamoDB Local) while we count units, and its answers are written down. While
instructions are counted they are played back, so that only our own work counts. SQS, SES and SSM are
always answered from here: what they charge for is the request.
"""

import itertools
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.httpsession import URLLib3Session

_send = URLLib3Session.send

SECRETS = {
    "key": "11" * 32,
    "token": json.dumps({"current": "k1", "secrets": {"k1": "22" * 32}}),
}
"""What SSM holds here, by the name of the parameter that settings read."""

_WRITTEN = [[200, "{}"]]
"""What a write is answered that nobody wrote down: the yardstick's."""

_WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}


class Counted:
    """What was sent since this was made."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.written = 0.0
        self.read = 0.0
        self.mail_bytes = 0
        self.messages: list[str] = []

    def round_trips(self, service: str) -> int:
        """Return how many requests went to this service."""
        return sum(count for name, count in self.requests.items() if name.startswith(f"{service}."))


def call_of(request: Any) -> tuple[str, str]:
    """Return (service, operation) of a request."""
    if "/v2/email/outbound-emails" in request.url:
        return "sesv2", "SendEmail"
    target = request.headers["X-Amz-Target"]
    name, _, operation = (target.decode() if isinstance(target, bytes) else target).partition(".")
    return {"DynamoDB_20120810": "dynamodb", "AmazonSQS": "sqs", "AmazonSSM": "ssm"}[name], operation


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d(:\d\d:\d\dZ)?")
"""As keys and conditions have the time: what is played again is asked for at another."""


def name_of(operation: str, body: dict[str, Any]) -> str:
    """Return what this request is about: the same one asks the same, whenever it is sent."""
    if operation == "TransactWriteItems":
        return operation
    about = (
        body.get("Key") or body.get("Item", {}).get("PK") or body.get("ExpressionAttributeValues"),
        # PynamoDB asks for them in any order.
        [
            sorted(map(str, table if isinstance(table, list) else table["Keys"]))
            for table in body.get("RequestItems", {}).values()
        ],
    )
    return f"{operation} {_MOMENT.sub('<moment>', json.dumps(about, sort_keys=True))}"


def units_of(operation: str, body: dict[str, Any], answer: dict[str, Any]) -> float:
    """Return the capacity units that AWS charges for this request.

    DynamoDB Local counts what the items weigh, nothing where there are none, and says nothing when it
    refuses. AWS charges twice the weight in a transaction, and at least one unit for every item that it
    was asked for or to write, whether it was there and whatever came of it (half of that for a read that
    need not be consistent). Source: DynamoDB developer guide, "Read and write operations" and
    "Condition expressions".
    """
    transaction = operation.startswith("Transact")
    consumed = answer.get("ConsumedCapacity", [])
    tables = consumed if isinstance(consumed, list) else [consumed]
    weighed: float = sum(table["CapacityUnits"] for table in tables) * (2 if transaction else 1)
    least = 1.0
    if operation in {"GetItem", "Query"}:
        least = 1.0 if body.get("ConsistentRead") else 0.5
    elif operation == "BatchGetItem":
        least = 0.0
    elif operation == "BatchWriteItem":
        least = float(sum(map(len, body["RequestItems"].values())))
    elif transaction:
        least = 2.0 * len(body["TransactItems"])
    return max(weighed, least)


class Recorder:
    """Sends what is for the table on to it, and answers all else."""

    def __init__(self) -> None:
        self.counted = Counted()
        self.answers: dict[str, list[str]] = {}

    def send(self, http: URLLib3Session, request: Any) -> Any:
        """Stand in for URLLib3Session.send."""
        service, operation = call_of(request)
        self.counted.requests[f"{service}.{operation}"] += 1
        body = json.loads(request.body)
        if service != "dynamodb":
            return _reply(request, _neighbour(operation, body, self.counted))
        # It is local and checks no signature, so we may still ask what the request consumes.
        request.body = json.dumps({**body, "ReturnConsumedCapacity": "TOTAL"}).encode()
        request.headers["Content-Length"] = str(len(request.body))
        answer = _send(http, request)
        text = answer.content.decode()
        document = json.loads(text)
        units = units_of(operation, body, document)
        if operation in _WRITES:
            self.counted.written += units
        else:
            self.counted.read += units
        self.answers.setdefault(name_of(operation, body), []).append(json.dumps([answer.status_code, text]))
        return answer


class Player:
    """Answers from what a Recorder wrote down: for each request in order, the last one for ever."""

    def __init__(self, answers: dict[str, list[str]]) -> None:
        self._answers = {name: [json.loads(one) for one in reversed(ones)] for name, ones in answers.items()}
        self.counted = Counted()
        self.last_transaction: dict[str, Any] = {}

    def send(self, http: URLLib3Session, request: Any) -> Any:
        """Stand in for URLLib3Session.send."""
        del http
        service, operation = call_of(request)
        body = json.loads(request.body)
        if service != "dynamodb":
            return _reply(request, _neighbour(operation, body, self.counted))
        if operation == "TransactWriteItems":
            self.last_transaction = body
        waiting = self._answers.get(name_of(operation, body), _WRITTEN if operation in _WRITES else [])
        status, text = waiting.pop() if len(waiting) > 1 else waiting[0]
        return _response(request, status, text)


@contextmanager
def on_the_wire(stand_in: Recorder | Player) -> Iterator[None]:
    """Let this take all requests, while the process's clock all but stands still.

    What was read is kept for two seconds, and under a counter of instructions those pass in no time.
    """
    ticks = itertools.count()
    began = time.monotonic()

    def send(http: URLLib3Session, request: Any) -> Any:
        return stand_in.send(http, request)

    def now() -> float:
        return began + next(ticks) / 1_000_000

    with mock.patch.object(URLLib3Session, "send", send), mock.patch("time.monotonic", now):
        yield


def _neighbour(operation: str, body: dict[str, Any], counted: Counted) -> dict[str, Any]:
    match operation:
        case "GetParameter":
            return {"Parameter": {"Name": body["Name"], "Value": SECRETS[body["Name"]]}}
        case "SendMessageBatch":
            counted.messages += [entry["MessageBody"] for entry in body["Entries"]]
            return {"Successful": [{"Id": entry["Id"]} for entry in body["Entries"]], "Failed": []}
        case "GetQueueAttributes":
            return {"Attributes": dict.fromkeys(body["AttributeNames"], "0")}
        case "SendEmail":
            # Base64 of the mail: what SES takes for its size is the mail.
            counted.mail_bytes += len(body["Content"]["Raw"]["Data"]) * 3 // 4
            return {"MessageId": "0100018f3c2d1b0a-bench"}
        case _:
            raise LookupError(operation)


class _Body:
    """Enough of a urllib3 response for botocore to read."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._content


def _reply(request: Any, document: dict[str, Any]) -> AWSResponse:
    return _response(request, 200, json.dumps(document))


def _response(request: Any, status: int, text: str) -> AWSResponse:
    # The stubs want a class that only the vendored requests has; botocore reads this one.
    headers: Any = HeadersDict({"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "bench"})
    body: Any = _Body(text.encode())
    return AWSResponse(request.url, status, headers, body)
