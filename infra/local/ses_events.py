"""The events SES would publish about a mail.

Source: SES Developer Guide, "Examples of event data that Amazon SES publishes to Amazon SNS".
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

from infra.local.inbox import Mail
from infra.local.ministack import MiniStack

Fate = Literal["delivered", "bounced", "complained"]


def events_for(mail: Mail, fate: Fate, configuration_set: str, recipients: list[str]) -> list[dict[str, Any]]:
    """Return what SES would say of this mail, in order, if that became of it."""
    about = _mail(mail, configuration_set, recipients)
    events = [{"eventType": "Send", "mail": about, "send": {}}]
    if fate == "bounced":
        return [*events, {"eventType": "Bounce", "mail": about, "bounce": _bounce(mail, recipients)}]
    events.append({"eventType": "Delivery", "mail": about, "delivery": _delivery(mail, recipients)})
    if fate == "complained":
        events.append({"eventType": "Complaint", "mail": about, "complaint": _complaint(mail, recipients)})
    return events


def event_publisher(ministack: MiniStack, topic: str) -> Callable[[str], None]:
    """Return what publishes one event, as JSON, to this topic."""
    sns = ministack.client("sns")

    def publish(event: str) -> None:
        sns.publish(TopicArn=topic, Message=event)

    return publish


def _timestamp(mail: Mail) -> str:
    return datetime.fromisoformat(mail.received).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _mail(mail: Mail, configuration_set: str, recipients: list[str]) -> dict[str, Any]:
    tags = {
        "ses:operation": "SendRawEmail",
        "ses:configuration-set": configuration_set,
        "ses:source-ip": "127.0.0.1",
        "ses:from-domain": mail.sender.rpartition("@")[2].rstrip(">"),
        "ses:caller-identity": "mailer",
        **mail.tags,
    }
    headers = {"From": mail.sender, "To": mail.to, "Subject": mail.subject}
    return {
        "timestamp": _timestamp(mail),
        "source": mail.sender,
        "sendingAccountId": "000000000000",
        "messageId": mail.id,
        "destination": recipients,
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "commonHeaders": {
            "from": [mail.sender],
            "to": [mail.to],
            "messageId": mail.id,
            "subject": mail.subject,
        },
        "tags": {name: [value] for name, value in tags.items()},
    }


def _delivery(mail: Mail, recipients: list[str]) -> dict[str, Any]:
    return {
        "timestamp": _timestamp(mail),
        "processingTimeMillis": 512,
        "recipients": recipients,
        "smtpResponse": "250 2.0.0 OK",
        "reportingMTA": "mta.example",
    }


def _bounce(mail: Mail, recipients: list[str]) -> dict[str, Any]:
    return {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [
            {
                "emailAddress": recipient,
                "action": "failed",
                "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 user unknown",
            }
            for recipient in recipients
        ],
        "timestamp": _timestamp(mail),
        "feedbackId": f"bounce-{mail.id}",
        "reportingMTA": "dsn; mta.example",
    }


def _complaint(mail: Mail, recipients: list[str]) -> dict[str, Any]:
    return {
        "complainedRecipients": [{"emailAddress": recipient} for recipient in recipients],
        "timestamp": _timestamp(mail),
        "feedbackId": f"complaint-{mail.id}",
        "complaintSubType": None,
        "complaintFeedbackType": "abuse",
        "userAgent": "sink",
        "arrivalDate": _timestamp(mail),
    }
