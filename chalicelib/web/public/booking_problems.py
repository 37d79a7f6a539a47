"""What is wrong with a booking form that was refused: sentences for people, each at the field it is about."""

from collections.abc import Iterator

from msgspec import Struct

from chalicelib.domain.admission_refusals import NotAdmitted
from chalicelib.domain.attendee import NAME_CHARACTERS_MAX, NOT_AN_ADDRESS
from chalicelib.domain.event import Event, says_zone
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
from chalicelib.domain.session import Session
from chalicelib.domain.wording import moment_in_words
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


def ends_booking(refusal: Refusal, held: AdmissionFields | None) -> bool:
    """Return whether it is of no use to send this form again, however it is changed.

    Nothing is left, it is too late, or it has no admission and no way to get one.
    """
    if isinstance(refusal, NotAdmitted):
        other_address = refusal.facts["why_not"] == "another_address"
        return not other_address and (held is None or (held.until is None and not held.unclear))
    if isinstance(refusal, SoldOut):
        return bool(refusal.facts["places_left"] == 0)
    return isinstance(refusal, Cancelled | Closed)


def problems_of(
    refusal: Refusal, event: Event, session: Session, held: AdmissionFields | None
) -> list[Problem]:
    """Return what there is to put right, in the page's order, so that people work downwards."""
    return sorted(_problems(refusal, event, session, held), key=_position)


def _problems(
    refusal: Refusal, event: Event, session: Session, held: AdmissionFields | None
) -> Iterator[Problem]:
    ended = not isinstance(refusal, NotAdmitted) and ends_booking(refusal, held)
    if ended or isinstance(refusal, AlreadyBooked):
        # Nothing can be put right: the page says so in its own words.
        return
    if isinstance(refusal, Invalid):
        for error in refusal.errors:
            yield Problem(_field_id(error), _sentence(error, event))
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
    yield Problem(field_id, sentence_of(refusal, event, session))


def _field_id(error: FieldError) -> str:
    name, _, index = error.pointer.removeprefix("/").partition("/")
    if (name, error.code) == ("guests", "too_many"):
        # More places make room for all who are named, and that is the shorter way.
        return "places"
    if name == "guests" and index.isdigit():
        return f"guest-{int(index) + 1}"
    if name == "answers" and index:
        return f"answer-{index}"
    return name if name in _FIELDS else ""


def _position(problem: Problem) -> int:
    name = problem.field_id.partition("-")[0]
    return _FIELDS.index(name) if name else len(_FIELDS)


def _sentence(error: FieldError, event: Event) -> str:
    """Return what is wrong with a field, and with which one where others have the same words."""
    name, _, which = error.pointer.removeprefix("/").partition("/")
    words = words_of(error)
    if name == "guests" and which.isdigit():
        return f"Guest {int(which) + 1}: {words}"
    question = next((asked for asked in event.questions if asked.question_id == which), None)
    if name != "answers" or question is None or error.code == "missing":
        return words
    if question.kind == "yes_no" and error.code == "answer":
        words = "Answer yes or no."
    colon = "" if question.label[-1] in "?!.:" else ":"
    return f"{question.label}{colon} {words}"


def words_of(error: FieldError) -> str:
    """Return what is wrong with a field, in words for a person."""
    name = error.pointer.removeprefix("/").partition("/")[0]
    return _WORDS.get((name, error.code), error.detail)


def sentence_of(refusal: Refusal, event: Event, session: Session) -> str:
    """Return a refusal in words for a person, with times as the venue's clocks show them."""
    if isinstance(refusal, NotOpenYet):
        opens = moment_in_words(refusal.facts["opens_at"], session.zone, says_zone=says_zone(event))
        return f"Booking opens at {opens}."
    if isinstance(refusal, IdempotencyKeyReused):
        return (
            "You have already sent this form with other details. Please look for our email about it. "
            "To book with these details instead, cancel that booking first, then send this form again."
        )
    return refusal.detail
