"""What somebody sends to book places, for themselves or for somebody else, and to be emailed again."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from chalicelib.domain.attendee import (
    ANY_NAME,
    YOUR_NAME,
    Address,
    BadAddress,
    Name,
    NameProblem,
    mailable_address,
    name_problem,
    tidy_name,
)
from chalicelib.domain.booking import Party
from chalicelib.domain.questions import (
    Answer,
    Answers,
    Question,
    check_answers,
    tells_of_health_or_belief,
)
from chalicelib.domain.refusals import FieldError, Invalid


class PartyRequest(Struct, frozen=True, kw_only=True):
    """What every request to book says of a party."""

    name: Name
    email: Address
    places: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    guests: Annotated[tuple[Annotated[str, Meta(max_length=80)], ...], Meta(max_length=100)] = ()
    answers: dict[str, Answer | None] = {}
    """To the event's questions, by question_id (domain/questions.py)."""


class BookingRequest(PartyRequest, frozen=True, kw_only=True):
    """The body of POST /events/{slug}/sessions/{session_id}/bookings, with which someone books."""

    consent: bool = False
    """Whether the person agrees to what is done with answers to questions that are marked sensitive."""
    website: str = ""
    """A honeypot: the page hides it, so only a program fills it in."""
    admission: Annotated[str, Meta(max_length=400)] | None = None
    """From the queue, where the event has one (domain/admission.py)."""


class BookingOnBehalf(PartyRequest, frozen=True, kw_only=True):
    """The body of POST .../bookings, with which an organiser or host books for somebody.

    The sender has that person's consent. Every question is optional, also a required one.
    """

    consent: bool | UnsetType = UNSET
    """Ignored: programs send what they send for themselves."""


class AgainRequest(Struct, frozen=True, kw_only=True):
    """The body of POST /events/{slug}/sessions/{session_id}/again, with which someone asks for an email."""

    email: Address


def check_request(
    request: BookingRequest,
    questions: Sequence[Question],
    name_words: Mapping[NameProblem, str] = YOUR_NAME,
) -> Party:
    """Return the request as a party that answers the questions, or raise Invalid naming all that is wrong.

    ``name_words`` say what is wrong with the name; by default, to the person whose name it is.
    """
    errors: list[FieldError] = []
    if request.website:
        errors.append(FieldError("/website", "honeypot", "Please leave this field empty."))
    if not request.consent and tells_of_health_or_belief(questions, request.answers):
        detail = (
            "Some answers may say something about health or belief. Send consent as true, or leave them out."
        )
        errors.append(FieldError("/consent", "consent", detail))
    name = tidy_name(request.name)
    if problem := name_problem(name, name_words):
        errors.append(FieldError("/name", "name", problem))
    guests = [tidy_name(guest) for guest in request.guests]
    for index, guest in enumerate(guests):
        if guest and (problem := name_problem(guest, ANY_NAME)):
            errors.append(FieldError(f"/guests/{index}", "name", problem))
    named = tuple(guest for guest in guests if guest)
    if len(named) > request.places - 1:
        errors.append(
            FieldError("/guests", "too_many", "Choose more places or remove a guest. One place is for you.")
        )
    answers: Answers = {}
    try:
        answers = check_answers(questions, request.answers)
    except Invalid as invalid:
        errors += invalid.errors
    address = ""
    try:
        address = mailable_address(request.email)
    except BadAddress as bad:
        errors.append(FieldError("/email", bad.code, bad.detail))
    if errors:
        raise Invalid(errors)
    return Party(name=name, address=address, places=request.places, guests=named, answers=answers)


def check_on_behalf(request: BookingOnBehalf, questions: Sequence[Question]) -> Party:
    """Return what an organiser sends for somebody as a party, or raise Invalid naming all that is wrong."""
    as_theirs = BookingRequest(**{**msgspec.structs.asdict(request), "consent": True})
    optional = [msgspec.structs.replace(question, required=False) for question in questions]
    return check_request(as_theirs, optional, ANY_NAME)
