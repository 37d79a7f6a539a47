"""What SES says happened to our mails: sent, delivered, bounced, complained."""

from chalice.app import Blueprint, SNSEvent

blueprint = Blueprint(__name__)


@blueprint.on_sns_message(topic="MAIL_EVENTS", name="mail_feedback")
def mail_feedback(message: SNSEvent) -> None:
    """Record one SES event in the ledger."""
