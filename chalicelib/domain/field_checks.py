"""What a type can't say about a field that an organiser sends: texts, addresses, URLs, zones, times.

Each is a validation.Check: it returns the value tidied, or raises Invalid naming the field.
"""

import ipaddress
import re
from datetime import UTC, datetime
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.domain.attendee import (
    ANY_NAME,
    NAME_CHARACTERS_MAX,
    BadAddress,
    mailable_address,
    name_problem,
    tidy_name,
)
from chalicelib.domain.refusals import FieldError, Invalid
from chalicelib.domain.texts import can_be_seen, is_printable, tidy_line, tidy_lines, without_direction_marks
from chalicelib.domain.validation import Check

PLACE_CHARACTERS_MAX = 300
"""Of a venue, and of its address."""

YEAR_MIN, YEAR_MAX = 2000, 2199
"""A year outside these is a mistake, and arithmetic near the ends of the calendar overflows."""

_ZONE = re.compile(r"UTC|(?:[A-Za-z0-9_+-]+/){1,2}[A-Za-z0-9_+-]+")
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_OTHER_LINK = re.compile(
    r"\b(?!https:)[a-z][a-z0-9+.-]*://|(?<!https://)\bwww\.|\b(?:data|file|javascript|vbscript):(?=\S)",
    re.IGNORECASE,
)
_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
_DEFAULT_PORTS = {"https": 443, "http": 80}
_TELEPHONE = re.compile(r"\+?[0-9 ()./-]+")
_TELEPHONE_DIGITS = range(5, 16)
_WRITTEN_TO = {
    "address_reserved": "No email arrives at an address with this ending. Please use another address.",
    "address_not_ascii": "Many email programs can't send to this address "
    "because of a character before the @. Please use another address.",
}
_NOUN = re.compile(r"[^\W\d_]+(?:[ -][^\W\d_]+)*")


def slug(value: str, where: str) -> str:
    """Take what the pattern of event.Slug takes, to the letter: ``$`` there lets a last line end pass."""
    if value.strip() != value:
        _refuse(where, "slug", "Remove any space or line break from the slug.")
    return value


def line(value: str, where: str) -> str:
    """Take one line of text. It is printed in subjects and headers, so it can't be more than one."""
    tidied = tidy_line(without_direction_marks(value))
    if not can_be_seen(tidied):
        _refuse(where, "empty", "This can't be empty.")
    _require_printable(tidied, where)
    return tidied


def place(value: str, where: str) -> str:
    """Take a venue or an address. Where one comes in several lines, commas stand between them."""
    lines = tidy_lines(value).split("\n")
    # A single line stays as it is: people who booked are told of every change.
    joined = ", ".join(filter(None, (tidy_line(one).strip(" ,") for one in lines))) if lines[1:] else lines[0]
    if len(joined) > PLACE_CHARACTERS_MAX:
        _refuse(where, "value", f"This must have at most {PLACE_CHARACTERS_MAX} characters.")
    return line(joined, where)


def note(value: str, where: str) -> str:
    """Take a line that an organiser writes to people who booked. A link in it is a whole https address."""
    if _OTHER_LINK.search(value):
        _refuse(where, "link", "Start every web address with https://")
    return line(value, where)


def name(value: str, where: str) -> str:
    """Take a name that can stand in an email: an organiser's, a token's."""
    tidied = tidy_name(value)
    if problem := name_problem(tidied, ANY_NAME):
        _refuse(where, "name", problem)
    if len(tidied) > NAME_CHARACTERS_MAX:
        _refuse(where, "name", f"Please shorten this name to {NAME_CHARACTERS_MAX} characters.")
    return tidied


def text(value: str, where: str) -> str:
    """Take a text of several lines."""
    tidied = tidy_lines(value)
    _require_printable(tidied, where)
    return tidied


def mail_address(value: str, where: str) -> str:
    """Take an address that we can send email to, normalised."""
    try:
        return mailable_address(value)
    except BadAddress as bad:
        _refuse(where, bad.code, bad.detail)


def address_for_people(value: str, where: str) -> str:
    """Take an address that people write to with programs of their own, normalised: we send it nothing."""
    try:
        return mailable_address(value)
    except BadAddress as bad:
        _refuse(where, bad.code, _WRITTEN_TO.get(bad.code, bad.detail))


def contact(value: str, where: str) -> str:
    """Take how people reach an organiser: an email address, or a telephone number as it is written there."""
    tidied = tidy_line(value)
    if "@" in tidied:
        return address_for_people(tidied, where)
    digits = sum(character.isdigit() for character in tidied)
    if not _TELEPHONE.fullmatch(tidied) or digits not in _TELEPHONE_DIGITS:
        _refuse(where, "contact", "Enter an email address, or a telephone number that people can call.")
    return tidied


def noun(value: str, where: str) -> str:
    """Take a singular noun that stands inside our sentences, so in lower case: "Dinner" is a dinner.

    A capital that isn't just the first letter is meant: "AGM", "Burns Supper".
    """
    tidied = tidy_line(value)
    if not _NOUN.fullmatch(tidied):
        _refuse(where, "noun", "Use only letters, single spaces and hyphens, for example dinner.")
    return tidied if tidied[1:] != tidied[1:].lower() else tidied.lower()


def each(check: Check) -> Check:
    """Apply a check to each element of a tuple, and name all that are wrong."""

    def checked(values: tuple[str, ...], where: str) -> tuple[str, ...]:
        errors: list[FieldError] = []
        taken: list[str] = []
        for index, value in enumerate(values):
            try:
                taken.append(check(value, f"{where}/{index}"))
            except Invalid as invalid:
                errors += invalid.errors
        if errors:
            raise Invalid(errors)
        return tuple(dict.fromkeys(taken))

    return checked


def web_url(value: str, where: str) -> str:
    """Take the https URL of a page; http too for a page on the developer's own machine."""
    _split_url(value, where)
    return value


def https_url(value: str, where: str) -> str:
    """Take the https URL of something that other sites load."""
    if _split_url(value, where)[0].scheme != "https":
        _refuse(where, "url", "Start the web address with https://")
    return value


def accent_colour(value: str, where: str) -> str:
    """Take a colour in which links can be read, in lower case. The refusal names the nearest one."""
    from chalicelib.domain.colours import nearest_readable  # noqa: PLC0415  # organisers alone need it

    nearest = nearest_readable(value)
    if nearest != value.lower():
        _refuse(where, "contrast", f"Text in this colour is hard to read. Use {nearest} or a darker colour.")
    return nearest


def web_origin(value: str, where: str) -> str:
    """Take an origin as browsers send it in the Origin header.

    That is a scheme and a host in lower case, and a port only if it isn't the scheme's own
    (RFC 6454, section 6.2).
    """
    parts, host, port = _split_url(value, where)
    if parts.path not in ("", "/") or "?" in value or "#" in value:
        _refuse(where, "origin", "Enter only a scheme and a host, for example https://www.example.org.")
    shown_host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown_host}" + (f":{port}" if port is not None else "")


def zone(value: str, where: str) -> str:
    """Take an IANA time zone by its full name, like Europe/London.

    Not the short ones: what a machine calls ``localtime`` or ``CET`` isn't a place with a history.
    """
    if not _is_zone(value):
        _refuse(where, "zone", "There is no such time zone. Enter an IANA name, for example Europe/London.")
    return value


def instant(value: datetime, where: str) -> datetime:
    """Take an aware time, in UTC."""
    return year(value, where).astimezone(UTC)


def year(value: datetime, where: str) -> datetime:
    """Take a time in a year that someone may mean."""
    if not YEAR_MIN <= value.year <= YEAR_MAX:
        _refuse(where, "year", f"Enter a year from {YEAR_MIN} to {YEAR_MAX}.")
    return value


def _split_url(value: str, where: str) -> tuple[SplitResult, str, int | None]:
    """Return the URL's parts, its host and its port if that isn't the scheme's own."""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        _refuse(where, "url", "Enter a web address, for example https://www.example.org.")
    # A browser reads a backslash as a slash and drops a tab: what it opens is not what we checked.
    if not (value.isascii() and value.isprintable()) or re.search(r"[\s\\<>\"`{}|^]", value):
        _refuse(where, "url", "Percent-encode spaces and special characters in the web address.")
    if not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL_HOSTS)):
        _refuse(where, "url", "Start the web address with https://")
    if "@" in parts.netloc or not _is_host(host):
        _refuse(where, "url", "Enter a web address with a host and without a user name.")
    return parts, host, None if port == _DEFAULT_PORTS[parts.scheme] else port


def _is_zone(value: str) -> bool:
    if not _ZONE.fullmatch(value) or value.startswith(("posix/", "right/")):
        return False
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        # OSError is the answer to the name of a folder of zones.
        return False
    return True


def _is_host(host: str) -> bool:
    try:
        return bool(_HOST.fullmatch(host)) or bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def _require_printable(value: str, where: str) -> None:
    if not is_printable(value):
        _refuse(where, "character", "Remove any characters that can't be printed.")


def _refuse(where: str, code: str, detail: str) -> NoReturn:
    raise Invalid([FieldError(where, code, detail)])
