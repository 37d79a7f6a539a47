"""Each function's own role, held to what it may do: every call here that it isn't listed for is denied.

A call newly allowed by a policy needs a row, and its function that row in MAY. None of them changes anything:
writes carry a condition that nothing meets, messages a delay that SQS refuses, and roles come before either.

What MiniStack can't show, tests/package/test_roles.py reads: it names a stream and a log group otherwise than
AWS does, and knows no ses:FromAddress, so all of that is denied to everybody here.
"""

import re
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from msgspec import Struct

from infra.local.places import REGION, STAGE
from tests.e2e.stack import Stack

PARTITIONS = (
    "ORG#",
    "EVENT#",
    "SLUG#",
    "POOL#",
    "BOOKINGS#",
    "NOTICE#",
    "RECIPIENT#",
    "SOURCE#",
    "SUPPRESSED#",
    "RECOUNT",
    "FIGURES#",
    "LINES",
    "LINE#",
    "ASKED#",
    "DUE",
    "DUE#",
    "GUESTS#",
    "REF#",
)
QUEUES = (
    "MailQueue",
    "FanOutQueue",
    "MailEventQueue",
    "MailDeadLetters",
    "FanOutDeadLetters",
    "StreamDeadLetters",
    "MailEventDeadLetters",
)
NEVER = {"ConditionExpression": "attribute_exists(PK) AND attribute_not_exists(PK)"}


class Call(Struct, frozen=True):
    """One request to AWS. ``made`` makes its parameters for a running stack."""

    service: str
    operation: str
    made: Callable[["Deployed"], dict[str, Any]]
    action: str = ""
    """What a policy calls it, where that isn't the operation's own name."""


class Deployed(Struct, frozen=True):
    """What the parameters name."""

    table: str
    queues: dict[str, str]
    logs: str


def key(partition: str) -> dict[str, Any]:
    partition_key = partition if partition in {"RECOUNT", "LINES", "DUE"} else f"{partition}roles"
    return {"PK": {"S": partition_key}, "SK": {"S": "roles"}}


def table_calls(partition: str) -> dict[str, Call]:
    """Return the calls about the items of one kind."""
    values = {":pk": key(partition)["PK"]}
    query = {"KeyConditionExpression": "PK = :pk", "ExpressionAttributeValues": values}
    update = {"UpdateExpression": "SET a = :pk", "ExpressionAttributeValues": values, **NEVER}
    put = {"Item": key(partition), **NEVER}

    def transaction(kind: str, parameters: dict[str, Any]) -> Call:
        return Call(
            "dynamodb",
            "transact_write_items",
            lambda on: {"TransactItems": [{kind: {"TableName": on.table, **parameters}}]},
            # A transaction has no action of its own: each of its items has.
            f"dynamodb:{kind}Item",
        )

    return {
        f"get {partition}": Call(
            "dynamodb", "get_item", lambda on: {"TableName": on.table, "Key": key(partition)}
        ),
        f"batch {partition}": Call(
            "dynamodb", "batch_get_item", lambda on: {"RequestItems": {on.table: {"Keys": [key(partition)]}}}
        ),
        f"query {partition}": Call("dynamodb", "query", lambda on: {"TableName": on.table, **query}),
        f"put {partition}": Call("dynamodb", "put_item", lambda on: {"TableName": on.table, **put}),
        f"update {partition}": Call(
            "dynamodb", "update_item", lambda on: {"TableName": on.table, "Key": key(partition), **update}
        ),
        f"delete {partition}": Call(
            "dynamodb", "delete_item", lambda on: {"TableName": on.table, "Key": key(partition), **NEVER}
        ),
        # No condition goes with many at once: what it deletes isn't there.
        f"write many {partition}": Call(
            "dynamodb",
            "batch_write_item",
            lambda on: {"RequestItems": {on.table: [{"DeleteRequest": {"Key": key(partition)}}]}},
        ),
        f"check {partition}": transaction("ConditionCheck", {"Key": key(partition), **NEVER}),
        f"put in a transaction {partition}": transaction("Put", put),
        f"update in a transaction {partition}": transaction("Update", {"Key": key(partition), **update}),
    }


def queue_calls(queue: str) -> dict[str, Call]:
    """Return the calls about one queue."""

    def call(operation: str, **parameters: Any) -> Call:
        return Call("sqs", operation, lambda on: {"QueueUrl": on.queues[queue], **parameters})

    late = {"MessageBody": "roles", "DelaySeconds": 901}
    return {
        f"send {queue}": call("send_message", **late),
        f"send many {queue}": call("send_message_batch", Entries=[{"Id": "1", **late}]),
        f"receive {queue}": call("receive_message", MaxNumberOfMessages=0),
        f"delete from {queue}": call("delete_message", ReceiptHandle="roles"),
        f"put off in {queue}": call("change_message_visibility", ReceiptHandle="roles", VisibilityTimeout=0),
        f"look at {queue}": call("get_queue_attributes", AttributeNames=["ApproximateNumberOfMessages"]),
        f"purge {queue}": call("purge_queue"),
    }


def secret(stage: str, name: str) -> Call:
    return Call("ssm", "get_parameter", lambda _: {"Name": f"/turnout/{stage}/{name}"})


def mail(sender: str) -> Call:
    content = {"Raw": {"Data": b"Subject: roles\r\n\r\n"}}
    return Call(
        "sesv2",
        "send_email",
        lambda _: {
            "FromEmailAddress": sender,
            "Destination": {"ToAddresses": ["nobody@turnout.example"]},
            "Content": content,
        },
    )


CALLS: dict[str, Call] = {
    **{name: call for partition in PARTITIONS for name, call in table_calls(partition).items()},
    **{name: call for queue in QUEUES for name, call in queue_calls(queue).items()},
    "read key-secret": secret(STAGE, "key-secret"),
    "read token-secret": secret(STAGE, "token-secret"),
    "read another stage's secret": secret("other", "key-secret"),
    "change a secret": Call(
        "ssm",
        "put_parameter",
        lambda _: {"Name": f"/turnout/{STAGE}/key-secret", "Value": "x", "Type": "String"},
    ),
    "send mail as somebody else": mail("somebody@else.example"),
    "scan the table": Call("dynamodb", "scan", lambda on: {"TableName": on.table}),
    "delete the table": Call("dynamodb", "delete_table", lambda on: {"TableName": on.table}),
    "read another table": Call(
        "dynamodb", "get_item", lambda _: {"TableName": "another-table", "Key": key("EVENT#")}
    ),
    "find streams": Call("dynamodbstreams", "list_streams", lambda _: {}),
    "log elsewhere": Call(
        "logs", "create_log_stream", lambda _: {"logGroupName": "elsewhere", "logStreamName": "roles"}
    ),
    "read logs": Call("logs", "filter_log_events", lambda on: {"logGroupName": on.logs}),
    "list buckets": Call("s3", "list_buckets", lambda _: {}),
    "list roles": Call("iam", "list_roles", lambda _: {}),
    "call a function": Call("lambda", "invoke", lambda _: {"FunctionName": "roles", "Payload": b"{}"}),
}


def of(verbs: str, *partitions: str) -> set[str]:
    """Return the names of these calls about the items of these kinds."""
    return {f"{verb} {partition}" for verb in verbs.split(", ") for partition in partitions}


def take(queue: str) -> set[str]:
    """Return what Lambda does with a function's queue, in the function's name."""
    return {f"receive {queue}", f"delete from {queue}", f"put off in {queue}", f"look at {queue}"}


def send(*queues: str) -> set[str]:
    return of("send, send many", *queues)


UPDATES = "update, update in a transaction"
READS = "get, batch, query"

MAY: dict[str, set[str]] = {
    "APIHandler": of(f"{READS}, check, put, put in a transaction, {UPDATES}", *PARTITIONS)
    # A line ends in one transaction with its event, and the condition names all that a transaction holds.
    # So do a session with its counters and its mark, and a draft with its slug.
    | of("delete", "ORG#", "LINES", "EVENT#", "SLUG#", "POOL#", "RECOUNT", "FIGURES#")
    | {"read key-secret", "read token-secret"},
    "Authorizer": of("get", "ORG#"),
    "BookingStream": of("get", "BOOKINGS#")
    | of("batch", "BOOKINGS#", "NOTICE#")
    | of(UPDATES, "BOOKINGS#", "RECOUNT")
    | of("put, put in a transaction", "DUE#")
    | of("write many", "GUESTS#", "REF#")
    | {"find streams"}
    | send("MailQueue", "FanOutQueue", "StreamDeadLetters"),
    # One by one where a message does not name its event.
    "Mailer": of("get", "BOOKINGS#", "EVENT#", "NOTICE#", "SUPPRESSED#")
    | of("batch", "BOOKINGS#", "EVENT#")
    | of("query", "NOTICE#")
    | of(UPDATES, "NOTICE#", "RECIPIENT#", "SOURCE#", "SUPPRESSED#")
    | take("MailQueue")
    | send("MailQueue")
    | {"read token-secret"},
    "FanOut": of(f"get, query, put, put in a transaction, {UPDATES}", "EVENT#", "POOL#", "BOOKINGS#")
    | take("FanOutQueue")
    | send("FanOutQueue", "MailQueue"),
    "MailFeedback": of(f"put, put in a transaction, {UPDATES}", "NOTICE#", "SUPPRESSED#")
    | of(UPDATES, "RECOUNT")
    | take("MailEventQueue"),
    "Clock": of(
        READS, "EVENT#", "POOL#", "BOOKINGS#", "NOTICE#", "RECOUNT", "LINES", "LINE#", "GUESTS#", "REF#"
    )
    | of(UPDATES, "RECOUNT", "FIGURES#", "LINES")
    | of("delete", "LINES")
    | of("get, query, put, put in a transaction, delete", "DUE", "DUE#")
    | of("write many", "GUESTS#", "REF#")
    | {"look at MailQueue"}
    | send("MailQueue", "FanOutQueue"),
}
"""What each function needs. All else in CALLS it may not."""


NOT_SHOWN = {
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "ses:SendEmail",
    "ses:SendRawEmail",
}


@pytest.fixture(scope="module")
def deployed(stack: Stack) -> Deployed:
    urls = stack.client("sqs").list_queues()["QueueUrls"]
    # Of the functions that have a role here: what answers while the public is shut out logs elsewhere.
    named = [stack.function(function) for function in MAY]
    configured = [stack.client("lambda").get_function_configuration(FunctionName=name) for name in named]
    (logs,) = {config["LoggingConfig"]["LogGroup"] for config in configured}
    return Deployed(
        table=stack.notes["table"],
        queues={name: next(url for url in urls if f"-{name}-" in url) for name in QUEUES},
        logs=logs,
    )


class Acting:
    """Somebody with a function's role, and nothing but it."""

    def __init__(self, stack: Stack, function: str) -> None:
        self._endpoint = stack.notes["endpoint"]
        config = stack.client("lambda").get_function_configuration(FunctionName=stack.function(function))
        role: str = config["Role"]
        self.role_name = role.rpartition("/")[2]
        # On AWS only Lambda may: the role trusts nobody else.
        assumed = stack.client("sts").assume_role(RoleArn=role, RoleSessionName="roles")
        self._credentials = assumed["Credentials"]

    def client(self, service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]  # the stubs want one literal name
            endpoint_url=self._endpoint,
            region_name=REGION,
            aws_access_key_id=self._credentials["AccessKeyId"],
            aws_secret_access_key=self._credentials["SecretAccessKey"],
            aws_session_token=self._credentials["SessionToken"],
        )

    def may(self, call: Call, deployed: Deployed) -> bool:
        """Make this call; return False if the role forbids it, whatever else comes of it."""
        try:
            getattr(self.client(call.service), call.operation)(**call.made(deployed))
        except ClientError as error:
            return "AccessDenied" not in error.response["Error"]["Code"]
        return True


@pytest.mark.parametrize("function", MAY)
def test_a_function_may_do_what_it_needs_and_nothing_else(
    stack: Stack, deployed: Deployed, function: str
) -> None:
    acting = Acting(stack, function)
    allowed = {name for name, call in CALLS.items() if acting.may(call, deployed)}
    assert allowed == MAY[function]


@pytest.mark.parametrize("function", MAY)
def test_every_action_that_a_policy_allows_is_one_of_the_calls_above(stack: Stack, function: str) -> None:
    iam = stack.client("iam")
    role = Acting(stack, function).role_name
    allowed: set[str] = set()
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for statement in document["Statement"]:
            allowed |= set(statement["Action"])
    tried = {action_of(CALLS[name]) for name in MAY[function]}
    assert {action for action in allowed if action not in NOT_SHOWN} == tried


def action_of(call: Call) -> str:
    if call.action:
        return call.action
    service = call.service.removesuffix("streams")
    operation = re.sub(r"(?:^|_)([a-z])", lambda found: found[1].upper(), call.operation)
    return f"{service}:{operation}"
