"""A booking: one party of n places in one session."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

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
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.questions import (
    Answer,
    Answers,
    Question,
    check_answers,
    tells_of_health_or_belief,
)
from chalicelib.domain.refusals import FieldError, IdempotencyKeyReused, Invalid, NotFound
from chalicelib.domain.session import Session

MAIL_AGAIN_AFTER_SECONDS = 600
"""The least time between two emails to an address that asks for them."""

BookingStatus = Literal["confirmed", "cancelled", "moved"]
"""``moved``: its address was corrected, so it lives at another key now, which ``moved_to`` names."""
IdempotencyKey = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[\x21-\x7e]+$")]


class PartyRequest(Struct, frozen=True, kw_only=True):
    """What every request to book says of a party."""

    name: Name
    email: Address
    places: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    guests: Annotated[tuple[Annotated[str, Meta(max_length=80)], ...], Meta(max_length=100)] = ()
    answers: dict[str, Answer] = {}
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

    consent: bool = True
    """Ignored: programs send what they send for themselves."""


class AgainRequest(Struct, frozen=True, kw_only=True):
    """The body of POST /events/{slug}/sessions/{session_id}/again, with which someone asks for an email."""

    email: Address


class AskedAgain(Struct, frozen=True, kw_only=True):
    """Somebody wants the email again of what an address has booked. Its keys alone say which address."""

    session_id: str
    keys: tuple[str, ...]
    """At which the address may book in this session."""
    asked_at: datetime
    source: str = ""
    """A hash of where the request came from: the emails count against whoever asks."""
    request_id: str = ""


class Party(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A checked request: names tidied, the address normalised."""

    name: str
    address: str
    places: int
    guests: tuple[str, ...]
    answers: Answers = {}

    def fingerprint(self, key_secret: bytes) -> str:
        """Return what tells this request's body from another under the same Idempotency-Key.

        It outlives the name and address that it is made of: without the secret they can't be guessed from it.
        """
        return hmac.new(key_secret, msgspec.json.encode(self), hashlib.sha256).hexdigest()[:32]


class Arrival(Struct, frozen=True, kw_only=True):
    """Some of a party, checked in at once. ``nonce`` tells one scan from the next."""

    nonce: str
    places: int
    at: datetime
    token_id: str
    where: str
    """The name of the token that checked them in: usually which door it was."""
    arrived: int
    """How many of the party were in with these."""


class Booking(Struct, frozen=True, kw_only=True):
    """A booking as stored. ``allocation`` is what it took from each counter: {counter: places}."""

    session_id: str
    key: str
    booking_id: str
    event_id: str
    organiser_id: str
    status: BookingStatus
    version: int
    name: str
    address: str
    places: int
    guests: tuple[str, ...] = ()
    answers: Answers = {}
    ordinal: int = 0
    """Which of its address's bookings in this session this is."""
    source: str = ""
    """A hash of the network that it was booked from; "" for one that an organiser made."""
    asked_from: str | None = None
    """The same of whoever last asked for its email again, "" for an organiser; None if nobody did."""
    moved_to: str | None = None
    corrected: int = 0
    """The version with which its attendee corrected its address, as they may once; 0 if they didn't."""
    links_kept: bool = False
    """Only where it is ``moved``: whether links and ticket that were emailed before still open it."""
    arrivals: tuple[Arrival, ...] = ()
    undone_nonces: tuple[str, ...] = ()
    """Scans that were undone: a late retry of one must not check anybody in again."""
    arrivals_version: int = 0
    """Rises with every check-in and every undoing. Emails and calendars go by ``version`` alone."""
    allocation: dict[str, int] = {}
    quiet: bool = False
    """Only where it is ``cancelled``: whether we owe no email about that."""
    idempotency_key: str
    fingerprint: str
    created_at: datetime
    changed_at: datetime
    mailed_at: datetime
    """When we last came to owe this address a confirmation; see MAIL_AGAIN_AFTER_SECONDS."""
    request_id: str = ""
    """Of the request that last made us owe it an email: the logs of that email say so too."""
    shown: int | None = None
    """The session's sequence when the form was shown that booked it; None if that is not known."""

    @property
    def lives_at(self) -> BookingAddress:
        """Where this booking is, and which one it has to be there."""
        return BookingAddress(self.session_id, self.key, self.booking_id)

    @property
    def path(self) -> str:
        """How an organiser's path names this booking."""
        return f"{self.key}.{self.booking_id}"

    @property
    def emails_caused_by(self) -> str:
        """Which source its emails count against; "" if they count against none."""
        return self.source if self.asked_from is None else self.asked_from

    @property
    def arrived(self) -> int:
        """How many of the party are in."""
        return sum(arrival.places for arrival in self.arrivals)


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
        detail = "Some answers may tell of health or belief. Send consent as true, or leave them out."
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


def new_booking(
    session: Session,
    party: Party,
    *,
    key_secret: bytes,
    key: str,
    booking_id: str,
    idempotency_key: str | None,
    source: str = "",
    request_id: str = "",
    shown: int | None = None,
    now: datetime,
) -> Booking:
    """Return the booking that this party wants in this session; nothing is taken for it yet."""
    return Booking(
        session_id=session.session_id,
        key=key,
        booking_id=booking_id,
        event_id=session.event_id,
        organiser_id=session.organiser_id,
        status="confirmed",
        version=1,
        source=source,
        # Without a key of its own, a request is only ever a replay of itself.
        idempotency_key=idempotency_key or booking_id,
        fingerprint=party.fingerprint(key_secret),
        created_at=now,
        changed_at=now,
        mailed_at=now,
        request_id=request_id,
        shown=shown,
        **msgspec.structs.asdict(party),
    )


def require_same_request(wanted: Booking, existing: Booking) -> None:
    """Refuse a request that comes under the Idempotency-Key of another, with IdempotencyKeyReused."""
    if existing.fingerprint != wanted.fingerprint:
        raise IdempotencyKeyReused


def require_there(booking: Booking | None) -> Booking:
    """Return the booking that was looked for, or raise NotFound if there is none."""
    if booking is None:
        raise NotFound("There is no such booking in this session.")
    return booking
