"""What people typed, tidied before it is kept: on one line or on several.

Characters are taken that our Python doesn't know yet. So are those for private use: old names have some.
"""

import re
import unicodedata

# Controls but for tab and line feed, halves of surrogate pairs, and what Unicode will never assign.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane | 0xFFFE) + chr(plane | 0xFFFF) for plane in range(0, 0x110000, 0x10000))
    + "]"
)
# They turn the reading direction of whatever follows them. A name with one in it could make the rest of our
# sentence, or a link, read backwards. Joiners stay: emoji and scripts need them.
DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = {"Cf", "Mn", "Me", "Zl", "Zp", "Zs"}
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def tidy_line(text: str) -> str:
    """Return the text in NFC with runs of white space, and ends of lines, as one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def tidy_lines(text: str) -> str:
    """Return the text in NFC with a line feed at each line's end, and no white space around it."""
    return unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text)).strip()


def without_direction_marks(text: str) -> str:
    """Return the text without what turns the reading direction of our own words beside it."""
    return "".join(character for character in text if character not in DIRECTION_MARKS)


def can_be_seen(text: str) -> bool:
    """Return whether anything of this text prints as more than nothing."""
    return any(unicodedata.category(character) not in _UNSEEN for character in text)


def is_printable(tidied: str) -> bool:
    """Return whether this tidied text can be printed."""
    return not _UNPRINTABLE.search(tidied)
