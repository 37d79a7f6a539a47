"""Correcting a booking's address and sending its mail again: what an organiser sends, and hears."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from chalicelib.domain import field_checks
from chalicelib.domain.attendee import Address
from chalicelib.domain.booking import Booking
from chalicelib.domain.refusals import Refusal
from chalicelib.domain.session import Session
from chalicelib.domain.validation import decode

NOTHING_MAILED = "nothing about it is mailed any more"
"""What it means for a booking that its session is over."""

SEND_AGAIN_PAUSE = timedelta(minutes=1)
"""How often at most an organiser may have a booking's mail sent again: a press that is repeated is one."""

Remedy = Literal["send_again", "correct_address"]


class CorrectionRequest(Struct, frozen=True, kw_only=True):
    """The body of POST .../bookings/{booking}/address."""

    email: Address


def read_correction_request(raw: object) -> str:
    """Return the normalised address, or raise Invalid."""
    return decode(CorrectionRequest, raw, checks={"email": field_checks.mail_address}).email


def remedies(
    booking: Booking, session: Session, outcomes: Iterable[tuple[str, str | None]], now: datetime
) -> tuple[Remedy, ...]:
    """Return what can be done about mails to this booking with these outcomes, each (state, reason).

    One that is postponed goes by itself.
    """
    stuck = [outcome for outcome in outcomes if outcome[0] != "postponed"]
    called_off = session.status == "cancelled" and booking.status == "confirmed"
    if not stuck or called_off or now > session.ends_at:
        return ()
    corrects: tuple[Remedy, ...] = ("correct_address",) if booking.status == "confirmed" else ()
    return corrects if any("complained" in outcome for outcome in stuck) else ("send_again", *corrects)


class AddressHasBooking(Refusal):
    """The address has a booking here; ``booking`` is its name in paths. Only organisers are told so much."""

    code = "address_has_booking"
    title = "This address has a booking already"

    def __init__(self, reference: str, booking: str) -> None:
        super().__init__(
            f"This address has a booking in this session already: {reference}.",
            reference=reference,
            booking=booking,
        )


class BookingNotLive(Refusal):
    """A booking that was cancelled holds no place that could go to another address."""

    code = "booking_not_live"
    title = "That booking was cancelled"

    def __init__(self) -> None:
        super().__init__("This booking was cancelled. Book for the right address instead.")


class RecipientComplained(Refusal):
    """Who reported our mail as spam gets none, whatever an organiser says: it would cost everybody theirs."""

    code = "recipient_complained"
    title = "This address does not want our mail"

    def __init__(self) -> None:
        super().__init__(
            "Whoever reads this address reported a mail of ours as unwanted, so we send none there. "
            "Ask them for another address, and correct it."
        )


class MailedJustNow(Refusal):
    """The last mail was owed less than a minute ago: another now would only be a copy."""

    code = "mailed_just_now"
    title = "The last mail has hardly left"

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            "A mail to this address was asked for within the last minute. See how far it gets first.",
            retry_after=retry_after_seconds,
        )
        self.retry_after_seconds = retry_after_seconds
