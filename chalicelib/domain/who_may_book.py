"""Which rules hold for whom, when places are booked.

| rule                                                  | the public | an organiser or host, for somebody |
|-------------------------------------------------------|------------|------------------------------------|
| the event is published; nothing is cancelled          | yes        | yes                                |
| booking has opened                                    | yes        | no                                 |
| the session was not closed by hand                    | yes        | yes: reopen it                     |
| the closing time has not come                         | yes        | no                                 |
| the session is not over                               | yes        | yes                                |
| the capacity is not being changed                     | yes        | yes                                |
| no more places than the event gives to one booking    | yes        | no: PLACES_PER_BOOKING_MAX         |
| required answers; consent to the sensitive ones       | yes        | no: that is theirs to see to       |
| it is their turn, where people wait in a queue           | yes        | no                                 |
| enough places are free                                | store/capacity.py, for everybody                |
"""

from datetime import datetime

from msgspec import Struct

from chalicelib.domain.admission import require_admission
from chalicelib.domain.admission_refusals import NotAdmitted
from chalicelib.domain.event import (
    PLACES_PER_BOOKING_MAX,
    Event,
    require_party_fits,
)
from chalicelib.domain.refusals import Cancelled, Closed, NotPublished, TooManyPlaces
from chalicelib.domain.session import (
    Session,
    is_called_off,
    require_bookable_session,
    require_no_pause,
    require_not_over,
)
from chalicelib.domain.signing import Secrets


class Permit(Struct, frozen=True):
    """What somebody shows to book in an event with a queue: an admission, if they have one."""

    admission: str | None
    person: str
    """Who they are in that queue, by their address."""
    secrets: Secrets


def require_public_may_book(
    event: Event, session: Session, places: int, now: datetime, permit: Permit | None
) -> int | None:
    """Refuse with the first of NotPublished, Cancelled, NotOpenYet, Closed, Busy, TooManyPlaces, NotAdmitted.

    ``permit`` is looked at only where the event has a queue. Returns the turn that it is then, else None.
    """
    require_bookable_session(event, session, now)
    require_party_fits(event, places)
    return require_turn(event, now, permit)


def require_turn(event: Event, now: datetime, permit: Permit | None) -> int | None:
    """Return whose turn it is, or refuse with NotAdmitted. In an event without a queue it is nobody's."""
    if event.admission != "queue":
        return None
    if permit is None:
        raise NotAdmitted("missing")
    return require_admission(permit.secrets, event.event_id, permit.person, permit.admission, now)


def require_organiser_may_book(event: Event, session: Session, places: int, now: datetime) -> None:
    """Refuse with NotPublished, Cancelled, SessionOver, Closed, Busy or TooManyPlaces, in that order."""
    if event.status == "draft":
        raise NotPublished
    if is_called_off(event, session, now):
        raise Cancelled("This session is cancelled, so it can't be booked.")
    require_not_over(session, now, "It can't be booked any more.")
    if session.status == "closed":
        raise Closed("This session was closed by hand. Reopen it, book, then close it again.")
    require_no_pause(session, now)
    if places > PLACES_PER_BOOKING_MAX:
        raise TooManyPlaces(PLACES_PER_BOOKING_MAX)
