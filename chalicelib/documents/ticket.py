"""The ticket: what its QR code says, how a check-in reads that back, and the code as a picture."""

import io
import re
from typing import TYPE_CHECKING

from chalicelib.domain.links import BookingAddress
from chalicelib.domain.refusals import NotFound

if TYPE_CHECKING:
    import segno

# Upper case, digits and colons: QR's alphanumeric mode holds these in 5.5 bits a character
# instead of 8 (ISO/IEC 18004, 7.4.4), so the squares are larger and an old phone reads them.
# The 1 is the version of this format.
_PREFIX = "TURNOUT:1:"
_TICKET = re.compile(rf"{_PREFIX}([A-Z2-7]{{1,64}}):([A-Z2-7]{{1,64}}):([A-Z2-7]{{1,64}})")

_QUIET_ZONE_MODULES = 4
_PIXELS_PER_MODULE = 8


def ticket_text(booking: BookingAddress) -> str:
    """Return what the QR code says: TURNOUT:1:SESSION:KEY:BOOKING. It opens nothing by itself."""
    return _PREFIX + ":".join((booking.session_id, booking.key, booking.booking_id)).upper()


def read_ticket(text: str) -> BookingAddress:
    """Return which booking a scanned ticket is for. Whether that booking stands is for the table to say.

    Raises NotFound for anything that isn't one of our tickets.
    """
    ticket = _TICKET.fullmatch(text.strip())
    if ticket is None:
        raise NotFound("This is not one of our tickets.")
    session_id, key, booking_id = (part.lower() for part in ticket.groups())
    return BookingAddress(session_id, key, booking_id)


def ticket_png(text: str) -> bytes:
    """Return the QR code as a PNG of about 360 pixels a side, black on white with its quiet zone."""
    picture = io.BytesIO()
    _code(text).save(picture, kind="png", scale=_PIXELS_PER_MODULE, border=_QUIET_ZONE_MODULES)
    return picture.getvalue()


def ticket_svg(text: str) -> str:
    """Return the QR code as an <svg> element to put into a page, of any size.

    Its white ground is part of it, so that it can be scanned on a dark page too.
    """
    return _code(text).svg_inline(
        border=_QUIET_ZONE_MODULES, light="#fff", omitsize=True, svgclass="ticket", lineclass=None
    )


def _code(text: str) -> "segno.QRCode":
    import segno  # noqa: PLC0415  # only what renders needs it

    # M mends 15 %: enough for a cracked screen, without making the squares smaller than they need be.
    return segno.make_qr(text, error="m", boost_error=False)
