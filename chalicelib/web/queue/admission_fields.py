"""What a booking form carries in an event with a queue: an admission, and the queue ticket that it came from.

With the ticket a form is good for as long as it is open: whatever came back refused, also because the time to
book had run out, holds a new admission. Without either there is nothing to fill in but the queue's own form.
"""

from datetime import datetime

from msgspec import Struct

from chalicelib.actions.queue.admit import admit
from chalicelib.domain.admission import require_good_admission
from chalicelib.domain.admission_refusals import NoQueue, NotAdmitted, NotYourTurn
from chalicelib.domain.event import Event
from chalicelib.domain.refusals import Busy, Cancelled, Closed, NotFound, NotOpenYet, SoldOut
from chalicelib.store.secrets import token_secrets
from chalicelib.web.event.urls import join_url, place_url
from chalicelib.web.http.forms import Form, single


class AdmissionFields(Struct, frozen=True, kw_only=True):
    """What one holds. ``until`` is None for an admission that somebody else handed out for this form."""

    admission: str | None
    queue_ticket: str | None
    until: datetime | None
    queue_url: str
    """Their place in the queue, or where to join it."""
    unclear: bool = False
    """Whether it is their turn can't be told just now: the form stays, and may do when it is sent again."""


def admission_fields(event: Event, sent: Form, now: datetime) -> AdmissionFields | None:
    """Return what came with a form or a link, renewed if that can be; None in an event without a queue."""
    if event.admission != "queue":
        return None
    admission = single(sent, "admission")
    ticket = single(sent, "queue_ticket")
    where, unclear = join_url(event), False
    if ticket is not None:
        try:
            given = admit(event, ticket, now)
            return AdmissionFields(
                admission=given.text,
                queue_ticket=ticket,
                until=given.expires_at,
                queue_url=place_url(event, ticket),
            )
        except NotFound:
            # It is none of ours, so it leads nowhere.
            ticket = None
        except (NotYourTurn, NotOpenYet, Closed, SoldOut, Cancelled):
            # Their place in the queue says which.
            where = place_url(event, ticket)
        except (Busy, NoQueue):
            # The table doesn't answer, or the queue was switched off since this event was read.
            where, unclear = place_url(event, ticket), True
    return AdmissionFields(
        admission=admission, queue_ticket=ticket, until=None, queue_url=where, unclear=unclear
    )


def why_not_admitted(event: Event, held: AdmissionFields, now: datetime) -> NotAdmitted | None:
    """Return why nobody can book with what is held, so that none fills in a form in vain; None if one may."""
    try:
        require_good_admission(token_secrets(), event.event_id, held.admission, now)
    except NotAdmitted as refusal:
        return refusal
    return None
