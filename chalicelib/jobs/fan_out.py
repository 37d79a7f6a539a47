"""The fan-out queue: what a change of a session means for each of its bookings, page by page."""

from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, SQSEvent

from chalicelib import logs
from chalicelib.actions.cancel_session_bookings import cancel_session_bookings
from chalicelib.store.queues import read_page

blueprint = Blueprint(__name__)


@blueprint.on_sqs_message(queue_arn="FAN_OUT_QUEUE", name="fan_out", batch_size=1)
def fan_out(messages: SQSEvent) -> dict[str, Any]:
    """Work through one page of one booking partition for each message."""
    returned: list[str] = []
    for message in messages.to_dict()["Records"]:
        try:
            page = read_page(message["body"])
            cancelled = cancel_session_bookings(page, now=datetime.now(UTC))
        except Exception as error:  # noqa: BLE001  # refused or crashed: this message comes back, the others don't
            logs.error("page_not_done", message_id=message["messageId"], exception=error)
            returned.append(message["messageId"])
        else:
            logs.info("page_done", session_id=page.session_id, partition=page.partition, cancelled=cancelled)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in returned]}
