"""What Lambda hands to our functions: only what they or Chalice read of it."""

import json
import uuid
from typing import Any


def http(
    method: str,
    resource: str,
    path: dict[str, str],
    body: object = None,
    *,
    source: str,
    headers: dict[str, str] | None = None,
    caller: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Return a request as API Gateway passes it on; ``caller`` is what the authorizer found out."""
    return {
        "resource": resource,
        "path": resource.format(**path),
        "httpMethod": method,
        "headers": {
            "Content-Type": "application/json",
            "Accept": "*/*",
            "User-Agent": "bench",
            **(headers or {}),
        },
        "multiValueHeaders": {},
        "multiValueQueryStringParameters": {name: [value] for name, value in (query or {}).items()} or None,
        "pathParameters": path,
        "stageVariables": None,
        "requestContext": {
            "extendedRequestId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{source} {resource} {path}")),
            "resourcePath": resource,
            "httpMethod": method,
            "identity": {"sourceIp": source},
            "path": f"/api{resource.format(**path)}",
            "authorizer": caller or {},
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def stream(image: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the stream's record of an item that is new."""
    return {
        "Records": [
            {
                "eventID": str(number),
                "eventName": "INSERT",
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": "us-east-1",
                "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/bench/stream/1",
                "dynamodb": {
                    "Keys": {"PK": image["PK"], "SK": image["SK"]},
                    "NewImage": image,
                    "SequenceNumber": str(number),
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
            }
        ]
    }


def message(body: str, number: int) -> dict[str, Any]:
    """Return a message of a queue."""
    return {
        "Records": [
            {
                "messageId": str(number),
                "receiptHandle": str(number),
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:mail",
                "awsRegion": "us-east-1",
            }
        ]
    }


def mail_event(kind: str, notice: dict[str, Any], address: str) -> str:
    """Return what SES publishes about a mail."""
    mail = {
        "messageId": "0100018f3c2d1b0a-bench",
        "destination": [address],
        "tags": {name: [str(notice[name])] for name in ("booking_id", "kind", "version")},
    }
    return json.dumps({"eventType": kind, "mail": mail})


def tick() -> dict[str, Any]:
    """Return one tick of the clock."""
    return {
        "version": "0", "id": "1", "detail-type": "Scheduled Event", "source": "aws.events",
        "account": "123456789012", "time": "2027-06-01T09:00:00Z", "region": "us-east-1",
        "resources": [], "detail": {},
    }  # fmt: skip
