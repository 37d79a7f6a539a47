"""The mail queue: each message is one notice to send."""

from typing import Any

from chalice.app import Blueprint, SQSEvent

blueprint = Blueprint(__name__)


@blueprint.on_sqs_message(queue_arn="MAIL_QUEUE", name="mailer", batch_size=1)
def mailer(messages: SQSEvent) -> dict[str, Any]:
    """Send the notices in these messages."""
    return {"batchItemFailures": []}
