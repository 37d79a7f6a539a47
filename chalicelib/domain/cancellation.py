"""What an organiser says when an event or a session is cancelled."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.domain import field_checks
from chalicelib.domain.event import Event
from chalicelib.domain.session import Session, is_called_off
from chalicelib.domain.validation import decode


class CancellationRequest(Struct, frozen=True, kw_only=True):
    """The body of POST .../cancel of an event or a session, which may also be empty."""

    reason: Annotated[str, Meta(min_length=1, max_length=300)] | None = None


def read_cancellation_reason(raw: object) -> str | None:
    """Return the reason in the parsed JSON, or raise Invalid."""
    return decode(CancellationRequest, raw, checks={"reason": field_checks.note}).reason


def why_cancelled(event: Event, session: Session, now: datetime) -> str | None:
    """Return the reason for the cancellation of this session, which may be that of the whole event."""
    if not is_called_off(event, session, now):
        return None
    # The fan-out gives an event's reason to the sessions that it cancels: the others have their own, or none.
    return session.cancellation_reason if session.status == "cancelled" else event.cancellation_reason
