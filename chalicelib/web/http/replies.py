"""What every JSON route sends back, and how it reads what was sent.

Errors are problem details (RFC 9457). Their ``type`` is ``urn:turnout:problem:<code>``: RFC 9457 wants
an absolute URI, and it has to be the same for every deployment, so it can't hold anybody's host name.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import Any, NoReturn, ParamSpec

import msgspec
from chalice.app import Request, Response

from chalicelib import logs
from chalicelib.domain import (
    admission_refusals,
    correction,
    deletion_refusals,
    door_refusals,
    refusals,
    token_request,
    versions,
)
from chalicelib.domain.admission_refusals import NotYourTurn
from chalicelib.domain.correction import MailedJustNow
from chalicelib.domain.refusals import (
    Busy,
    FieldError,
    Invalid,
    Refusal,
    TooManyRequests,
)
from chalicelib.domain.validation import pointer

HTTP_STATUS: dict[type[Refusal], int] = {
    refusals.TooManyRequests: 429,
    refusals.Invalid: 422,
    refusals.NotFound: 404,
    refusals.Forbidden: 403,
    refusals.LinkExpired: 410,
    refusals.IdempotencyKeyReused: 422,
    refusals.AlreadyBooked: 409,
    refusals.NotPublished: 404,
    refusals.Cancelled: 409,
    refusals.NotOpenYet: 409,
    refusals.Closed: 409,
    refusals.TooManyPlaces: 422,
    admission_refusals.NotAdmitted: 403,
    admission_refusals.NotYourTurn: 409,
    admission_refusals.NoQueue: 409,
    refusals.SoldOut: 409,
    door_refusals.WrongSession: 409,
    door_refusals.CheckInUndone: 409,
    door_refusals.TicketReplaced: 409,
    door_refusals.BookingCancelled: 409,
    door_refusals.CheckInNotOpenYet: 409,
    door_refusals.AlreadyArrived: 409,
    door_refusals.TooManyArriving: 409,
    door_refusals.PartyArrived: 409,
    refusals.BelowBooked: 409,
    refusals.SlugTaken: 409,
    deletion_refusals.SessionBooked: 409,
    deletion_refusals.NotDraft: 409,
    deletion_refusals.StillDraft: 409,
    refusals.SessionOver: 409,
    correction.AddressHasBooking: 409,
    correction.BookingNotLive: 409,
    correction.NotCorrectable: 409,
    correction.RecipientComplained: 409,
    correction.MailedJustNow: 429,
    token_request.TooManyTokens: 409,
    token_request.TokenInUse: 409,
    token_request.TokenMade: 409,
    versions.PreconditionRequired: 428,
    refusals.ChangedMeanwhile: 412,
    refusals.Busy: 503,
}
"""Every refusal's HTTP status. A test proves that none is missing."""

BODY_BYTES_MAX = 65_536
"""Far above what any route here needs; parsing more than this would only serve an attacker."""

DEPTH_MAX = 16
"""How deep JSON may be nested. Our deepest request has two levels."""

INTEGER_MAX = 2**53 - 1
"""The largest integer that every JSON reader takes for the same number (RFC 7493, section 2.2)."""

Headers = Mapping[str, str]

_PROBLEM_TYPE = "urn:turnout:problem:"

# Control characters other than tab and what ends lines; halves of a surrogate pair, which are in no text; and
# the character that a decoder puts where the bytes were not UTF-8 (API Gateway decodes before we do).
UNREADABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffd]")

P = ParamSpec("P")


def json_reply(body: object, status: int = 200, headers: Headers | None = None) -> Response:
    """Return a reply with this body (structs, dicts, aware datetimes...) as JSON.

    Nothing keeps a copy of it, unless ``headers`` says otherwise with a Cache-Control of its own.
    """
    return _reply(body, status, {"Content-Type": "application/json", **(headers or {})})


def no_content() -> Response:
    """Return an empty reply, which says that it is done."""
    return Response(body="", status_code=204, headers={"Cache-Control": "no-store"})


def problem(refusal: Refusal, headers: Headers | None = None) -> Response:
    """Return this refusal as problem details."""
    count_refusal(refusal)
    kept = {"Content-Type": "application/problem+json", **retry_after(refusal), **(headers or {})}
    return _reply(problem_details(refusal), HTTP_STATUS[type(refusal)], kept)


def problem_details(refusal: Refusal) -> dict[str, object]:
    """Return what is said of a refusal: its facts beside its code, each wrong field in ``errors``."""
    details: dict[str, object] = {
        "type": _PROBLEM_TYPE + refusal.code,
        "title": refusal.title,
        "status": HTTP_STATUS[type(refusal)],
        "detail": refusal.detail,
        "code": refusal.code,
        **{name: _in_utc(fact) for name, fact in refusal.facts.items()},
    }
    if isinstance(refusal, Invalid):
        details["errors"] = refusal.errors
    return details


def retry_after(refusal: Refusal) -> dict[str, str]:
    """Return the header that says when to try again, if this refusal knows."""
    if isinstance(refusal, Busy | TooManyRequests | MailedJustNow | NotYourTurn):
        return {"Retry-After": str(refusal.retry_after_seconds)}
    return {}


def refusals_as_problems(view: Callable[P, Response]) -> Callable[P, Response]:
    """Make a route answer with problem details whatever happens in it.

    Chalice's middleware sees our exceptions only when they are a 500 already, so each view is wrapped.
    """

    @wraps(view)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Response:
        try:
            return view(*args, **kwargs)
        except Refusal as refusal:
            return problem(refusal)
        except Exception as error:  # noqa: BLE001  # the last stop: it is logged, and the caller hears that
            return unexpected(error, view.__name__)

    return answered


def count_refusal(refusal: Refusal) -> None:
    """Count a refusal that is about to be answered; its code is all that is said of it."""
    logs.metric("Refusals", code=refusal.code)


def unexpected(error: Exception, view: str) -> Response:
    """Log what should not have happened, and return a 500 that says no more than that."""
    logs.error("a route failed", view=view, exception=error)
    body = {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "Sorry, something went wrong on our side. We have logged it. Please try again in a moment.",
    }
    return _reply(body, 500, {"Content-Type": "application/problem+json"})


def read_json(request: Request) -> object:
    """Return the request's body as Python values that can be stored and sent on.

    Chalice's own ``json_body`` is None without a Content-Type, and takes what has no single
    meaning: names given twice, NaN, halves of surrogate pairs. Raises Invalid for all of these.
    """
    raw = request.raw_body
    body = raw.encode("utf-8", "surrogatepass") if isinstance(raw, str) else raw
    if len(body) > BODY_BYTES_MAX:
        raise _invalid("", "too_large", f"Send at most {BODY_BYTES_MAX:,} bytes.")
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=_finite,
        )
    except (ValueError, RecursionError) as error:
        # UnicodeDecodeError and JSONDecodeError are ValueErrors. Neither's words are repeated: they quote.
        raise _invalid("", "json", "Send the body as JSON in UTF-8.") from error
    if errors := list(_unreadable(value, ())):
        raise Invalid(errors)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) < len(pairs):
        raise _invalid("", "repeated", "Send each field only once.")
    return named


def _no_number(text: str) -> NoReturn:
    raise _invalid("", "json", f"JSON has no number {text}. Send another value.")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _invalid("", "number", "Send a smaller number.")
    return number


def _unreadable(value: object, place: tuple[str | int, ...]) -> Iterator[FieldError]:
    """Yield what in this value could not be stored, emailed or read by the next program."""
    if len(place) > DEPTH_MAX:
        yield FieldError("", "too_deep", f"Nest the body at most {DEPTH_MAX} levels deep.")
    elif isinstance(value, str) and UNREADABLE.search(value):
        yield FieldError(pointer(*place), "character", "Remove any characters that can't be read.")
    elif isinstance(value, int) and abs(value) > INTEGER_MAX:
        yield FieldError(pointer(*place), "number", "Send a smaller number.")
    elif isinstance(value, list):
        for index, element in enumerate(value):
            yield from _unreadable(element, (*place, index))
    elif isinstance(value, dict):
        for name, element in value.items():
            if UNREADABLE.search(name):
                yield FieldError(
                    pointer(*place),
                    "character",
                    "Remove any characters that can't be read from the names of fields.",
                )
            else:
                yield from _unreadable(element, (*place, name))


def _invalid(where: str, code: str, detail: str) -> Invalid:
    return Invalid([FieldError(where, code, detail)])


def _in_utc(fact: object) -> object:
    return fact.astimezone(UTC) if isinstance(fact, datetime) else fact


def _reply(body: object, status: int, headers: Headers) -> Response:
    kept: dict[str, str | list[str]] = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **headers,
    }
    return Response(body=msgspec.json.encode(body).decode(), status_code=status, headers=kept)
