"""Everything that can go wrong for a user, in order of precedence.

    Refusal
    ├── TooManyRequests       one source sends more than people do; the request was not looked at
    ├── Invalid               a field is wrong; each is named
    ├── NotFound              there is no such event, session or booking, or the caller may not see it
    ├── Forbidden             the token does not allow this
    ├── LinkExpired           the link in the email has expired
    │
    │   the retry of a request that booked is answered before the business rules
    ├── IdempotencyKeyReused  the same key with another body
    │
    ├── NotPublished          the organiser is still preparing the event
    ├── Cancelled             the event or the session is cancelled
    ├── NotOpenYet            booking opens later; says when
    ├── Closed                it is too late to book, or the organiser has stopped bookings
    ├── TooManyPlaces         more places than one booking can have
    ├── NotAdmitted, NotYourTurn, NoQueue     about the queue (domain/admission_refusals.py)
    ├── SoldOut               not enough places are left for this party
    ├── AlreadyBooked         this address has a booking; only who could book here hears so
    │
    ├── WrongSession, AlreadyArrived, TooManyArriving, ... at the door (domain/door_refusals.py)
    ├── BelowBooked           the new capacity is below what is booked
    ├── SlugTaken             another event has that slug
    ├── SessionBooked, NotDraft, StillDraft   about deleting (domain/deletion_refusals.py)
    ├── SessionOver           the session has taken place
    │
    │   an organiser corrects a booking, books for someone or sends an email again (domain/correction.py)
    ├── AddressHasBooking     that address already has a booking in this session
    ├── BookingNotLive        the booking was cancelled, so its address can't be corrected
    ├── NotCorrectable        the attendee corrected it before, or more hangs on it by now
    ├── RecipientComplained   that address reported our email as spam
    ├── MailedJustNow         the last email was requested less than a minute ago
    │
    ├── TooManyTokens, TokenInUse, TokenMade  about an organiser's tokens (domain/token_request.py)
    ├── PreconditionRequired  a change must say which version it changes (domain/versions.py)
    ├── ChangedMeanwhile      this has changed since the caller read it
    └── Busy                  try again in a moment; that is safe

A refusal is an answer, not an error: nothing was stored. web/http/replies.py has each one's HTTP status.
"""

from datetime import datetime
from typing import Any, ClassVar

from msgspec import Struct

from chalicelib.domain.wording import utc_in_words


class FieldError(Struct, frozen=True):
    """One wrong field: an RFC 6901 JSON pointer into the request, a stable code, and what to do."""

    pointer: str
    code: str
    detail: str


class Refusal(Exception):
    """A "no" with a code. ``detail`` is for the person, in a sentence or two; ``facts`` are for programs."""

    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class TooManyRequests(Refusal):
    """One network sends more requests than people do. The request was not looked at."""

    code = "too_many_requests"
    title = "Too many requests"

    def __init__(self, retry_after_seconds: int) -> None:
        wait = "1 second" if retry_after_seconds == 1 else f"{retry_after_seconds} seconds"
        super().__init__(
            "We limit how many requests one network can send in a minute. "
            f"Please try again in {wait}: it is safe to send this again.",
            retry_after=retry_after_seconds,
        )
        self.retry_after_seconds = retry_after_seconds


class Invalid(Refusal):
    """One or more fields are wrong. Each is named in ``errors``."""

    code = "invalid"
    title = "There is a problem"

    def __init__(self, errors: list[FieldError]) -> None:
        count = "1 answer" if len(errors) == 1 else f"{len(errors)} answers"
        super().__init__(f"Please check {count}.")
        self.errors = errors


class NotFound(Refusal):
    """There is nothing at this address, or nothing that this caller may see."""

    code = "not_found"
    title = "Not found"


class Forbidden(Refusal):
    """The token is valid, but it does not allow this."""

    code = "forbidden"
    title = "Not allowed"


class LinkExpired(Refusal):
    """A link from an email has expired."""

    code = "link_expired"
    title = "This link has expired"


class IdempotencyKeyReused(Refusal):
    """The same Idempotency-Key came before, with a different body."""

    code = "idempotency_key_reused"
    title = "This Idempotency-Key was used for a different request"

    def __init__(self) -> None:
        super().__init__("Use a new key for a request with different details.")


class AlreadyBooked(Refusal):
    """The address has a booking in this session. Its details are only in the email."""

    code = "already_booked"
    title = "There is already a booking with this address"

    def __init__(self) -> None:
        super().__init__(
            "Look for our email in your inbox and your spam folder. If it is not there, ask for it again."
        )


class NotPublished(Refusal):
    """The event exists, but it is not published yet."""

    code = "not_published"
    title = "Not published yet"

    def __init__(self) -> None:
        super().__init__("The organiser is still preparing this event. Please come back later.")


class Cancelled(Refusal):
    """The event or the session is cancelled."""

    code = "cancelled"
    title = "Cancelled"

    def __init__(self, detail: str = "Sorry, the organiser has cancelled this.") -> None:
        super().__init__(detail)


class NotOpenYet(Refusal):
    """Booking opens later."""

    code = "not_open_yet"
    title = "Booking is not open yet"

    def __init__(self, opens_at: datetime) -> None:
        super().__init__(f"Booking opens at {utc_in_words(opens_at)}.", opens_at=opens_at)


class Closed(Refusal):
    """It is too late to book, or the organiser has stopped bookings."""

    code = "closed"
    title = "Booking is closed"

    def __init__(
        self, detail: str = "It is too late to book, or the organiser has stopped taking bookings."
    ) -> None:
        super().__init__(detail)


class TooManyPlaces(Refusal):
    """One booking can't have this many places."""

    code = "too_many_places"
    title = "Too many places"

    def __init__(self, places_max: int) -> None:
        super().__init__(f"The most you can book at once is {places_max}.", places_max=places_max)


class SoldOut(Refusal):
    """Not enough places are left for this party. ``places_left`` is how many may be left at most."""

    code = "sold_out"
    title = "Not enough places left"

    def __init__(self, places: int, places_left: int) -> None:
        detail = "No places are left."
        if places_left == 1:
            detail = "Only 1 place is left."
        elif places_left > 1:
            detail = f"Only {places_left} places are left. Choose {places_left} or fewer."
        super().__init__(detail, places=places, places_left=max(0, places_left))


class BelowBooked(Refusal):
    """The capacity of a session can't be lower than the places booked in it."""

    code = "below_booked"
    title = "More places are booked than that"

    def __init__(self, capacity_min: int) -> None:
        super().__init__(f"Choose a capacity of at least {capacity_min}.", capacity_min=capacity_min)


class SlugTaken(Refusal):
    """Each slug belongs to one event of all organisers, because it is in public links."""

    code = "slug_taken"
    title = "That slug is taken"

    def __init__(self, slug: str) -> None:
        super().__init__("Another event uses it. Please choose a different one.", slug=slug)


class SessionOver(Refusal):
    """The session has taken place: its time and venue can't change, and we send no more email about it."""

    code = "session_over"
    title = "This session is over"

    def __init__(self, detail: str = "Its time and venue can't change any more.") -> None:
        super().__init__(detail)


class ChangedMeanwhile(Refusal):
    """If-Match names a version that is not the present one (RFC 9110, section 13.1.1)."""

    code = "changed_meanwhile"
    title = "This has changed since you read it"

    def __init__(self) -> None:
        super().__init__("Read it again, then make your change.")


class Busy(Refusal):
    """Too much is going on at once. It is safe to try again: nothing is done twice."""

    code = "busy"
    title = "Busy"

    def __init__(self, retry_after_seconds: int = 2) -> None:
        super().__init__(
            "We can't do this right now. Please try again in a moment: it is safe to send this again.",
            retry_after=retry_after_seconds,
        )
        self.retry_after_seconds = retry_after_seconds
