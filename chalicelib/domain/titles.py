"""What a session is called, where it is and whom to ask, as mails, calendars and pages say it."""

import re
import unicodedata
from typing import Protocol
from urllib.parse import quote, urlencode

from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.domain.texts import DIRECTION_MARKS

_RIGHT_TO_LEFT = {"R", "AL", "AN"}
"""Unicode's classes of characters that are read from right to left (UAX 9)."""

# What programs take for a dot, right before something.
_DOT = re.compile("[.\u2024\u3002\uff0e\uff61](?=\\S)")
# Letters that Unicode doesn't take apart.
_BASE_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "\u0131": "i", "æ": "ae", "œ": "oe"})


def one_line(text: str) -> str:
    """Return the text fit for a header or a sentence: one line, no control characters or direction marks.

    What people typed must not be able to end our line and start one of its own.
    """
    kept = (
        " " if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} else character
        for character in text
        if character not in DIRECTION_MARKS
    )
    return " ".join("".join(kept).split())


def unlinked(name: str) -> str:
    """Return a name for an email: an unseen word joiner behind the dot of "S.Ly" keeps links away."""
    return _DOT.sub("\\g<0>\u2060", one_line(name))


def mailed_name(name: str) -> str:
    """Return a name as an email prints it inside our sentence, without a link in it.

    One that is read from right to left is isolated, or it would turn the rest of the sentence round. The
    characters for that work in text too, and in programs that don't know HTML's <bdi>.
    """
    printed = unlinked(name)
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in printed):
        return f"\u2068{printed}\u2069"
    return printed


def alphabetical(text: str) -> str:
    """Return what to sort a text by, as an index does: É with E, and ł with l."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_BASE_LETTERS))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def full_title(event: Event, session: Session) -> str:
    """Return the event's title with the session's, where that says more: ``Curry Night: Leeds``."""
    title, session_title = one_line(event.title), one_line(session.title)
    if not session_title or session_title == title:
        return title
    return f"{title}: {session_title}"


class Placed(Protocol):
    """What is somewhere: a session."""

    @property
    def venue(self) -> str:
        """What people call the place."""

    @property
    def address(self) -> str:
        """Its address, which may have several lines."""


def place(session: Placed) -> str:
    """Return where the session is, on one line: venue, address."""
    # An address may come in lines; a comma is what stands between them on one.
    address = ", ".join(one_line(line).rstrip(",") for line in session.address.splitlines() if line.strip())
    return ", ".join(part for part in (one_line(session.venue), address) if part)


def contact_url(contact: str) -> str:
    """Return the link that writes to this contact, or calls it (RFC 6068, RFC 3966)."""
    if "@" in contact:
        return f"mailto:{quote(contact, safe='@')}"
    # Who dials from abroad leaves out the 0 that stands in brackets: +44 (0)113 496 0123.
    number = contact.replace("(0)", "") if contact.startswith("+") else contact
    return "tel:" + re.sub(r"[^+0-9]", "", number)


def map_url(session: Session) -> str:
    """Return a link to the place on OpenStreetMap: a pin where we know the spot, else a search for it."""
    if session.latitude is None or session.longitude is None:
        return "https://www.openstreetmap.org/search?" + urlencode({"query": place(session)})
    latitude, longitude = f"{session.latitude:.6f}", f"{session.longitude:.6f}"
    pin = urlencode({"mlat": latitude, "mlon": longitude})
    return f"https://www.openstreetmap.org/?{pin}#map=17/{latitude}/{longitude}"


def plural(noun: str) -> str:
    """Return several of what an event calls its sessions: dinners, classes, parties, quizzes."""
    if re.search(r"(?i)[^aius]s$", noun):
        # Several already ("evenings"), or the same word ("series").
        return noun
    if re.search(r"(?i)[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    if re.search(r"(?i)[aeiou]z$", noun):
        return f"{noun}zes"
    return noun + ("es" if re.search(r"(?i)(?:s|x|z|ch|sh)$", noun) else "s")
