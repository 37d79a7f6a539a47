"""Record what SES says became of a mail, and stop mailing addresses that bounce or complain.

| SES says                     | the ledger's line becomes | and                       |
|------------------------------|---------------------------|---------------------------|
| Send, DeliveryDelay          | sent                      | it is the receipt         |
| Delivery                     | delivered                 |                           |
| Bounce, permanent            | bounced                   | the address is suppressed |
| Bounce, any other            | failed                    |                           |
| Complaint                    | complained                | the address is suppressed |
| Complaint "not-spam"         | stays                     |                           |
| Reject, Rendering Failure    | failed                    |                           |

Where an email will never arrive, the clock recounts its session: the figures say how many those are.
A bounce that is not permanent may be an out-of-office reply to a mail that arrived, so it ranks
below `delivered` and costs nobody their next mail.
Source: SES Developer Guide, "Contents of event data that Amazon SES publishes to Amazon SNS".
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

from chalicelib.domain.attendee import normalise_address
from chalicelib.domain.kinds import KINDS
from chalicelib.store.mail_limits import suppress
from chalicelib.store.recounts import ask_for_recount
from chalicelib.store.sent_mail import SettledState, advance

_MEANINGS: dict[str, tuple[SettledState, str | None]] = {
    "Send": ("sent", None),
    "DeliveryDelay": ("sent", None),
    "Delivery": ("delivered", None),
    "Reject": ("failed", "rejected"),
    "Rendering Failure": ("failed", "rendering_failure"),
}

Recorded = Literal["moved", "known", "without_notice", "of_no_interest"]


class Mail(Struct, rename="camel", frozen=True):
    """Which mail an event is about."""

    message_id: str
    destination: list[str]
    tags: dict[str, list[str]] = {}

    @property
    def request_id(self) -> str:
        """Which request set this mail off; "" if its tags don't say."""
        return "".join(self.tags.get("request_id", ())[:1])

    @property
    def session_id(self) -> str:
        """Which session's booking it is about; "" in a mail from before its tags said so."""
        return "".join(self.tags.get("session_id", ())[:1])


class Bounce(Struct, rename="camel", frozen=True):
    """Why a mail bounced."""

    bounce_type: str
    bounce_sub_type: str = ""


class Complaint(Struct, rename="camel", frozen=True):
    """What a recipient complained of."""

    complaint_feedback_type: str | None = None


class MailEvent(Struct, rename="camel", frozen=True):
    """One SES event, as far as it concerns us."""

    event_type: str
    mail: Mail
    bounce: Bounce | None = None
    complaint: Complaint | None = None


class MalformedMailEvent(ValueError):
    """SES sent something that its documentation doesn't have."""


def record_mail_event(event: MailEvent, *, now: datetime) -> Recorded:
    """Record this event; events come twice and in any order, and only ever move a line forward.

    Returns "known" if the line was as far already, "without_notice" if the mail carries no tags of ours.
    Raises MalformedMailEvent.
    """
    meaning = _meaning(event)
    if meaning is None:
        return "of_no_interest"
    state, reason = meaning
    notice_id = _notice_id(event.mail.tags)
    if notice_id is None:
        return "without_notice"
    # First, and even if the ledger knows this event: it may have come before and died halfway.
    if state in ("bounced", "complained"):
        for address in event.mail.destination:
            suppress(normalise_address(address), state, now)
    moved = advance(notice_id, state, now, message_id=event.mail.message_id, reason=reason)
    if state in ("failed", "bounced", "complained") and event.mail.session_id:
        # Last, and known or not, for the same reason.
        ask_for_recount(event.mail.session_id)
    return "moved" if moved else "known"


def _meaning(event: MailEvent) -> tuple[SettledState, str | None] | None:
    """Return the state that this event leads to, and a reason code; None if we don't care."""
    if event.event_type == "Bounce":
        return _bounce(event.bounce)
    if event.event_type == "Complaint":
        kind = event.complaint.complaint_feedback_type if event.complaint else None
        return None if kind == "not-spam" else ("complained", kind)
    return _MEANINGS.get(event.event_type)


def _bounce(bounce: Bounce | None) -> tuple[SettledState, str]:
    if bounce is None:
        raise MalformedMailEvent("a bounce without a reason")
    reason = f"{bounce.bounce_type}_{bounce.bounce_sub_type}".lower().rstrip("_")
    return ("bounced" if bounce.bounce_type == "Permanent" else "failed"), reason


def _notice_id(tags: dict[str, list[str]]) -> tuple[str, str, int] | None:
    """Return (booking_id, kind, version) from a mail's tags; None if it isn't a notice of ours."""
    if not {"booking_id", "kind", "version"} <= tags.keys():
        return None
    try:
        (booking_id,), (kind,), (version,) = tags["booking_id"], tags["kind"], tags["version"]
        number = int(version)
    except ValueError as error:
        raise MalformedMailEvent("tags of ours with values that are not") from error
    if kind not in KINDS:
        raise MalformedMailEvent("a kind of notice that we don't send")
    return booking_id, kind, number
