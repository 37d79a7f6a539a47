"""The fan-out queue: what a change of an event or a session means for all that is in it, piece by piece."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from chalice.app import Blueprint, SQSEvent

from chalicelib import logs
from chalicelib.actions.event.cancel_event_sessions import cancel_event_sessions
from chalicelib.actions.event.cancel_session_bookings import cancel_session_bookings
from chalicelib.actions.mail.notify_of_change import notify_of_change
from chalicelib.actions.mail.notify_when_due import notify_when_due
from chalicelib.store.messages import AnyWork, CancelledEvent, DueWork, read_work

blueprint = Blueprint(__name__)


@blueprint.on_sqs_message(queue_arn="FAN_OUT_QUEUE", name="fan_out", batch_size=1)
def fan_out(messages: SQSEvent) -> dict[str, Any]:
    """Work through one slice of one booking partition, or one cancelled event, for each message."""
    records = messages.to_dict()["Records"]
    returned = [each["messageId"] for each in records if not _is_done_with(each["messageId"], each["body"])]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in returned]}


def _is_done_with(message_id: str, body: str) -> bool:
    """Do the work in this message; return whether the message is done with, or has to come back."""
    try:
        work = read_work(body)
    except msgspec.DecodeError as error:
        logs.error("work_not_done", message_id=message_id, exception=error)
        return False
    with logs.about_request(work.request_id):
        try:
            done = _do(work)
        except Exception as error:  # noqa: BLE001  # refused or crashed: this message comes back, the others don't
            logs.error("work_not_done", message_id=message_id, exception=error)
            return False
        logs.info("work_done", what=work.what, event_id=work.event_id, session_id=work.session_id, done=done)
        return True


def _do(work: AnyWork) -> int:
    now = datetime.now(UTC)
    if isinstance(work, CancelledEvent):
        return cancel_event_sessions(work, now=now)
    if isinstance(work, DueWork):
        return notify_when_due(work, now=now)
    match work.what:
        case "cancel_bookings":
            return cancel_session_bookings(work, now=now)
        case "notify_change":
            return notify_of_change(work)
