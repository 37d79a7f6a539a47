"""What a ticket's QR code says, and how the door reads that back. documents/ticket.py draws it."""

import re

from msgspec import Struct

from chalicelib.domain.links import BookingAddress
from chalicelib.domain.refusals import NotFound

# Upper case, digits and colons: QR's alphanumeric mode holds these in 5.5 bits a character
# instead of 8 (ISO/IEC 18004, 7.4.4), so the squares are larger and an old phone reads them.
# The 1 is the version of this format.
_PREFIX = "TURNOUT:1:"
# A scanner that types has a Caps Lock, which turns all of it into small letters.
_TICKET = re.compile(
    rf"{_PREFIX}([A-Z2-7]{{1,64}}):([A-Z2-7]{{1,64}}):([A-Z2-7]{{1,64}})", re.IGNORECASE | re.ASCII
)


class Ticket(Struct, frozen=True):
    """A scanned ticket: which booking it is for, and where that was when the ticket was sent."""

    booking: BookingAddress


def ticket_text(booking: BookingAddress) -> str:
    """Return what the QR code says: TURNOUT:1:SESSION:KEY:BOOKING. It opens nothing by itself."""
    return _PREFIX + ":".join((booking.session_id, booking.key, booking.booking_id)).upper()


def read_ticket(text: str) -> Ticket:
    """Return what a scanned code says. Whether that booking stands is for the table to say.

    Raises NotFound for anything that isn't one of our tickets.
    """
    ticket = _TICKET.fullmatch(text.strip())
    if ticket is None:
        raise NotFound("This is not one of our tickets. Try the reference printed on it.")
    session_id, key, booking_id = (part.lower() for part in ticket.groups())
    return Ticket(BookingAddress(session_id, key, booking_id))
