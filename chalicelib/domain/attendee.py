"""The person who books: what their name and email address may be."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Literal

from msgspec import Meta

from chalicelib.domain.texts import is_printable, tidy_line

NAME_CHARACTERS_MAX = 80
ADDRESS_CHARACTERS_MAX = 254

Name = Annotated[str, Meta(min_length=1, max_length=NAME_CHARACTERS_MAX)]
Address = Annotated[str, Meta(min_length=3, extra_json_schema={"maxLength": ADDRESS_CHARACTERS_MAX})]
"""One that is too long is refused below, in words for the person who typed it."""

# The WHATWG definition of a valid address (html.spec.whatwg.org, "Email state"), which is what the visitor's
# own browser checked; but for a domain without a dot, where no email from outside arrives.
_LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")

# Generic endings that spam uses most. No country's: "S.Ly" is a name. None that people are called either,
# such as "win", "dev" or "page".
_ENDINGS = (
    "com|net|org|info|biz|click|xyz|zip|mov|shop|store|top|online|site|website|live|link|app|club|vip|icu|"
    "cyou|sbs|cfd|space|tech|blog|email|download|xxx|porn"
)
# What reads as a web address. A name is printed in an email to an address that is not confirmed yet, so it
# must not be able to carry an advertisement. Any other dot between letters is a name's ("Mohd.Ali"), and
# emails print it so that no program makes a link of it (titles.unlinked).
_LINK = re.compile(
    r"(?i)://|https?:|@|\bwww\.|\b\d{1,3}(?:\.\d{1,3}){3}\b|"
    rf"\w\.[\w-]{{2,}}(?:/|[?#:]\w)|\.(?:{_ENDINGS})\b"
)
# Joiners make one emoji of several, and are spelling in some scripts.
_JOINERS = frozenset("\u200c\u200d")
# These print as nothing too, though they aren't of category Cf: a name is also read without them.
_INVISIBLE = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200c\u200d\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    r"\U000e0000-\U000e0fff]"
)
# What clients (and IDNA) take for a dot or a slash, and NFKC doesn't make one.
_LINK_MARKS = str.maketrans("\u3002\u2044\u2215", ".//")


# One provider; a dot in what it has before the @ makes no difference.
_GMAIL = ("gmail.com", "googlemail.com")

# Set apart by RFC 2606, 6761, 6762 (local), 7686 (onion), 9476 (alt), 3172 (arpa, with home.arpa) and by
# ICANN (internal): no email arrives there. But documents, tests and local stacks book with example.org.
_RESERVED = frozenset(
    ("alt", "arpa", "example", "internal", "invalid", "local", "localhost", "onion", "test")
)

NOT_AN_ADDRESS = "Enter an email address, for example name@example.org"
_ADDRESS_TOO_LONG = (
    f"This email address is too long. Enter one of at most {ADDRESS_CHARACTERS_MAX} characters."
)

NameProblem = Literal["empty", "unprintable", "web_address"]

YOUR_NAME: Mapping[NameProblem, str] = {
    "empty": "Please enter your name.",
    "unprintable": "Your name has characters that can't be printed. Please remove them.",
    "web_address": "Please leave web addresses out of your name.",
}
"""What is wrong with the name of the person who reads this."""

ANY_NAME: Mapping[NameProblem, str] = {
    "empty": "Please enter a name.",
    "unprintable": "This name has characters that can't be printed. Please remove them.",
    "web_address": "Please leave web addresses out of this name.",
}
"""What is wrong with any other name: a guest's, a token's, that of somebody who is booked for."""


class BadAddress(ValueError):
    """We can't send email to this address. ``code`` is stable; the message is a sentence for the person."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def _visible(text: str) -> str:
    """Return the text without characters that print as nothing: they come along when people paste.

    Joiners are spelling in the domains of some scripts (RFC 5892, A.1 and A.2), and stay there.
    """
    if text.isascii():
        return text
    kept = "".join(letter for letter in text if unicodedata.category(letter) != "Cf" or letter in _JOINERS)
    without_joiners = "".join(letter for letter in kept if letter not in _JOINERS)
    return without_joiners if without_joiners.isascii() else kept


def normalise_address(address: str) -> str:
    """Return the address as we store it and send to it: what is visible, lower-cased, its domain in IDNA.

    Lower-casing the local part merges addresses that RFC 5321 would let differ;
    no email provider of note tells them apart, and people type both.

    Raises BadAddress if we can't send to it. SES refuses local parts outside ASCII, so we say so now.
    """
    typed = _visible(address).strip().lower()
    if len(typed) > ADDRESS_CHARACTERS_MAX:
        raise BadAddress("address", _ADDRESS_TOO_LONG)
    local_part, _, domain = typed.rpartition("@")
    if not local_part or not domain:
        raise BadAddress("address", NOT_AN_ADDRESS)
    if not local_part.isascii():
        raise BadAddress(
            "address_not_ascii",
            "We can't send to this address because of a character before the @. Please use another address.",
        )
    if not domain.isascii():
        domain = _idna(domain)
    if not _LOCAL_PART.fullmatch(local_part) or not _DOMAIN.fullmatch(domain):
        raise BadAddress("address", NOT_AN_ADDRESS)
    if "." not in domain:
        raise BadAddress("address", "Check the end of the address, for example .org or .co.uk")
    normalised = f"{local_part}@{domain}"
    if len(normalised) > ADDRESS_CHARACTERS_MAX:
        raise BadAddress("address", _ADDRESS_TOO_LONG)
    return normalised


def mailable_address(address: str) -> str:
    """Return an address that somebody gives us, as normalise_address does.

    Raises BadAddress also for one that no email can reach: at a name that is set apart for other things.
    What is stored already is only normalised.
    """
    normalised = normalise_address(address)
    if normalised.rpartition(".")[2] in _RESERVED:
        raise BadAddress(
            "address_reserved",
            "We can't send to this address because of its ending. Please use another address.",
        )
    return normalised


def counted_as(address: str) -> str:
    """Return the (normalised) address of the mailbox that "ada+curry@" and "ada+chess@" most likely share.

    Gmail also takes "a.d.a@" for "ada@", and has two domains. To count by, never to send to, and never a key:
    a few providers let the plus be part of a name.
    """
    local_part, _, domain = address.rpartition("@")
    local_part = local_part.partition("+")[0] or local_part
    if domain in _GMAIL:
        return f"{local_part.replace('.', '')}@{_GMAIL[0]}"
    return f"{local_part}@{domain}"


def _idna(domain: str) -> str:
    # Imported here: its tables are large, and nearly all domains are ASCII already.
    import idna  # noqa: PLC0415

    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise BadAddress("address", NOT_AN_ADDRESS) from error


def tidy_name(name: str) -> str:
    """Return the name on one line, without direction marks and other characters that can't be seen.

    They go before we look for a link, so that we look at what the email will print.
    """
    return tidy_line("".join(character for character in name if not _is_format(character)))


def name_problem(name: str, words: Mapping[NameProblem, str]) -> str | None:
    """Return why this (tidied) name can't be printed in an email, in these words; None if it can."""
    if not name:
        return words["empty"]
    if not is_printable(name) or any(_is_format(character) for character in name):
        return words["unprintable"]
    if holds_link(name):
        return words["web_address"]
    return None


def holds_link(text: str) -> bool:
    """Return whether an email client may make a link of something in this text, as typed or as it looks."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)))
    return any(_LINK.search(seen) for seen in (text, plain.translate(_LINK_MARKS)))


def _is_format(character: str) -> bool:
    return character not in _JOINERS and unicodedata.category(character) == "Cf"
