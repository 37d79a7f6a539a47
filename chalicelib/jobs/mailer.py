"""The messages to the mailer: each message is one notice to send."""

import random
import time
from datetime import UTC, datetime
from typing import Any

import msgspec
from chalice.app import Blueprint, SQSEvent

from chalicelib import logs
from chalicelib.settings import settings
from chalicelib.store.messages import NoticeMessage, read_notice, send_notice_later

blueprint = Blueprint(__name__)

WAIT_SECONDS_MAX = 10
"""How long a mail waits for its turn at most, whatever the settings say: the function (30 s) must have
the time to hear SES out (13 s) after that. Where this is too fast for SES, it says so, and mails go later."""

_FRESH_SECONDS = 0.5
"""How long ago a mail that did not wait may have been read. A table that answers slowly is a wait, too."""


class _Pace:
    """Keeps this process to its share of the rate at which SES lets the account send."""

    def __init__(self) -> None:
        self._next_at = 0.0

    def wait(self) -> bool:
        """Wait until the next mail may go, at most WAIT_SECONDS_MAX; return whether there was a wait."""
        seconds = self._next_at - time.monotonic()
        if seconds > 0:
            time.sleep(seconds)
        mailers = settings().mailers_at_once
        slowest = mailers / WAIT_SECONDS_MAX
        self._next_at = time.monotonic() + mailers / max(slowest, settings().mails_per_second)
        return seconds > 0


_pace = _Pace()


@blueprint.on_sqs_message(queue_arn="MAIL_QUEUE", name="mailer", batch_size=1)
def mailer(messages: SQSEvent) -> dict[str, Any]:
    """Send the notices in these messages, and return those that have to come back."""
    records = messages.to_dict()["Records"]
    returned = [each["messageId"] for each in records if not _is_done_with(each["messageId"], each["body"])]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in returned]}


def _is_done_with(message_id: str, body: str) -> bool:
    """Send the notice in this message; return whether the message is done with, or has to come back."""
    try:
        message = read_notice(body)
    except msgspec.DecodeError as error:
        logs.error("notice_not_sent", message_id=message_id, exception=error)
        return False
    with logs.about_request(message.request_id):
        try:
            return _send(message) not in ("leased", "ambiguous")
        except Exception as error:  # noqa: BLE001  # it brings back this message, not its neighbours
            logs.error("notice_not_sent", message_id=message_id, exception=error)
            return False


def _send(message: NoticeMessage) -> str:
    now = datetime.now(UTC)
    seconds_left = message.due_at - int(now.timestamp())
    if seconds_left > 0:
        send_notice_later(message.notice, now, postponed=message.postponed, delay_seconds=seconds_left)
        return "not_due"
    # Imported here: the API registers this module too, and must not load what renders mail.
    from chalicelib.actions.mail.send_notice import send_notice  # noqa: PLC0415

    began = time.monotonic()
    outcome = send_notice(
        message.notice,
        now=now,
        postponed=message.postponed,
        chance=random.random(),  # noqa: S311  # it spreads load; nothing secret hangs on it
        wait_for_turn=lambda: _pace.wait() or time.monotonic() - began > _FRESH_SECONDS,
    )
    logs.info(
        "notice", booking_id=message.booking_id, kind=message.kind, version=message.version, outcome=outcome
    )
    return outcome
