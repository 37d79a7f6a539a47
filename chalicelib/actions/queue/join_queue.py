"""Join the queue of an event."""

from datetime import datetime

from msgspec import Struct

from chalicelib import logs
from chalicelib.domain.admission import QueueTicket, new_queue_ticket, read_queue_ticket, sign_queue_ticket
from chalicelib.domain.attendee import BadAddress, mailable_address
from chalicelib.domain.event import Event
from chalicelib.domain.ids import person_in_queue
from chalicelib.domain.queue import is_early, require_queue
from chalicelib.domain.refusals import FieldError, Invalid, NotFound
from chalicelib.store.queues import count_ticket
from chalicelib.store.secrets import current_token_secret, key_secret, token_secrets


class Joined(Struct, frozen=True):
    """A queue ticket: as its holder keeps it, and what it says."""

    text: str
    ticket: QueueTicket


def join_queue(event: Event | None, address: str, *, held: str | None, now: datetime) -> Joined:
    """Return a queue ticket for this address; ``held`` itself, if that is a good one of this address already.

    Before the opening it is for the draw; later, for a place behind all others. Another ticket for the same
    address is as good as its first one there; after the opening the first one is the better one.
    Raises NotFound, NotPublished, Cancelled, NoQueue, or Invalid for the address.
    """
    event = require_queue(event)
    try:
        person = person_in_queue(key_secret(), event.event_id, mailable_address(address))
    except BadAddress as bad:
        raise Invalid([FieldError("/email", bad.code, bad.detail)]) from bad
    if held is not None and (theirs := _held_by(held, event.event_id, person)):
        return Joined(held, theirs)
    ticket = new_queue_ticket(event.event_id, person, now)
    if not count_ticket(event.event_id, person, early=is_early(event, ticket.at)):
        # Then numbers are a little less exact, and nobody has to wait for that.
        logs.metric("TicketsUncounted")
    return Joined(sign_queue_ticket(current_token_secret(), ticket), ticket)


def _held_by(text: str, event_id: str, person: str) -> QueueTicket | None:
    try:
        ticket = read_queue_ticket(token_secrets(), event_id, text)
    except NotFound:
        return None
    return ticket if ticket.person == person else None
