"""Correcting a booking's address, sending its email again, cancelling many: requests and refusals."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from chalicelib.domain import field_checks
from chalicelib.domain.attendee import Address
from chalicelib.domain.booking import Booking
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.refusals import Refusal
from chalicelib.domain.session import Session
from chalicelib.domain.validation import decode, email_by_either_name

NOTHING_MAILED = "We send no more email about it."
"""What it means for a booking that its session is over."""

SEND_AGAIN_PAUSE = timedelta(minutes=1)
"""The least time between two requests to send a booking's email again: a double click counts once."""

Remedy = Literal["send_again", "correct_address"]


class CorrectionRequest(Struct, frozen=True, kw_only=True):
    """The body of POST .../bookings/{booking}/address."""

    email: Address
    keep_links: bool = False


def read_correction_request(raw: object) -> CorrectionRequest:
    """Return the request with its address normalised, or raise Invalid."""
    checks = {"email": field_checks.mail_address}
    return decode(CorrectionRequest, email_by_either_name(raw), checks=checks)


def remedies(
    booking: Booking, session: Session, outcomes: Iterable[tuple[str, str | None]], now: datetime
) -> tuple[Remedy, ...]:
    """Return what can be done about emails to this booking with these outcomes, each (state, reason).

    A postponed email goes by itself.
    """
    stuck = [outcome for outcome in outcomes if outcome[0] != "postponed"]
    called_off = session.status == "cancelled" and booking.status == "confirmed"
    if not stuck or called_off or now > session.ends_at:
        return ()
    corrects: tuple[Remedy, ...] = ("correct_address",) if booking.status == "confirmed" else ()
    return corrects if any("complained" in outcome for outcome in stuck) else ("send_again", *corrects)


class ShownBooking(Struct, frozen=True, kw_only=True):
    """A booking as the list showed it."""

    booking: Annotated[
        str, Meta(pattern=r"^[a-z2-7]{32}\.[a-z2-7]{24}\Z", description="Use the last part of its url.")
    ]
    version: Annotated[int, Meta(ge=1)]

    def lives_at(self, session_id: str) -> BookingAddress:
        """Where it was when it was shown."""
        return BookingAddress(session_id, *self.booking.split("."))


class BulkCancellation(Struct, frozen=True, kw_only=True):
    """The body of POST .../cancel-bookings.

    ``tell`` has no default, as both can do harm: an email to a stranger, or a person who comes in vain.
    """

    bookings: Annotated[tuple[ShownBooking, ...], Meta(max_length=500)]
    tell: bool


class LeftBooking(ShownBooking, frozen=True, kw_only=True):
    """A booking that this request did not cancel. ``why`` is the code of a refusal."""

    why: str


class BulkCancelled(Struct, frozen=True, kw_only=True):
    """What this request cancelled, and what it left."""

    cancelled: int
    places: int
    left: list[LeftBooking]


class AddressHasBooking(Refusal):
    """The address has a booking in this session. ``booking`` is its name in paths, for organisers only."""

    code = "address_has_booking"
    title = "This address already has a booking"

    def __init__(self, reference: str, booking: str) -> None:
        super().__init__(
            f"The reference of that booking is {reference}.",
            reference=reference,
            booking=booking,
        )


class BookingNotLive(Refusal):
    """The booking was cancelled, so it has no place that could go to another address."""

    code = "booking_not_live"
    title = "This booking was cancelled"

    def __init__(self) -> None:
        super().__init__("Make a new booking with the correct address instead.")


class NotCorrectable(Refusal):
    """The attendee's one correction is used up, or what hangs on the address forbids it."""

    code = "not_correctable"
    title = "You can't change this email address here any more"

    def __init__(self) -> None:
        super().__init__(
            "You can correct it once, and only before anyone in your party has checked in. "
            "If two bookings were made with this address, it can't be changed here either. "
            "Please ask the organiser to change it."
        )


def require_correctable(booking: Booking) -> None:
    """Refuse to its attendee to correct this booking's address, with BookingNotLive or NotCorrectable."""
    if booking.status == "cancelled":
        raise BookingNotLive
    if not is_correctable(booking):
        raise NotCorrectable


def is_correctable(booking: Booking) -> bool:
    """Return whether its attendee may correct the address of a booking that stands.

    Not if another booking was given up for it (own_corrections.py): its reader would be left with neither.
    """
    return booking.status == "confirmed" and not (booking.corrected or booking.arrivals or booking.not_kept)


class RecipientComplained(Refusal):
    """An address that reported our email as spam gets no more, or providers would block email to others."""

    code = "recipient_complained"
    title = "This address does not want our email"

    def __init__(self) -> None:
        super().__init__(
            "It reported an email of ours as spam, so we have stopped. "
            "Ask the person for another address, then correct the booking."
        )


class MailedJustNow(Refusal):
    """The last email was requested less than a minute ago. Another now would only be a copy."""

    code = "mailed_just_now"
    title = "The last email was requested less than a minute ago"

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            "Check first whether it arrived.",
            retry_after=retry_after_seconds,
        )
        self.retry_after_seconds = retry_after_seconds
