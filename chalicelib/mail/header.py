"""What people typed, as a mail header takes it: RFC 5322, with RFC 2047 for all but plain letters.

Python's own EmailMessage (3.11) parses what it is given: a title that looks like an encoded word
is decoded before it is written. So words are encoded here, and go out as they are.
"""

import re
from email.header import Header

_PLAIN_CHARACTERS_MAX = 60
"""Longer words are encoded too, because encoding folds them: a line should stay under 78 (RFC 5322 2.1.1)."""

_DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+")
_DOMAIN = re.compile(r"[A-Za-z0-9.-]+")


def encoded(text: str) -> str:
    """Return one line of text for an unstructured header, in ASCII, folded where it is long."""
    return text if _is_plain(text) else _words(text)


def mailbox(name: str, address: str) -> str:
    """Return ``"name" <address>`` in ASCII; just the address where there is no name.

    Raises ValueError for an address that could be read as anything but one address.
    """
    local_part, _, domain = address.rpartition("@")
    if not _LOCAL_PART.fullmatch(local_part) or not _DOMAIN.fullmatch(domain):
        raise ValueError("not one plain mail address")
    # Browsers let "a..b@example.org" through; in a header its dots need quotes.
    if not _DOT_ATOM.fullmatch(local_part):
        local_part = f'"{local_part}"'
    if not name:
        return f"{local_part}@{domain}"
    words = _quoted(name) if _is_plain(name) else _words(name)
    return f"{words} <{local_part}@{domain}>"


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and "=?" not in text and len(text) <= _PLAIN_CHARACTERS_MAX


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def _words(text: str) -> str:
    # A name in the header goes first on its line, and "Reply-To: " is the longest that stands before one.
    return Header(text, charset="utf-8", header_name="Reply-To").encode(linesep="\r\n")
