"""What one holds in a queue: the queue ticket while waiting, then the admission, which lets one book.

Both are texts that can't be forged: ``event.person.milliseconds.secret.mac``. A queue ticket says when it was
handed out, an admission until when it holds. Neither says who holds it: ``person`` is an HMAC of the address
(ids.person_in_queue), so whoever books with an admission has to do so with the address that joined the queue.
Nothing is stored for either. A booking's key makes an admission single use: one booking in each session.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.domain.admission_refusals import NotAdmitted
from chalicelib.domain.attendee import Address
from chalicelib.domain.ids import new_id
from chalicelib.domain.kept_names import QUEUE_TICKET_PURPOSE
from chalicelib.domain.links import TokenSecret
from chalicelib.domain.refusals import NotFound

ADMISSION_LASTS = timedelta(minutes=5)
"""How long one has to book once admitted. Who was too late may exchange the ticket again."""

SEED_BYTES = 32

_MAC_BYTES = 20

TicketText = Annotated[str, Meta(max_length=400)]

Secrets = Mapping[str, TokenSecret]


class QueueRequest(Struct, frozen=True, kw_only=True):
    """What someone sends to join a queue: the body of POST /events/{slug}/queue."""

    email: Address
    ticket: TicketText | None = None
    """One that they hold already: if it is theirs and good, it is given back."""


class HeldTicket(Struct, frozen=True, kw_only=True):
    """What someone sends to ask for their place in a queue, or to be admitted."""

    ticket: TicketText


class QueueTicket(Struct, frozen=True):
    """Who waits in which event's queue, and since when."""

    event_id: str
    person: str
    at: datetime


class Admission(Struct, frozen=True):
    """Who may book in which event, and until when."""

    event_id: str
    person: str
    expires_at: datetime


class AdmissionGiven(Struct, frozen=True):
    """An admission as it is handed out."""

    text: str
    expires_at: datetime


def new_queue_ticket(event_id: str, person: str, now: datetime) -> QueueTicket:
    """Return the ticket of who joins the queue now; a ticket's time has whole milliseconds."""
    return QueueTicket(event_id, person, _moment(_milliseconds(now)))


def sign_queue_ticket(secret: TokenSecret, ticket: QueueTicket) -> str:
    """Return the ticket as its holder keeps it."""
    return _sign(secret, QUEUE_TICKET_PURPOSE, ticket.event_id, ticket.person, ticket.at)


def read_queue_ticket(secrets: Secrets, event_id: str, text: str) -> QueueTicket:
    """Return the ticket that this text is, or raise NotFound if we signed none such for this event."""
    read = _read(secrets, QUEUE_TICKET_PURPOSE, text)
    if read is None or read[0] != event_id:
        raise NotFound("This is no ticket for this event's queue. A part of it may be missing.")
    return QueueTicket(*read)


def give_admission(secret: TokenSecret, ticket: QueueTicket, now: datetime) -> AdmissionGiven:
    """Return the admission of who holds this ticket, from now."""
    expires_at = _moment(_milliseconds(now + ADMISSION_LASTS))
    return AdmissionGiven(_sign(secret, "admission", ticket.event_id, ticket.person, expires_at), expires_at)


def require_admission(secrets: Secrets, event_id: str, person: str, text: str | None, now: datetime) -> None:
    """Refuse with NotAdmitted unless this text is an admission of this person to this event that holds."""
    admission = require_good_admission(secrets, event_id, text, now)
    if not hmac.compare_digest(admission.person, person):
        raise NotAdmitted("another_address")


def require_good_admission(secrets: Secrets, event_id: str, text: str | None, now: datetime) -> Admission:
    """Return whose admission to this event it is, or refuse with NotAdmitted if it would let nobody book."""
    if not text:
        raise NotAdmitted("missing")
    read = _read(secrets, "admission", text)
    if read is None:
        raise NotAdmitted("not_ours")
    admission = Admission(*read)
    if now > admission.expires_at:
        raise NotAdmitted("expired")
    if admission.event_id != event_id:
        raise NotAdmitted("another_event")
    return admission


def seed_hash(line_seed: str) -> str:
    """Return what is published of a seed (in hex) beforehand: the SHA-256 of its bytes, in hex."""
    return hashlib.sha256(bytes.fromhex(line_seed)).hexdigest()


def _sign(secret: TokenSecret, purpose: str, event_id: str, person: str, at: datetime) -> str:
    milliseconds = str(_milliseconds(at))
    mac = _mac(secret, purpose, event_id, person, milliseconds)
    return ".".join((event_id, person, milliseconds, secret.secret_id, mac))


def _read(secrets: Secrets, purpose: str, text: str) -> tuple[str, str, datetime] | None:
    """Return what the text says, or None if we did not sign it for this purpose."""
    parts = text.split(".")
    if len(parts) != 5 or not text.isascii():
        return None
    event_id, person, milliseconds, secret_id, mac = parts
    secret = secrets.get(secret_id)
    if secret is None or not hmac.compare_digest(mac, _mac(secret, purpose, event_id, person, milliseconds)):
        return None
    return event_id, person, _moment(int(milliseconds))


def _mac(secret: TokenSecret, purpose: str, event_id: str, person: str, milliseconds: str) -> str:
    message = "|".join((purpose, event_id, person, milliseconds))
    return new_id(hmac.new(secret.secret, message.encode(), hashlib.sha256).digest()[:_MAC_BYTES])


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def _moment(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
