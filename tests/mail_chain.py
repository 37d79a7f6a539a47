"""The jobs around a mail, driven as AWS drives them: recorded payload shapes, handlers by deployed string.

Runs on moto, so one thread. What may go wrong on the way is in tests/mail_faults.py.
"""

import copy
import email
import email.policy
import importlib
import json
import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal
from unittest import mock

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.ses.models import ses_backends
from moto.sqs.models import sqs_backends

from chalicelib.domain.notices import Notice
from chalicelib.settings import settings
from tests.engines import REGION, client_for

RECORDS = Path(__file__).parent / "jobs" / "records"

HANDLERS = {
    "booking_stream": "chalicelib.jobs.booking_stream.booking_stream",
    "mailer": "chalicelib.jobs.mailer.mailer",
    "fan_out": "chalicelib.jobs.fan_out.fan_out",
    "mail_feedback": "chalicelib.jobs.mail_feedback.mail_feedback",
}
"""What Lambda is told to call."""

Queue = Literal["mail", "fan-out"]
_CONSUMERS: dict[Queue, str] = {"mail": "mailer", "fan-out": "fan_out"}


def call(function: str, event: dict[str, Any]) -> Any:
    """Call a Lambda function as Lambda does: its handler's string, a raw event, a context."""
    module, _, name = HANDLERS[function].rpartition(".")
    return getattr(importlib.import_module(module), name)(event, mock.sentinel.context)


def record(name: str) -> dict[str, Any]:
    """Return a recorded payload."""
    loaded: dict[str, Any] = json.loads((RECORDS / f"{name}.json").read_text())
    return loaded


def stream_event(*changes: tuple[dict[str, Any] | None, dict[str, Any] | None]) -> dict[str, Any]:
    """Return these changes, each (old image, new image), as Lambda would get them from the stream."""
    template = record("stream")["Records"][0]
    records = []
    for number, (old, new) in enumerate(changes, start=1):
        one = copy.deepcopy(template)
        image = new or old or {}
        one["eventName"] = "REMOVE" if new is None else "MODIFY" if old else "INSERT"
        keys = {"PK": image["PK"], "SK": image["SK"]}
        one["dynamodb"] |= {"Keys": keys, "SequenceNumber": str(number * 100)}
        images = {"OldImage": old, "NewImage": new}
        del one["dynamodb"]["NewImage"]
        one["dynamodb"] |= {name: image for name, image in images.items() if image is not None}
        records.append(one)
    return {"Records": records}


def sqs_event(*bodies: str, recorded: str = "sqs") -> dict[str, Any]:
    """Return these messages as Lambda would get them from a queue; their ids count from 0."""
    template = record(recorded)["Records"][0]
    return {"Records": [template | {"messageId": str(n), "body": body} for n, body in enumerate(bodies)]}


def ses_event(name: str, notice: Notice, address: str) -> dict[str, Any]:
    """Return a recorded SES event about this notice, as Lambda would get it from the queue."""
    return ses_events(said_by_ses(name, notice, address))


def ses_events(*said: str) -> dict[str, Any]:
    """Return what SES said, as Lambda would get it from the queue that the topic puts it on."""
    return sqs_event(*said, recorded="sqs_from_sns")


def said_by_ses(name: str, notice: Notice, address: str) -> str:
    """Return a recorded SES event, made to be about this notice."""
    event = record(f"ses_{name}")
    event["mail"]["destination"] = [address]
    event["mail"]["tags"] |= {
        "booking_id": [notice.booking_id],
        "kind": [notice.kind],
        "version": [str(notice.version)],
        "session_id": [notice.session_id],
    }
    return json.dumps(event)


def sns_event(message: str) -> dict[str, Any]:
    """Return this message as Lambda would get it from a topic that calls the function itself."""
    envelope = record("sns")
    envelope["Records"][0]["Sns"]["Message"] = message
    return envelope


class Chain:
    """The table's stream and the two queues, and what AWS does with them."""

    def __init__(self, table: Any) -> None:
        self._table = table
        self._sqs = client_for("sqs")
        self._seen: dict[tuple[str, str], dict[str, Any]] = {}

    def changes(self) -> dict[str, Any]:
        """Return what changed since this was last asked, as one stream event.

        moto's table stream can't be read by today's botocore, so the images come from the table itself.
        """
        now = self._images()
        changed = [(self._seen.get(key), image) for key, image in now.items() if self._seen.get(key) != image]
        gone = [(image, None) for key, image in self._seen.items() if key not in now]
        self._seen = now
        return stream_event(*changed, *gone)

    def _images(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {
            (item["PK"]["S"], item["SK"]["S"]): item
            for item in _items()
            if item["SK"]["S"].startswith(("BOOKING#", "SESSION#")) or item["SK"]["S"] in ("EVENT", "ASKED")
        }

    def run_stream(self) -> None:
        """Let booking_stream work through every change since the last time."""
        event = self.changes()
        if event["Records"]:
            assert call("booking_stream", event) == {"batchItemFailures": []}

    def deliver(self, queue: Queue = "mail", *, at_most: int | None = None) -> int:
        """Hand every visible message to its function, one by one; delete those it is done with."""
        delivered = 0
        url = self._url(queue)
        while delivered != at_most and (messages := self._receive(url)):
            event = sqs_event(messages[0]["Body"])
            failures = call(_CONSUMERS[queue], event)["batchItemFailures"]
            delivered += 1
            if not failures:
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
        return delivered

    def _receive(self, url: str) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=1, VisibilityTimeout=180)
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    def waiting(self, queue: Queue = "mail") -> list[dict[str, Any]]:
        """Return what every message in the queue says, visible or not."""
        return [json.loads(message.body) for message in self._queue(queue)._messages]

    def delays_seconds(self) -> list[int]:
        """Return how long each delayed message of the mail queue was told to wait."""
        # SQS's delays are whole seconds; moto's two clock readings are some milliseconds apart.
        delayed = [message for message in self._queue("mail")._messages if message.delayed_until]
        return [
            round((message.delayed_until - float(message.sent_timestamp or 0)) / 1000) for message in delayed
        ]

    def time_passes(self) -> None:
        """Let every lease run out, every delay end and every message become visible again."""
        for queue in _CONSUMERS:
            for message in self._queue(queue)._messages:
                message.visible_at = message.delayed_until = 0.0
                message.body = re.sub(r'"due_at":\d+', '"due_at":0', message.body)
        for line in _items():
            if line["PK"]["S"].startswith("NOTICE#") and "lease_until" in line:
                self._table.update_item(
                    TableName=settings().table,
                    Key={"PK": line["PK"], "SK": line["SK"]},
                    UpdateExpression="SET lease_until = :long_ago",
                    ExpressionAttributeValues={":long_ago": {"N": "1"}},
                )

    def forget(self) -> None:
        """Empty the table and the queues: moto copies the whole table for each transaction."""
        _table().items.clear()
        self._seen = {}
        for queue in _CONSUMERS:
            self._queue(queue)._messages.clear()

    def forget_messages(self) -> None:
        """Empty the mail queue alone."""
        self._queue("mail")._messages.clear()

    def settle(self) -> None:
        """Go on until both queues are empty, as they will be some day."""
        for _ in range(20):
            self.run_stream()
            self.deliver("fan-out")
            self.deliver("mail")
            if self._images() == self._seen and not self.waiting("mail") and not self.waiting("fan-out"):
                return
            self.time_passes()
        raise AssertionError("messages go round for ever")

    def _url(self, queue: Queue) -> str:
        return settings().mail_queue_url if queue == "mail" else settings().fan_out_queue_url

    def _queue(self, queue: Queue) -> Any:
        return sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues[queue]


def _items() -> list[dict[str, Any]]:
    # Straight out of moto: scans through its front door take seconds, all in all.
    return [copy.deepcopy(item.to_json()["Attributes"]) for item in _table().all_items()]


def _table() -> Any:
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].tables[settings().table]


def mails_to(address: str) -> int:
    """Return how many mails to this address SES took."""
    sent = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    return sum(address in one.destinations for one in sent)


def mails() -> list[EmailMessage]:
    """Return every mail that SES took, as it was sent."""
    sent = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    return [email.message_from_string(one.raw_data, policy=email.policy.default) for one in sent]


def calendar_of(message: EmailMessage) -> dict[str, str]:
    """Return the properties of a mail's calendar entry that say which entry it is, and what to do."""
    part = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    text = part.get_content().replace("\r\n ", "").replace("\n ", "")
    lines = [line.partition(":") for line in text.splitlines()]
    return {name: value for name, _, value in lines if name in {"METHOD", "UID", "SEQUENCE"}}


def metrics(printed: str) -> dict[str, float]:
    """Return the sum of each metric in what was logged."""
    sums: dict[str, float] = {}
    for line in printed.splitlines():
        fields = json.loads(line)
        for directive in fields.get("_aws", {}).get("CloudWatchMetrics", []):
            for metric in directive["Metrics"]:
                sums[metric["Name"]] = sums.get(metric["Name"], 0) + fields[metric["Name"]]
    return sums
