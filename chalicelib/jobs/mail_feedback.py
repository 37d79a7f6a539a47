"""What SES says happened to our mails: sent, delivered, bounced, complained."""

from datetime import UTC, datetime

import msgspec
from chalice.app import Blueprint, SNSEvent

from chalicelib import logs
from chalicelib.actions.mail.record_mail_event import MailEvent, record_mail_event

blueprint = Blueprint(__name__)

_GREETING = "Successfully validated SNS topic"
"""How SES's one message begins that is not an event: it tries a new event destination with it."""


@blueprint.on_sns_message(topic="MAIL_EVENTS", name="mail_feedback")
def mail_feedback(message: SNSEvent) -> None:
    """Record one SES event in the ledger.

    An event that we can't read is a crash: SNS tries again, then the function's failure queue keeps it.
    """
    if message.message.startswith(_GREETING):
        logs.info("mail_events_connected")
        return
    try:
        event = msgspec.json.decode(message.message, type=MailEvent)
    except msgspec.DecodeError as error:
        logs.error("mail_event_not_recorded", exception=error)
        raise
    with logs.about_request(event.mail.request_id):
        try:
            recorded = record_mail_event(event, now=datetime.now(UTC))
        except Exception as error:
            logs.error("mail_event_not_recorded", exception=error)
            raise
        logs.info(
            "mail_event", event_type=event.event_type, message_id=event.mail.message_id, recorded=recorded
        )
        if recorded == "without_notice":
            logs.metric("MailEventsWithoutNotice")
