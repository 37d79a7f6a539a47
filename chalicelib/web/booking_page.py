"""The page with a session's booking form: empty, or refused and holding what was typed.

Where nothing can be booked any more, somebody may still have a place and have lost its mail. For them
the page keeps a form that asks for nothing but an address. It goes to where bookings go, so it must
never become one: it wants more places than any event gives. Such a request is refused, but whoever has
a booking is mailed again (actions/book.py). Nobody hears whether there is one: that is in the mail only.
"""

import secrets
from collections.abc import Iterator
from datetime import datetime

from chalice.app import Response
from msgspec import Struct

from chalicelib.domain.event import PLACES_PER_BOOKING_MAX, Event
from chalicelib.domain.ids import ID_ENTROPY_BYTES, new_id
from chalicelib.domain.refusals import (
    AlreadyBooked,
    Cancelled,
    Closed,
    FieldError,
    IdempotencyKeyReused,
    Invalid,
    NotOpenYet,
    Refusal,
    SoldOut,
    TooManyPlaces,
)
from chalicelib.domain.session import Session, paused_until
from chalicelib.domain.wording import map_url, when
from chalicelib.settings import settings
from chalicelib.store.availability import places_free_lately
from chalicelib.web.forms import Form, answer_field, single
from chalicelib.web.rendering import FRESH, page
from chalicelib.web.replies import HTTP_STATUS, count_refusal, retry_after
from chalicelib.web.views import (
    bookings_url,
    event_page_url,
    moment_in_words,
    session_page_url,
    why_not_bookable,
)

# What a person is told where the API's own sentence speaks of types and lengths.
_WORDS = {
    ("name", "missing"): "Please enter your name.",
    ("name", "value"): "A name can be at most 80 characters long.",
    ("email", "missing"): "Please enter your e-mail address.",
    ("email", "value"): "This does not look like an e-mail address.",
    ("places", "missing"): "Please choose how many places you need.",
    ("places", "value"): "Please choose how many places you need.",
    ("guests", "value"): "A guest's name can be at most 80 characters long.",
    ("answers", "too_large"): "Your answers are too long, all in all. Please shorten one of them.",
    ("consent", "consent"): "Please tick the box: we can only book for you if you agree that we keep this.",
    ("website", "honeypot"): "Something filled in a field that people can't see. It is empty now; "
    "please send the form again.",
    ("return_url", "return_url"): "The page you came from is not one that the organiser has listed. "
    "You can still book here.",
}


_FIELDS = ("name", "email", "places", "guests", "guest", "answers", "answer", "consent")


class Problem(Struct, frozen=True):
    """One thing to put right: a sentence, and the id of the field it is about ("" if it is about none)."""

    field_id: str
    sentence: str


def new_idempotency_key() -> str:
    """Return a key for a form that nobody has sent yet."""
    return new_id(secrets.token_bytes(ID_ENTROPY_BYTES))


def empty_form_page(event: Event, session: Session, now: datetime) -> Response:
    """Return the page with an empty form, or with why there is none now."""
    free = places_free_lately([session])[session.session_id]
    refusal = why_not_bookable(event, session, free, now)
    paused = refusal is None and paused_until(session, now) is not None
    return _page(event, session, {}, closed_because=refusal, paused=paused)


def refused_form_page(
    event: Event,
    session: Session,
    form: Form,
    refusal: Refusal,
    *,
    idempotency_key: str | None,
    return_url: str | None,
) -> Response:
    """Return the page with the form as it was sent, and what is wrong with it.

    It keeps its idempotency key: nothing was stored under it as far as we know, and if an answer was
    lost after all, the same form sent again must meet that booking instead of making a second one.
    Only when a *different* form was booked under that key does this one need a key of its own.
    """
    count_refusal(refusal)
    reused = isinstance(refusal, IdempotencyKeyReused)
    return _page(
        event,
        session,
        form,
        refusal=refusal,
        idempotency_key=None if reused else idempotency_key,
        return_url=return_url,
    )


def _page(
    event: Event,
    session: Session,
    form: Form,
    *,
    refusal: Refusal | None = None,
    closed_because: Refusal | None = None,
    paused: bool = False,
    idempotency_key: str | None = None,
    return_url: str | None = None,
) -> Response:
    base_url = settings().base_url
    only_mail = isinstance(closed_because, Closed | SoldOut) or _asked_for_mail(form)
    # In the order of the page, so that whoever follows the links works downwards.
    problems = sorted(_problems(refusal, session, form), key=_position) if refusal else []
    errors: dict[str, str] = {}
    for problem in problems:
        errors.setdefault(problem.field_id, problem.sentence)
    return page(
        "book.html",
        status=HTTP_STATUS[type(refusal)] if refusal else 200,
        headers={**FRESH, **(retry_after(refusal) if refusal else {})},
        form_targets=event.return_urls,
        framed_by=event.allowed_origins,
        event=event,
        session=session,
        when=when(session),
        map_url=map_url(session),
        event_url=event_page_url(base_url, event),
        page_url=session_page_url(base_url, event, session),
        action=bookings_url(base_url, event, session),
        closed_because=_sentence(closed_because, session) if closed_because else None,
        closed_code=closed_because.code if closed_because else None,
        paused=paused,
        already_booked=isinstance(refusal, AlreadyBooked),
        mail_on_its_way=_is_mail_on_its_way(refusal, form),
        only_mail=only_mail,
        mail_can_come=(only_mail or (event.bookings_per_address_max > 1 and not closed_because))
        and not isinstance(refusal, AlreadyBooked | Cancelled | NotOpenYet),
        places_too_many=PLACES_PER_BOOKING_MAX + 1,
        problems=problems,
        errors=errors,
        typed=_typed(form, event),
        idempotency_key=idempotency_key or new_idempotency_key(),
        return_url=return_url,
    )


def _typed(form: Form, event: Event) -> dict[str, object]:
    guests = list(form.get("guests", ()))[: event.places_per_booking_max]
    rows = max(event.places_per_booking_max - 1, len(guests))
    return {
        "name": single(form, "name") or "",
        "email": single(form, "email") or "",
        "places": single(form, "places") or "1",
        "guests": guests + [""] * (rows - len(guests)),
        "any_guest": any(guest.strip() for guest in guests),
        "answers": {
            question.question_id: single(form, answer_field(question)) or "" for question in event.questions
        },
        "consent": bool(single(form, "consent")),
    }


def _asked_for_mail(form: Form) -> bool:
    return single(form, "only_mail") is not None


def _is_mail_on_its_way(refusal: Refusal | None, form: Form) -> bool:
    return _asked_for_mail(form) and isinstance(refusal, TooManyPlaces | Closed | SoldOut)


def _problems(refusal: Refusal, session: Session, form: Form) -> Iterator[Problem]:
    if isinstance(refusal, AlreadyBooked):
        # Nothing is wrong and nothing is to be put right: the page says so in its own words.
        return
    if _is_mail_on_its_way(refusal, form):
        # Asking for a mail was all that was wanted, and the page says what becomes of that.
        return
    if isinstance(refusal, Invalid):
        for error in refusal.errors:
            yield Problem(_field_id(error.pointer), _words(error))
        return
    field_id = "places" if isinstance(refusal, TooManyPlaces | SoldOut) else ""
    yield Problem(field_id, _sentence(refusal, session))
    if isinstance(refusal, Closed | SoldOut):
        yield Problem("", "If this address has a booking already, it stands, and we mail its details again.")


def _field_id(pointer: str) -> str:
    name, _, index = pointer.removeprefix("/").partition("/")
    if name == "guests" and index.isdigit():
        return f"guest-{int(index) + 1}"
    if name == "answers" and index:
        return f"answer-{index}"
    return name if name in _FIELDS else ""


def _position(problem: Problem) -> int:
    name = problem.field_id.partition("-")[0]
    return _FIELDS.index(name) if name else -1


def _words(error: FieldError) -> str:
    name = error.pointer.removeprefix("/").partition("/")[0]
    return _WORDS.get((name, error.code), error.detail)


def _sentence(refusal: Refusal, session: Session) -> str:
    if isinstance(refusal, NotOpenYet):
        return f"Booking opens at {moment_in_words(refusal.facts['opens_at'], session.zone)}."
    if isinstance(refusal, IdempotencyKeyReused):
        return (
            "This form was already sent once with other details; what came of it is in your inbox. "
            "To book with these details instead, cancel from there first, then send this form again."
        )
    return refusal.detail
