"""A booking: one party of n places in one session."""

import hashlib
import hmac
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from chalicelib.domain.ids import reference
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.questions import Answers
from chalicelib.domain.refusals import IdempotencyKeyReused, NotFound
from chalicelib.domain.session import Session

MAIL_AGAIN_AFTER_SECONDS = 600
"""The least time between two emails to an address that asks for them."""

TURNS_USED_MAX = 10
"""How many turns a key remembers. With more, all that joined before the first of these count as used."""

BookingStatus = Literal["confirmed", "cancelled", "moved"]
"""``moved``: its address was corrected, so it lives at another key now, which ``moved_to`` names."""
IdempotencyKey = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[\x21-\x7e]+$")]


class AskedAgain(Struct, frozen=True, kw_only=True):
    """Somebody wants the email again of what an address has booked. Its keys alone say which address."""

    session_id: str
    keys: tuple[str, ...]
    """At which the address may book in this session."""
    asked_at: datetime
    source: str = ""
    """A hash of the network that the request came from. The emails count against it."""
    request_id: str = ""
    not_kept: int = 0
    """How many places were to be booked with this address beside what it has, and were not."""


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
    """The same of the last request for its email again, "" for an organiser's; None before the first."""
    moved_to: str | None = None
    corrected: int = 0
    """The version with which its attendee corrected its address, as they may once; 0 if they didn't."""
    links_kept: bool = False
    """Only where it is ``moved``: whether links and ticket that were emailed before still open it."""
    new_reference: str = ""
    """What it prints since its address was corrected and the emailed links ended; see reference_of."""
    turn: int | None = None
    """Which turn in a queue booked it (queue.turn_of); None if no turn did, or for one from before this."""
    turns_used: tuple[int, ...] = ()
    """The turns, in order, whose bookings left this key because their attendees corrected the address.

    The next booking at the key takes them over: see keeps_out."""
    arrivals: tuple[Arrival, ...] = ()
    undone_nonces: tuple[str, ...] = ()
    """Scans that were undone: a late retry of one must not check anybody in again."""
    arrivals_version: int = 0
    """Rises with every check-in and every undoing. Emails and calendars go by ``version`` alone."""
    allocation: dict[str, int] = {}
    cancelled_by: Literal["attendee", "organiser"] | None = None
    """None for one that stands, or that was cancelled before this was kept."""
    quiet: bool = False
    """Only where it is ``cancelled``: whether we owe no email about that."""
    not_kept: int = 0
    """What AskedAgain says of it, for the email of this version alone."""
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

    def keeps_out(self, wanted: "Booking") -> bool:
        """Return whether this, at its key, keeps that one from being booked there (store/capacity.py).

        A turn whose booking was corrected away from the key books there no more: else it would book without
        end. Another turn of the address does, for somebody else may have mistyped theirs.
        """
        if self.status == "confirmed" or self.idempotency_key == wanted.idempotency_key:
            return True
        if wanted.turn is None:
            return False
        full = len(self.turns_used) == TURNS_USED_MAX
        return wanted.turn in self.turns_used or (full and wanted.turn < self.turns_used[0])

    @property
    def turns_used_up(self) -> tuple[int, ...]:
        """What ``turns_used`` is once its attendee takes it to another address."""
        if self.turn is None:
            return self.turns_used
        return tuple(sorted({*self.turns_used, self.turn}))[-TURNS_USED_MAX:]

    @property
    def arrived(self) -> int:
        """How many of the party are in."""
        return sum(arrival.places for arrival in self.arrivals)


def reference_of(booking: Booking) -> str:
    """Return the reference that this booking prints: short enough to read out, and it opens nothing.

    It lets a party in at the door, so what was emailed to a wrong address must not tell it.
    """
    return booking.new_reference or reference(booking.booking_id)


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
