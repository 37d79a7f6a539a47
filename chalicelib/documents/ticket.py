"""The ticket's QR code as a picture. domain/ticket.py knows what it says."""

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import segno

_MASK = 1
"""Every mask makes a valid symbol (ISO/IEC 18004, 7.8), and each says in the symbol which it is. To try all
eight for the one with the lowest penalty took a quarter of a mail; of our tickets this one's is the lowest on
average. tests/documents/test_ticket_decoders.py reads it with three decoders."""

_QUIET_ZONE_MODULES = 4

# With one bit a pixel eight pixels are a byte: so a module is one byte wide, and eight rows high.
_PIXELS_PER_MODULE = 8
_BYTE_OF = bytes.maketrans(b"\x00\x01", b"\xff\x00")
_PACKED_WELL = 4
"""zlib's level: above it the picture gets no smaller, and takes up to ten times the work."""


def ticket_png(text: str) -> bytes:
    """Return the QR code as a PNG of about 330 pixels a side, black on white with its quiet zone."""
    modules = _code(text).matrix
    side = len(modules) + 2 * _QUIET_ZONE_MODULES
    white = b"\xff" * _QUIET_ZONE_MODULES
    above = b"\x00" + b"\xff" * side
    rows = [b"\x00" + white + row.translate(_BYTE_OF) + white for row in modules]
    ground = [above] * _QUIET_ZONE_MODULES
    scaled = b"".join(row * _PIXELS_PER_MODULE for row in (*ground, *rows, *ground))
    pixels = side * _PIXELS_PER_MODULE
    # Width, height, one bit of grey, and the only ways of packing and filtering there are; every row
    # begins with which filter it has: none (PNG specification, 11.2.2 and 9.2).
    header = struct.pack(">IIBBBBB", pixels, pixels, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(scaled, _PACKED_WELL)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


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
    return segno.make_qr(text, error="m", boost_error=False, mask=_MASK)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
