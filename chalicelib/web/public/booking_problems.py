"""What is wrong with a booking form that was refused: sentences for people, each at the field it is about."""

from collections.abc import Iterator

from msgspec import Struct

from chalicelib.domain.admission_refusals import NotAdmitted
from chalicelib.domain.attendee import NAME_CHARACTERS_MAX, NOT_AN_ADDRESS
from chalicelib.domain.refusals import (
    AlreadyBooked,
    Closed,
    FieldError,
    IdempotencyKeyReused,
    Invalid,
    NotOpenYet,
    Refusal,
    SoldOut,
    TooManyPlaces,
)
from chalicelib.domain.session import Session
from chalicelib.domain.wording import moment_in_words
from chalicelib.web.http.forms import Form, single
from chalicelib.web.queue.admission_fields import AdmissionFields

# What a person reads where the API's own sentence speaks of types and lengths.
_WORDS = {
    ("name", "missing"): "Please enter your name.",
    ("name", "value"): f"Please shorten your name to {NAME_CHARACTERS_MAX} characters.",
    ("email", "missing"): "Please enter your email address.",
    ("email", "value"): NOT_AN_ADDRESS,
    ("places", "missing"): "Please choose how many places you need.",
    ("places", "value"): "Please choose how many places you need.",
    ("guests", "value"): f"Please shorten this guest's name to {NAME_CHARACTERS_MAX} characters.",
    ("consent", "consent"): "Please tick the box. We can only use these answers if you agree.",
    ("website", "honeypot"): "Something filled in a hidden field. We have emptied it. "
    "Please send the form again.",
    ("return_url", "return_url"): "We can't send you back to the page you came from. "
    "You can still book here.",
}


_FIELDS = ("name", "email", "places", "guests", "guest", "answers", "answer", "consent")


class Problem(Struct, frozen=True):
    """One thing to put right: a sentence, and the id of the field it is about ("" if it is about none)."""

    field_id: str
    sentence: str


def asked_for_mail(form: Form) -> bool:
    """Return whether this is the form that asks for an email and books nothing."""
    return single(form, "only_mail") is not None


def is_mail_on_its_way(refusal: Refusal | None, form: Form) -> bool:
    """Return whether an email was asked for and this refusal was to be expected."""
    return asked_for_mail(form) and isinstance(refusal, TooManyPlaces | Closed | SoldOut)


def leads_to_queue(refusal: Refusal, held: AdmissionFields | None) -> bool:
    """Return whether this form can't be sent again: it has no admission, and no way to get one."""
    if not isinstance(refusal, NotAdmitted) or refusal.facts["why_not"] == "another_address":
        return False
    return held is None or (held.until is None and not held.unclear)


def problems_of(
    refusal: Refusal, session: Session, form: Form, held: AdmissionFields | None
) -> list[Problem]:
    """Return what there is to put right, in the page's order, so that people work downwards."""
    return sorted(_problems(refusal, session, form, held), key=_position)


def _problems(
    refusal: Refusal, session: Session, form: Form, held: AdmissionFields | None
) -> Iterator[Problem]:
    if isinstance(refusal, AlreadyBooked):
        # Nothing is wrong: the page says so in its own words.
        return
    if is_mail_on_its_way(refusal, form):
        # They only asked for an email, and the page says what becomes of that.
        return
    if isinstance(refusal, Invalid):
        for error in refusal.errors:
            yield Problem(_field_id(error.pointer), _words(error))
        return
    if isinstance(refusal, NotAdmitted):
        if refusal.facts["why_not"] == "another_address":
            yield Problem("email", refusal.detail)
        elif held is not None and held.until is not None:
            yield Problem(
                "", "Your time to book ran out. You now have more time. Please send this form again."
            )
        elif held is not None and held.unclear:
            yield Problem("", "We could not check whether it is your turn. Please send this form again.")
        else:
            yield Problem("", refusal.detail)
        return
    field_id = "places" if isinstance(refusal, TooManyPlaces | SoldOut) else ""
    yield Problem(field_id, sentence_of(refusal, session))
    if isinstance(refusal, Closed | SoldOut):
        yield Problem(
            "",
            "If you have already booked with this address, your booking is safe. "
            "Please look for our email in your inbox and your spam folder.",
        )


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


def sentence_of(refusal: Refusal, session: Session) -> str:
    """Return a refusal in words for a person, with times as the venue's clocks show them."""
    if isinstance(refusal, NotOpenYet):
        return f"Booking opens at {moment_in_words(refusal.facts['opens_at'], session.zone)}."
    if isinstance(refusal, IdempotencyKeyReused):
        return (
            "You have already sent this form with other details. Please look for our email about it. "
            "To book with these details instead, cancel that booking first, then send this form again."
        )
    return refusal.detail
