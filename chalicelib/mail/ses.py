"""Hand a mail to SES, once, and say what became of it.

    SendError
    ├── Throttled       nothing was sent; the same mail can go later
    ├── RefusedForGood  nothing was sent, and nothing will be: this address or this mail is the reason
    └── Ambiguous       it may have been sent: only SES's SEND event can tell

Anything else (no such configuration set, a sender that isn't verified, no permission, a
suspended account) is a fault of the deployment, not of this mail: it is left to crash, so that
the queue brings the mail again and the alarm goes off.

Source: SES API v2 reference, SendEmail, "Errors" and "Common Errors".
"""

import re
from functools import cache
from typing import Any, NoReturn

from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    HTTPClientError,
    SSLError,
)
from botocore.exceptions import ConnectionError as NotConnected

from chalicelib import aws
from chalicelib.mail.render import RenderedMail

CONNECT_TIMEOUT_SECONDS = 3
READ_TIMEOUT_SECONDS = 10
"""The notice's lease (90 s) has to outlast the mailer (30 s) and this: else two would send at once."""

_THROTTLES = frozenset(
    {
        "TooManyRequestsException",
        "LimitExceededException",
        "ThrottlingException",
        "Throttling",
        "SendingPausedException",
    }
)
_REFUSALS = {"MessageRejected": "message_rejected", "BadRequestException": "bad_request"}
_TAG = re.compile(r"[A-Za-z0-9_-]{1,256}")


class SendError(Exception):
    """SES didn't take the mail, or didn't say. ``reason`` is stable, and never personal."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Throttled(SendError):
    """Nothing was sent: too fast, over the day's quota, sending paused, or SES out of reach."""


class RefusedForGood(SendError):
    """Nothing was sent, and trying again would end the same way."""


class Ambiguous(SendError):
    """The answer got lost, or was a server's error: the mail may be on its way."""


def send(mail: RenderedMail, *, configuration_set: str, tags: dict[str, str]) -> str:
    """Send the mail and return SES's message id. One HTTP request, never two.

    ``tags`` come back in SES's events; they may hold A-Z a-z 0-9 _ - only, and never an address.
    Raises a SendError, or whatever botocore raised where the deployment is at fault.
    """
    if not all(_TAG.fullmatch(text) for pair in tags.items() for text in pair):
        raise ValueError("a tag holds a character that SES refuses")
    try:
        answer = _client().send_email(
            FromEmailAddress=mail.sender,
            # Said here, so that who gets the mail never depends on how a header is read.
            Destination={"ToAddresses": [mail.recipient]},
            Content={"Raw": {"Data": mail.raw}},
            ConfigurationSetName=configuration_set,
            EmailTags=[{"Name": name, "Value": value} for name, value in tags.items()],
        )
    except ClientError as error:
        _judge(error, mail)
    except SSLError as error:
        # A failure to connect, says botocore, though it is raised for a record that broke half-way, too.
        raise Ambiguous("tls") from error
    except NotConnected as error:
        raise Throttled("unreachable") from error
    except HTTPClientError as error:
        raise Ambiguous("no_answer") from error
    message_id = answer.get("MessageId")
    if not isinstance(message_id, str):
        # botocore takes a 200 whose body it can't read for an answer without anything in it.
        raise Ambiguous("broken_answer")
    return message_id


def _judge(error: ClientError, mail: RenderedMail) -> NoReturn:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _THROTTLES:
        raise Throttled(code) from error
    if code in _REFUSALS:
        # SES's own words hold the address, so a code of ours is all that we keep of them.
        raise RefusedForGood(_reason(error, mail)) from None
    if status >= 500:
        raise Ambiguous(f"status_{status}") from error
    raise error


def _reason(error: ClientError, mail: RenderedMail) -> str:
    """Return why SES refuses this mail for good, or raise the error: it may refuse all of them alike.

    With the codes for a bad mail SES also says that a sender or a configuration set isn't set up.
    Taken for a bad address, that would quietly drop every mail there is.
    """
    sentence = error.response["Error"].get("Message", "")
    if "configuration set" in sentence.lower():
        raise error
    if "not verified" in sentence:
        # "... The following identities failed the check in region EU-WEST-2: one, another"
        identities = sentence.rpartition(": ")[2].split(", ")
        if any(identity.lower() != mail.recipient for identity in identities):
            raise error
        return "recipient_not_verified"
    return _REFUSALS[error.response["Error"]["Code"]]


@cache
def _client() -> Any:
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=READ_TIMEOUT_SECONDS,
        retries={"total_max_attempts": 1, "mode": "standard"},
    )
    return aws.client("sesv2", config)
