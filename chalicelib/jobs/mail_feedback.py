"""What SES says happened to our mails: sent, delivered, bounced, complained.

SES publishes it to a topic, and that puts it on a queue: a burst of mails causes twice as many events, which
must not start as many functions beside those that people wait for.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec
from chalice.app import Blueprint, SQSEvent

from chalicelib import logs
from chalicelib.actions.mail.record_mail_event import MailEvent, record_mail_event

blueprint = Blueprint(__name__)

_GREETING = "Successfully validated SNS topic"
"""How SES's one message begins that is not an event: it tries a new event destination with it."""


class MailEventNotRecorded(Exception):
    """Lambda has to call again with this event; the log says why."""


@blueprint.on_sqs_message(queue_arn="MAIL_EVENT_QUEUE", name="mail_feedback", batch_size=10)
def mail_feedback(messages: SQSEvent) -> dict[str, Any]:
    """Record the SES events in these messages, and return those that have to come back."""
    records = messages.to_dict()["Records"]
    if "Sns" in records[0]:
        # The topic called this function itself before there was the queue. While a deployment changes over,
        # Lambda still hands out events that it took then, one by one, and again after a crash.
        if not _is_done_with(records[0]["Sns"]["MessageId"], records[0]["Sns"]["Message"]):
            raise MailEventNotRecorded
        return {"batchItemFailures": []}
    returned = [each["messageId"] for each in records if not _is_done_with(each["messageId"], each["body"])]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in returned]}


def _is_done_with(queue_message_id: str, body: str) -> bool:
    """Record the event in this message; return whether the message is done with, or has to come back.

    One that we can't read comes back until it is put aside: it brings back nothing but itself.
    """
    if body.startswith(_GREETING):
        logs.info("mail_events_connected")
        return True
    try:
        event = msgspec.json.decode(body, type=MailEvent)
    except msgspec.DecodeError as error:
        logs.error("mail_event_not_recorded", queue_message_id=queue_message_id, exception=error)
        return False
    with logs.about_request(event.mail.request_id):
        try:
            recorded = record_mail_event(event, now=datetime.now(UTC))
        except Exception as error:  # noqa: BLE001  # it brings back this message, not its neighbours
            logs.error("mail_event_not_recorded", queue_message_id=queue_message_id, exception=error)
            return False
        logs.info(
            "mail_event", event_type=event.event_type, message_id=event.mail.message_id, recorded=recorded
        )
        if recorded == "without_notice":
            logs.metric("MailEventsWithoutNotice")
        return True
