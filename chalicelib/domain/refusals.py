"""Everything that can go wrong for a user, in order of precedence.

    Refusal
    ├── TooManyRequests       one source sends more than people do; nothing of it was looked at
    ├── Invalid               a field is wrong; each is named
    ├── NotFound              no such event, session or booking (or not yours to see)
    ├── Forbidden             your token does not reach that far
    ├── LinkExpired           the link in the mail is past its time
    │
    │   duplicates are answered before the business rules
    ├── IdempotencyKeyReused  the same key with another body
    ├── AlreadyBooked         this address has a place; we have mailed it
    │
    ├── NotPublished          the organiser is still working on it
    ├── Cancelled             the event or the session is off
    ├── NotOpenYet            booking starts later; says when
    ├── Closed                booking is over
    ├── TooManyPlaces         more than one booking may take
    ├── NotAdmitted, NotYourTurn, NoQueue     about the queue (domain/admission_refusals.py)
    ├── SoldOut               not enough places left for this party
    │
    ├── WrongSession, CheckInUndone, BookingCancelled, CheckInNotOpenYet, AlreadyArrived, TooManyArriving,
    ├── PartyArrived          at the door (domain/door_refusals.py)
    ├── BelowBooked           an organiser shrinks a session below what is booked
    ├── SlugTaken             another event has that slug
    ├── SessionOver           it has taken place
    │
    │   an organiser corrects a booking, or books or mails for somebody (domain/correction.py)
    ├── AddressHasBooking     that address has a booking here
    ├── BookingNotLive        it was cancelled, so nothing can be corrected
    ├── RecipientComplained   whoever reads that address wants no mail of ours
    ├── MailedJustNow         the last mail has hardly left
    │
    ├── TooManyTokens, TokenInUse             about an organiser's tokens (domain/token_request.py)
    ├── PreconditionRequired  a change has to say which version it changes (domain/versions.py)
    ├── ChangedMeanwhile      what you changed is no longer what you read
    └── Busy                  try again shortly; that is safe

A refusal is an answer, not an error: nothing was stored. ``code`` is stable API;
web/http/replies.py maps each to its HTTP status, and a test proves that map whole.
"""

from datetime import datetime
from typing import Any, ClassVar, Literal

from msgspec import Struct

from chalicelib.domain.wording import utc_in_words


class FieldError(Struct, frozen=True):
    """One wrong field: an RFC 6901 JSON pointer into the request, a stable code, and a sentence."""

    pointer: str
    code: str
    detail: str


class Refusal(Exception):
    """A "no" with a code. ``detail`` is a sentence for the person; ``facts`` are for programs."""

    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class TooManyRequests(Refusal):
    """One source sends more bookings than people do. Nothing of the request was looked at."""

    code = "too_many_requests"
    title = "Too many requests"

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            "Too many requests came from your network within a minute. "
            f"Please send this again in {retry_after_seconds} seconds: that is safe.",
            retry_after=retry_after_seconds,
        )
        self.retry_after_seconds = retry_after_seconds


class Invalid(Refusal):
    """One or more fields can't be accepted as they are."""

    code = "invalid"
    title = "Some of what you sent can't be accepted"

    def __init__(self, errors: list[FieldError]) -> None:
        count = "one field needs" if len(errors) == 1 else f"{len(errors)} fields need"
        super().__init__(f"Please look again: {count} attention.")
        self.errors = errors


class NotFound(Refusal):
    """There is nothing here, or nothing that this caller may know of."""

    code = "not_found"
    title = "Not found"


class Forbidden(Refusal):
    """The caller is known, but its token does not reach this."""

    code = "forbidden"
    title = "Not allowed"


class LinkExpired(Refusal):
    """A link from a mail, used after its time."""

    code = "link_expired"
    title = "This link has expired"


class IdempotencyKeyReused(Refusal):
    """The same Idempotency-Key and address came before with a different body."""

    code = "idempotency_key_reused"
    title = "This Idempotency-Key was used for a different request"


class AlreadyBooked(Refusal):
    """The address has a booking in this session. What it holds is in the mail only."""

    code = "already_booked"
    title = "This address has already booked"

    def __init__(self) -> None:
        super().__init__(
            "There is already a booking for this address. We have mailed its details to that address."
        )


class NotPublished(Refusal):
    """The event exists but isn't public yet."""

    code = "not_published"
    title = "Not published yet"

    def __init__(self) -> None:
        super().__init__("The organiser has not published this event yet.")


class Cancelled(Refusal):
    """The event or the session won't take place."""

    code = "cancelled"
    title = "Cancelled"

    def __init__(self) -> None:
        super().__init__("This has been cancelled by the organiser.")


class NotOpenYet(Refusal):
    """Booking starts later."""

    code = "not_open_yet"
    title = "Booking is not open yet"

    def __init__(self, opens_at: datetime) -> None:
        super().__init__(
            f"Booking opens at {utc_in_words(opens_at)}.",
            opens_at=opens_at,
        )


class Closed(Refusal):
    """Booking is over for this session."""

    code = "closed"
    title = "Booking is closed"

    def __init__(self, detail: str = "Booking for this session is closed.") -> None:
        super().__init__(detail)


class TooManyPlaces(Refusal):
    """The party is larger than one booking may be."""

    code = "too_many_places"
    title = "Too many places"

    def __init__(self, places_max: int) -> None:
        super().__init__(f"One booking can take at most {places_max} places.", places_max=places_max)


class SoldOut(Refusal):
    """Not enough places are left for this party. A smaller one may still fit."""

    code = "sold_out"
    title = "Not enough places left"

    def __init__(self, places: int, where: Literal["session", "event"] = "session") -> None:
        super().__init__(
            f"This {where} is sold out."
            if places == 1
            else f"There are no {places} places left in this {where}. A smaller party may still fit.",
            places=places,
        )


class BelowBooked(Refusal):
    """A session can't shrink below the places already booked in it."""

    code = "below_booked"
    title = "More places are booked than that"

    def __init__(self, capacity_min: int) -> None:
        super().__init__(
            f"{capacity_min} places are booked; the capacity can't go below that.",
            capacity_min=capacity_min,
        )


class SlugTaken(Refusal):
    """Slugs are unique across all organisers, because they are in public links."""

    code = "slug_taken"
    title = "That slug is taken"

    def __init__(self, slug: str) -> None:
        super().__init__("Another event has this slug; please choose a different one.", slug=slug)


class SessionOver(Refusal):
    """A session that has taken place is history: it can't be moved, and nothing about it is mailed."""

    code = "session_over"
    title = "This session is over"

    def __init__(self, consequence: str = "its time and venue can't be changed") -> None:
        super().__init__(f"This session is over, so {consequence}.")


class ChangedMeanwhile(Refusal):
    """An organiser's If-Match names a version that is not the present one (RFC 9110, section 13.1.1)."""

    code = "changed_meanwhile"
    title = "Somebody changed this in the meantime"

    def __init__(self) -> None:
        super().__init__("This is no longer what you read. Please read it again, then change it.")


class Busy(Refusal):
    """Too much is going on at once. Trying again is safe: nothing is ever done twice."""

    code = "busy"
    title = "Busy"

    def __init__(self, retry_after_seconds: int = 2) -> None:
        super().__init__(
            "A lot is going on right now. Please try again in a moment: that is safe.",
            retry_after=retry_after_seconds,
        )
        self.retry_after_seconds = retry_after_seconds
