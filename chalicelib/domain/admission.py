"""What a person has in a queue: a queue ticket while waiting, then an admission, with which they can book.

Both are texts that can't be forged: ``event.person.milliseconds.secret.mac`` (domain/signing.py). A queue
ticket says when it was handed out, an admission until when it holds. Neither says who holds it: ``person`` is
an HMAC of the address (ids.person_in_queue), so an admission is good only for the address that joined the
queue. Nothing is stored for either. An admission also says which turn it is (queue.turn_of). A booking's key
and its turn make that single use: one booking in each session (Booking.keeps_out).
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from chalicelib.domain.admission_refusals import NotAdmitted
from chalicelib.domain.attendee import Address
from chalicelib.domain.kept_names import QUEUE_TICKET_PURPOSE
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.signing import Secrets, TokenSecret, read_signed_text, sign_text

ADMISSION_LASTS = timedelta(minutes=5)
"""How long a person has to book once admitted. Someone too late may exchange the ticket again."""

SEED_BYTES = 32

TicketText = Annotated[str, Meta(max_length=400)]


class QueueRequest(Struct, frozen=True, kw_only=True):
    """The body of POST /events/{slug}/queue, with which someone joins the queue."""

    email: Address
    ticket: TicketText | None = None
    """A ticket that they already have: if it is theirs and valid, they get it back."""


class HeldTicket(Struct, frozen=True, kw_only=True):
    """The ticket with which someone asks for their place in a queue, or to be admitted."""

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
    turn: int
    """Which turn of this person's: see queue.turn_of."""
    expires_at: datetime


class AdmissionGiven(Struct, frozen=True):
    """An admission as it is handed out."""

    text: str
    expires_at: datetime


def new_queue_ticket(event_id: str, person: str, now: datetime) -> QueueTicket:
    """Return the ticket of who joins the queue now; a ticket's time has whole milliseconds."""
    return QueueTicket(event_id, person, _whole_milliseconds(now))


def sign_queue_ticket(secret: TokenSecret, ticket: QueueTicket) -> str:
    """Return the ticket as its holder keeps it."""
    return sign_text(secret, QUEUE_TICKET_PURPOSE, (ticket.event_id, ticket.person), ticket.at)


def read_queue_ticket(secrets: Secrets, event_id: str, text: str) -> QueueTicket:
    """Return the ticket that this text is, or raise NotFound if we signed none such for this event."""
    signed = read_signed_text(secrets, QUEUE_TICKET_PURPOSE, text)
    if signed is None or signed.fields[0] != event_id:
        raise NotFound(
            "This is not a queue ticket for this event. Check that the link is complete, or join again."
        )
    return QueueTicket(event_id, signed.fields[1], signed.at)


def give_admission(secret: TokenSecret, ticket: QueueTicket, turn: int, now: datetime) -> AdmissionGiven:
    """Return the admission of who holds this ticket, from now."""
    expires_at = _whole_milliseconds(now + ADMISSION_LASTS)
    text = sign_text(secret, "turn", (ticket.event_id, ticket.person, str(turn)), expires_at)
    return AdmissionGiven(text, expires_at)


def require_admission(secrets: Secrets, event_id: str, person: str, text: str | None, now: datetime) -> int:
    """Return which turn it is, or refuse with NotAdmitted if the text doesn't admit this person now."""
    admission = require_good_admission(secrets, event_id, text, now)
    if not hmac.compare_digest(admission.person, person):
        raise NotAdmitted("another_address")
    return admission.turn


def require_good_admission(secrets: Secrets, event_id: str, text: str | None, now: datetime) -> Admission:
    """Return whose admission to this event it is, or refuse with NotAdmitted if it is not valid."""
    if not text:
        raise NotAdmitted("missing")
    # Those given out before admissions said their turn count as the draw's.
    signed = read_signed_text(secrets, "turn", text) or read_signed_text(secrets, "admission", text)
    if signed is None:
        raise NotAdmitted("not_ours")
    admitted_to, person, turn = (*signed.fields, "0")[:3]
    admission = Admission(admitted_to, person, int(turn), signed.at)
    if now > admission.expires_at:
        raise NotAdmitted("expired")
    if admission.event_id != event_id:
        raise NotAdmitted("another_event")
    return admission


def seed_hash(line_seed: str) -> str:
    """Return what is published of a seed (in hex) beforehand: the SHA-256 of its bytes, in hex."""
    return hashlib.sha256(bytes.fromhex(line_seed)).hexdigest()


def _whole_milliseconds(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
