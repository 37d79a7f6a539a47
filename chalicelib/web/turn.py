"""What a booking form carries in an event with a line: an admission, and the queue ticket that it came from.

With the ticket a form is good for as long as it is open: whatever came back refused, also because the time to
book had run out, holds a new admission. Without either there is nothing to fill in but the line's own form.
"""

from datetime import datetime

from msgspec import Struct

from chalicelib.actions.admit import admit
from chalicelib.domain.admission_refusals import NotYourTurn
from chalicelib.domain.event import Event
from chalicelib.domain.refusals import Cancelled, Closed, NotFound, NotOpenYet, SoldOut
from chalicelib.web.forms import Form, single
from chalicelib.web.join_form import join_url, place_url


class Turn(Struct, frozen=True, kw_only=True):
    """What one holds. ``until`` is None for an admission that somebody else handed out for this form."""

    admission: str | None
    queue_ticket: str | None
    until: datetime | None
    line_url: str
    """Their place in the line, or where to join it."""


def turn_held(event: Event, sent: Form, now: datetime) -> Turn | None:
    """Return what came with a form or a link, renewed if that can be; None in an event without a line."""
    if event.admission != "queue":
        return None
    admission = single(sent, "admission")
    ticket = single(sent, "queue_ticket")
    where = join_url(event)
    if ticket is not None:
        try:
            given = admit(event.slug, ticket, now)
            return Turn(
                admission=given.text,
                queue_ticket=ticket,
                until=given.expires_at,
                line_url=place_url(event, ticket),
            )
        except NotFound:
            # It is none of ours, so it leads nowhere.
            ticket = None
        except (NotYourTurn, NotOpenYet, Closed, SoldOut, Cancelled):
            # Their place in the line says which.
            where = place_url(event, ticket)
    return Turn(admission=admission, queue_ticket=ticket, until=None, line_url=where)
