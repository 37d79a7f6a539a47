"""An event: what an organiser announces, and the rules on when it can be booked."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from chalicelib.domain.questions import Question
from chalicelib.domain.refusals import Cancelled, NotOpenYet, NotPublished, TooManyPlaces

PLACES_PER_BOOKING_MAX = 20
"""No event may allow larger parties than this: a party has to fit into one mail and one transaction."""

BOOKINGS_PER_ADDRESS_MAX = 5
"""No event may let one address book a session more often: all of its bookings are looked at each time."""

ADMISSIONS_PER_SECOND_MAX = 5000

_RUSH_LASTS = timedelta(seconds=5)
"""Longer than a session that everybody wants takes to sell out."""

AdmissionMode = Literal["open", "queue"]
"""``queue``: from the opening on, booking goes in turn (domain/queue.py)."""

EventStatus = Literal["draft", "published", "cancelled"]

CounterPart = Literal["hosts", "towns", "booked", "places_left"]
"""What an event's counter may say: domain/so_far.py has what each means."""

COUNTER_PARTS: tuple[CounterPart, ...] = ("hosts", "towns", "booked", "places_left")

Reminder = Literal["day_before", "two_hours_before"]
"""Before what a reminder goes out: domain/kinds.py has the times."""

Slug = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9](?:[a-z0-9-]{1,58}[a-z0-9])$",
        description="Use 3 to 60 lower-case letters, digits and hyphens, without a hyphen at either end.",
    ),
]
Title = Annotated[str, Meta(min_length=1, max_length=120)]
Description = Annotated[str, Meta(max_length=4000)]
Url = Annotated[str, Meta(max_length=500)]
OrganiserName = Annotated[str, Meta(min_length=1, max_length=120)]
Contact = Annotated[str, Meta(min_length=1, max_length=254)]
Price = Annotated[str, Meta(min_length=1, max_length=200)]
Noun = Annotated[str, Meta(min_length=1, max_length=30)]
Colour = Annotated[
    str,
    Meta(
        pattern=r"^#[0-9A-Fa-f]{6}\Z",
        description="Enter a colour as # and six hexadecimal digits, for example #1d4f91.",
    ),
]


class OrganisersEvent(Struct, frozen=True, kw_only=True):
    """What an organiser is shown of an event. Times are aware and in UTC."""

    event_id: str
    slug: str
    status: EventStatus = "draft"
    title: str
    description: str = ""
    language: str = "en"
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    places_per_booking_max: int = 6
    bookings_per_address_max: int = 1
    """In each session."""
    questions: tuple[Question, ...] = ()
    reply_to: str | None = None
    return_urls: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    admission: AdmissionMode = "open"
    admissions_per_second: int = 50
    organiser_name: str | None = None
    """The people behind the event, as they call themselves in public."""
    contact: str | None = None
    """How to reach them: an email address or a telephone number."""
    privacy_url: str | None = None
    price: str | None = None
    """In words: we take no payments."""
    session_noun: str = "session"
    """What one sitting is called."""
    reminders: tuple[Reminder, ...] = ("day_before",)
    """When who has booked is reminded."""
    counter: tuple[CounterPart, ...] = COUNTER_PARTS
    """What everybody may see of it."""
    picture_url: str | None = None
    """What other sites show beside a link to the event. Our own pages never load it."""
    accent_colour: str | None = None


class Event(OrganisersEvent, frozen=True, kw_only=True):
    """An event as stored."""

    organiser_id: str
    line_seed: str = ""
    """32 random bytes in hex, on which the draw depends: secret until the draw is over."""
    request_id: str = ""
    """Of the request that cancelled it: the logs of what follows say so too."""
    fingerprint: str = ""
    """Of the request that created it, if that had an Idempotency-Key (domain/once.py)."""
    cancellation_reason: str | None = None
    zones: tuple[str, ...] | None = None
    """All that its sessions have ever had; None if nobody knows, of an event from before this was kept."""
    version: int = 1


def require_event_changeable(event: Event) -> None:
    """Refuse a change of a cancelled event with Cancelled, in words for its organiser."""
    if event.status == "cancelled":
        raise Cancelled("This event is cancelled, and a cancelled event can't be changed or published.")


def says_zone(event: Event) -> bool:
    """Return whether times have to name their zone, since not all of the event's are in the same one."""
    return event.zones is None or len(event.zones) > 1


def require_party_fits(event: Event, places: int) -> None:
    """Refuse a party larger than one booking of this event may be, with TooManyPlaces."""
    if places > event.places_per_booking_max:
        raise TooManyPlaces(event.places_per_booking_max)


def is_rush(event: Event, now: datetime) -> bool:
    """Return whether this is the moment at which everybody comes at once: just after the opening."""
    if event.opens_at is None or event.admission == "queue":
        return False
    return event.opens_at <= now < event.opens_at + _RUSH_LASTS


def require_bookable_event(event: Event, now: datetime) -> None:
    """Refuse with NotPublished, Cancelled or NotOpenYet, in that order. Closing is the session's rule."""
    if event.status == "draft":
        raise NotPublished
    if event.status == "cancelled":
        raise Cancelled
    if event.opens_at is not None and now < event.opens_at:
        raise NotOpenYet(event.opens_at)
