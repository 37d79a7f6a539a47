"""The ticket's QR code as a picture. domain/ticket.py knows what it says."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import segno

_QUIET_ZONE_MODULES = 4
_PIXELS_PER_MODULE = 8


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
