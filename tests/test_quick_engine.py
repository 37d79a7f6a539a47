"""moto answers the same, whether tests/quick_engine.py spares it work or not."""

from typing import Any

from moto import mock_aws

from tests import quick_engine
from tests.conftest import create_secrets
from tests.engines import client_for, create_table

TABLE = "turnout-test"


def _answers() -> list[Any]:
    """Return all that moto says to one of each kind of request, but for what it draws anew each time."""
    said: list[Any] = []

    def ask(service: str, operation: str, **asked: Any) -> Any:
        client = client_for(service)
        try:
            answer = getattr(client, operation)(**asked)
        except client.exceptions.ClientError as error:
            answer = error.response
        answer.pop("ResponseMetadata", None)
        said.append((operation, answer))
        return answer

    with mock_aws():
        create_table(client_for("dynamodb"), stream=False)
        create_secrets()
        for number in (10, 9, 1):
            item = {
                "PK": {"S": f"P#{number % 2}"},
                "SK": {"S": f"S#{number}"},
                "n": {"N": str(number)},
                "all": {"M": {"l": {"L": [{"BOOL": True}, {"NULL": True}]}, "b": {"B": b"x"}}},
                "set": {"SS": ["b", "a"]},
            }
            put = {"TableName": TABLE, "Item": item, "ConditionExpression": "attribute_not_exists(PK)"}
            ask("dynamodb", "put_item", **put, ReturnValuesOnConditionCheckFailure="ALL_OLD")
            ask("dynamodb", "put_item", **put, ReturnValuesOnConditionCheckFailure="ALL_OLD")
            ask("dynamodb", "transact_write_items", TransactItems=[{"Put": put}])
        key = {"PK": {"S": "P#1"}, "SK": {"S": "S#1"}}
        ask("dynamodb", "get_item", TableName=TABLE, Key=key)
        ask("dynamodb", "batch_get_item", RequestItems={TABLE: {"Keys": [key]}})
        ask("dynamodb", "scan", TableName=TABLE)
        for newest_first in (False, True):
            ask(
                "dynamodb",
                "query",
                TableName=TABLE,
                KeyConditionExpression="PK = :p",
                FilterExpression="n > :n",
                ExpressionAttributeValues={":p": {"S": "P#1"}, ":n": {"N": "2"}},
                ScanIndexForward=not newest_first,
                Limit=1,
            )
        ask(
            "dynamodb",
            "update_item",
            TableName=TABLE,
            Key=key,
            UpdateExpression="ADD n :one SET #all.b = :one",
            ExpressionAttributeNames={"#all": "all"},
            ExpressionAttributeValues={":one": {"N": "1"}},
            ReturnValues="ALL_NEW",
        )
        ask("dynamodb", "delete_item", TableName=TABLE, Key=key, ReturnValues="ALL_OLD")
        url = ask("sqs", "create_queue", QueueName="mail")["QueueUrl"]
        ask("sqs", "get_queue_url", QueueName="none")
        sent = ask("sqs", "send_message", QueueUrl=url, MessageBody="soup")
        batch = [{"Id": "1", "MessageBody": "curry", "DelaySeconds": 9}]
        many = ask("sqs", "send_message_batch", QueueUrl=url, Entries=batch)["Successful"][0]
        held = ask("sqs", "receive_message", QueueUrl=url)["Messages"][0]
        queue = ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
        secret = ask("ssm", "get_parameter", Name="/turnout/test/key-secret", WithDecryption=True)[
            "Parameter"
        ]
        ask("sesv2", "create_email_identity", EmailIdentity="bookings@example.org")
    for answer, drawn in (
        (sent, "MessageId"),
        (many, "MessageId"),
        (held, "MessageId"),
        (held, "ReceiptHandle"),
        (secret, "LastModifiedDate"),
        (queue, "CreatedTimestamp"),
        (queue, "LastModifiedTimestamp"),
    ):
        assert answer.pop(drawn)
    return said


def test_moto_answers_the_same_with_and_without_being_spared_work() -> None:
    spared = _answers()
    with quick_engine.as_it_is_by_itself():
        assert _answers() == spared
    assert _answers() == spared
