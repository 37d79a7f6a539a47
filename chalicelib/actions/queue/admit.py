"""Admit to booking who has come to the head of the queue."""

from datetime import datetime

from chalicelib.domain.admission import AdmissionGiven, give_admission, read_queue_ticket
from chalicelib.domain.admission_refusals import NotYourTurn
from chalicelib.domain.event import Event, require_bookable_event
from chalicelib.domain.queue import ask_again_seconds, number_in, require_queue, standing_of, turn_of
from chalicelib.domain.refusals import SoldOut
from chalicelib.store.queues import open_queue
from chalicelib.store.secrets import current_token_secret, token_secrets


def admit(event: Event | None, ticket: str, now: datetime) -> AdmissionGiven:
    """Exchange a queue ticket for an admission to book with, which holds for some minutes.

    It may be exchanged again while places are left: who was late isn't sent to the back. Writes nothing.
    Raises NotFound (also for a ticket that is not ours), NotPublished, Cancelled, NoQueue, NotOpenYet,
    Closed, SoldOut if no session has a place left, or NotYourTurn.
    """
    event = require_queue(event)
    held = read_queue_ticket(token_secrets(), event.event_id, ticket)
    require_bookable_event(event, now)
    seen = open_queue(event, now)
    if seen.places_free <= 0:
        raise SoldOut(1, 0)
    standing = standing_of(seen.queue, number_in(seen.queue, event, held), seen.places_free, now)
    if standing.estimate_seconds != 0:
        wait_seconds = ask_again_seconds(standing.estimate_seconds)
        raise NotYourTurn(standing.number, standing.serving, wait_seconds, standing.estimate_seconds)
    return give_admission(current_token_secret(), held, turn_of(event, held), now)
