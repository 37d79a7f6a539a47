"""Ask for the email again of what an address has booked in a session."""

from datetime import datetime

from chalicelib.domain.booking import AskedAgain
from chalicelib.domain.correction import NOTHING_MAILED
from chalicelib.domain.event import Event
from chalicelib.domain.ids import booking_key, source_hash
from chalicelib.domain.refusals import Cancelled
from chalicelib.domain.session import Session, is_called_off, require_not_over
from chalicelib.store.asked_again import write_ask
from chalicelib.store.secrets import key_secret


def ask_again(
    event: Event, session: Session, address: str, *, now: datetime, source: str, request_id: str = ""
) -> None:
    """Ask for the emails of this (normalised) address's bookings here, whether it has any or not.

    It is one write for everybody, so neither the answer nor its time says who has booked. What comes of it,
    answer_ask says. Raises Cancelled, SessionOver, or Busy.
    """
    if is_called_off(event, session, now):
        raise Cancelled
    require_not_over(session, now, NOTHING_MAILED)
    ordinals = range(event.bookings_per_address_max)
    write_ask(
        AskedAgain(
            session_id=session.session_id,
            keys=tuple(booking_key(key_secret(), session.session_id, address, each) for each in ordinals),
            asked_at=now,
            source=source_hash(key_secret(), source) if source else "",
            request_id=request_id,
        )
    )
