"""What a type can't say about a field that an organiser sends: texts, addresses, URLs, zones, times.

Each is a validation.Check: it returns the value tidied, or raises Invalid naming the field.
"""

import ipaddress
import re
import unicodedata
from datetime import UTC, datetime
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chalicelib.domain.attendee import (
    NAME_CHARACTERS_MAX,
    BadAddress,
    name_problem,
    normalise_address,
    tidy_line,
    tidy_name,
)
from chalicelib.domain.refusals import FieldError, Invalid
from chalicelib.domain.validation import Check

YEAR_MIN, YEAR_MAX = 2000, 2199
"""Nobody means a year outside these, and arithmetic near the ends of the calendar overflows."""

_ZONE = re.compile(r"UTC|(?:[A-Za-z0-9_+-]+/){1,2}[A-Za-z0-9_+-]+")
_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*"
)
_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
_DEFAULT_PORTS = {"https": 443, "http": 80}
_UNPRINTABLE = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}


def slug(value: str, where: str) -> str:
    """Take what the pattern of event.Slug takes, to the letter: ``$`` there lets a last line end pass."""
    if value.strip() != value:
        _refuse(where, "slug", "A slug can't hold white space.")
    return value


def line(value: str, where: str) -> str:
    """Take one line of text. It is printed in subjects and headers, so it can't be more than one."""
    tidied = tidy_line(value)
    if not tidied:
        _refuse(where, "empty", "This can't be empty.")
    _require_printable(tidied, where)
    return tidied


def name(value: str, where: str) -> str:
    """Take a name that a mail can carry: an organiser's, a token's."""
    tidied = tidy_name(value)
    if problem := name_problem(tidied):
        _refuse(where, "name", problem)
    if len(tidied) > NAME_CHARACTERS_MAX:
        _refuse(where, "name", f"A name has at most {NAME_CHARACTERS_MAX} characters.")
    return tidied


def text(value: str, where: str) -> str:
    """Take a text of several lines."""
    tidied = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    _require_printable(tidied.replace("\n", "").replace("\t", ""), where)
    return tidied


def mail_address(value: str, where: str) -> str:
    """Take an address that can be mailed, normalised."""
    try:
        return normalise_address(value)
    except BadAddress as bad:
        _refuse(where, bad.code, bad.detail)


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


def web_origin(value: str, where: str) -> str:
    """Take an origin as browsers send it in the Origin header.

    That is a scheme and a host in lower case, and a port only if it isn't the scheme's own
    (RFC 6454, section 6.2).
    """
    parts, host, port = _split_url(value, where)
    if parts.path not in ("", "/") or "?" in value or "#" in value:
        _refuse(where, "origin", "An origin is only a scheme and a host, like https://www.example.org.")
    shown_host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown_host}" + (f":{port}" if port is not None else "")


def zone(value: str, where: str) -> str:
    """Take an IANA time zone by its full name, like Europe/London.

    Not the short ones: what a machine calls ``localtime`` or ``CET`` isn't a place with a history.
    """
    if not _is_zone(value):
        _refuse(where, "zone", "There is no such time zone; give an IANA name like Europe/London.")
    return value


def instant(value: datetime, where: str) -> datetime:
    """Take an aware time, in UTC."""
    return year(value, where).astimezone(UTC)


def year(value: datetime, where: str) -> datetime:
    """Take a time in a year that somebody may mean."""
    if not YEAR_MIN <= value.year <= YEAR_MAX:
        _refuse(where, "year", f"The year has to be between {YEAR_MIN} and {YEAR_MAX}.")
    return value


def _split_url(value: str, where: str) -> tuple[SplitResult, str, int | None]:
    """Return the URL's parts, its host and its port if that isn't the scheme's own."""
    try:
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        _refuse(where, "url", "This is not a web address.")
    # A browser reads a backslash as a slash and drops a tab: what it opens is not what we checked.
    if not (value.isascii() and value.isprintable()) or re.search(r"[\s\\<>\"`{}|^]", value):
        _refuse(where, "url", "A web address can only hold ASCII characters without spaces.")
    if not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL_HOSTS)):
        _refuse(where, "url", "A web address has to start with https://.")
    if "@" in parts.netloc or not _is_host(host):
        _refuse(where, "url", "A web address needs a host, and can't hold a user's name.")
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
    if any(unicodedata.category(character) in _UNPRINTABLE for character in value):
        _refuse(where, "character", "This text holds a character that can't be printed.")


def _refuse(where: str, code: str, detail: str) -> NoReturn:
    raise Invalid([FieldError(where, code, detail)])
