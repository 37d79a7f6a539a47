"""The fan-out queue: what a change of a session means for each of its bookings, page by page."""

from typing import Any

from chalice.app import Blueprint, SQSEvent

blueprint = Blueprint(__name__)


@blueprint.on_sqs_message(queue_arn="FAN_OUT_QUEUE", name="fan_out", batch_size=1)
def fan_out(messages: SQSEvent) -> dict[str, Any]:
    """Work through one page of one booking partition for each message."""
    return {"batchItemFailures": []}
