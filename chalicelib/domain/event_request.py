"""What an organiser sends to create or change an event.

Its bounds stand here and not in the struct that is stored, or a bound that is drawn tighter some day, or text
that grew when it was tidied, would make an event that can't be read.
"""

from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from chalicelib.domain import field_checks
from chalicelib.domain.attendee import Address
from chalicelib.domain.event import (
    ADMISSIONS_PER_SECOND_MAX,
    BOOKINGS_PER_ADDRESS_MAX,
    COUNTER_PARTS,
    PLACES_PER_BOOKING_MAX,
    AdmissionMode,
    Colour,
    Contact,
    CounterPart,
    Description,
    Event,
    Noun,
    OrganiserName,
    Price,
    Reminder,
    Slug,
    Title,
    Url,
)
from chalicelib.domain.questions import QUESTIONS_MAX, Question, check_questions
from chalicelib.domain.refusals import FieldError, Invalid
from chalicelib.domain.validation import Check, decode

OPENING_AHEAD_MIN = timedelta(minutes=1)
"""How far ahead the opening of a queue that people wait in can be moved to: by then every process knows."""

Language = Annotated[
    str,
    Meta(
        pattern=r"^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$",
        max_length=35,
        description="Enter the language as a BCP 47 tag, for example en or en-GB.",
    ),
]
Instant = Annotated[
    datetime, Meta(tz=True, description="Enter the time with its offset, for example 2027-09-05T18:00:00Z.")
]


_FACE = {
    "organiser_name": "People need to know who is behind the event.",
    "contact": "People need a way to reach you.",
}
"""What the public is told of an organiser, whatever else they leave out; and why."""


class EventRequest(Struct, frozen=True, kw_only=True):
    """An event as its organiser describes it: the body of POST /admin/events."""

    slug: Slug
    title: Title
    description: Description = ""
    language: Language = "en"
    opens_at: Instant | None = None
    closes_at: Instant | None = None
    places_per_booking_max: Annotated[int, Meta(ge=1, le=PLACES_PER_BOOKING_MAX)] = 6
    bookings_per_address_max: Annotated[int, Meta(ge=1, le=BOOKINGS_PER_ADDRESS_MAX)] = 1
    questions: Annotated[tuple[Question, ...], Meta(max_length=QUESTIONS_MAX)] = ()
    reply_to: Address | None = None
    return_urls: Annotated[tuple[Url, ...], Meta(max_length=20)] = ()
    allowed_origins: Annotated[tuple[Url, ...], Meta(max_length=20)] = ()
    admission: AdmissionMode = "open"
    admissions_per_second: Annotated[int, Meta(ge=1, le=ADMISSIONS_PER_SECOND_MAX)] = 50
    organiser_name: OrganiserName | None = None
    contact: Contact | None = None
    privacy_url: Url | None = None
    price: Price | None = None
    session_noun: Noun = "session"
    reminders: Annotated[tuple[Reminder, ...], Meta(max_length=2)] = ("day_before",)
    counter: Annotated[tuple[CounterPart, ...], Meta(max_length=len(COUNTER_PARTS))] = COUNTER_PARTS
    picture_url: Url | None = None
    accent_colour: Colour | None = None


_CHECKS: dict[str, Check] = {
    "slug": field_checks.slug,
    "title": field_checks.line,
    "description": field_checks.text,
    "language": field_checks.line,
    "opens_at": field_checks.instant,
    "closes_at": field_checks.instant,
    "questions": check_questions,
    "reply_to": field_checks.address_for_people,
    "return_urls": field_checks.each(field_checks.web_url),
    "allowed_origins": field_checks.each(field_checks.web_origin),
    "organiser_name": field_checks.line,
    "contact": field_checks.contact,
    "privacy_url": field_checks.web_url,
    "price": field_checks.line,
    "session_noun": field_checks.noun,
    "picture_url": field_checks.https_url,
    "accent_colour": field_checks.accent_colour,
}


_OTHER_CALLS = {"status": "To change the status, send a POST to .../publish or .../cancel."}


def read_event_request(raw: object) -> EventRequest:
    """Return the parsed JSON as a checked request, or raise Invalid naming every field that is wrong."""
    request = decode(EventRequest, raw, checks=_CHECKS, other_calls=_OTHER_CALLS)
    if request.opens_at and request.closes_at and request.opens_at >= request.closes_at:
        detail = "Choose a closing time after the opening time."
        raise Invalid([FieldError("/closes_at", "order", detail)])
    if request.admission == "queue" and request.opens_at is None:
        detail = "A queue needs an opening time. It can be in the past."
        raise Invalid([FieldError("/opens_at", "missing", detail)])
    # The same one twice is kept once, as in the lists of addresses.
    once = {name: tuple(dict.fromkeys(getattr(request, name))) for name in ("reminders", "counter")}
    return msgspec.structs.replace(request, **once)


def new_event(
    request: EventRequest, *, event_id: str, organiser_id: str, line_seed: str, fingerprint: str = ""
) -> Event:
    """Return the event that this request creates: a draft."""
    return Event(
        event_id=event_id,
        organiser_id=organiser_id,
        line_seed=line_seed if request.admission == "queue" else "",
        fingerprint=fingerprint,
        zones=(),
        **msgspec.structs.asdict(request),
    )


def changed_event(event: Event, patch: object, *, now: datetime, line_seed: str) -> Event:
    """Return the event, one version on, with a JSON merge patch (RFC 7396) applied.

    ``line_seed`` becomes its queue's if that is switched on and its draw is yet to come.

    What the patch does not name stays; null takes away what may be missing. Raises Invalid,
    also for another slug: it is in links that are out in the world.
    """
    if not isinstance(patch, dict):
        raise Invalid([FieldError("", "type", "Send a JSON object with named fields.")])
    present = {name: getattr(event, name) for name in EventRequest.__struct_fields__}
    merged: dict[str, Any] = {**msgspec.to_builtins(present), **patch}
    if "reply_to" not in patch:
        # It was taken before, maybe by another rule, and must not stand in the way of what is changed.
        del merged["reply_to"]
    request = read_event_request(merged)
    if request.slug != event.slug:
        raise Invalid([FieldError("/slug", "fixed", "A slug can't change, because public links contain it.")])
    if event.status != "draft" and request.bookings_per_address_max < event.bookings_per_address_max:
        # Who has booked that often has, and a request of theirs that is sent again must find its booking.
        detail = "You can't lower this after the event is published."
        raise Invalid([FieldError("/bookings_per_address_max", "lowered", detail)])
    _require_face_kept(event, request)
    _require_opening_kept(event, request, now)
    seed = line_seed if _is_new_draw(event, request, now) else event.line_seed
    if request.admission == "open" and request.opens_at != event.opens_at:
        seed = ""  # tickets of its draw went by the other opening, so it is over: the next queue has its own
    fields = msgspec.structs.asdict(request)
    if "reply_to" not in patch:
        fields["reply_to"] = event.reply_to
    return msgspec.structs.replace(event, version=event.version + 1, line_seed=seed, **fields)


def require_face(event: Event) -> None:
    """Refuse to publish an event that does not say who is behind it, with Invalid."""
    missing = [name for name in _FACE if getattr(event, name) is None]
    if missing:
        raise Invalid(
            [
                FieldError(f"/{name}", "missing", f"{_FACE[name]} PATCH the event with {name}, then publish.")
                for name in missing
            ]
        )


def _require_face_kept(event: Event, request: EventRequest) -> None:
    """Refuse to hide again who is behind an event. One from before we asked may still be without."""
    removed = [name for name in _FACE if getattr(event, name) and not getattr(request, name)]
    if event.status == "published" and removed:
        raise Invalid(
            [
                FieldError(f"/{name}", "published", f"{_FACE[name]} You can change this, but not remove it.")
                for name in removed
            ]
        )


def _require_opening_kept(event: Event, request: EventRequest, now: datetime) -> None:
    """Refuse to move the opening of a queue in a way that costs some of those in it their place."""
    if event.status != "published" or event.admission != "queue" or request.admission != "queue":
        return
    if event.opens_at is None or request.opens_at is None or request.opens_at == event.opens_at:
        return
    if now >= event.opens_at:
        # Tickets say when they were handed out: who was before the opening would be behind it.
        detail = "The queue depends on the time that booking opened. Set admission to open first."
        raise Invalid([FieldError("/opens_at", "opened", detail)])
    if request.opens_at < now + OPENING_AHEAD_MIN:
        detail = "People may already be in the queue. Choose a time at least a minute from now."
        raise Invalid([FieldError("/opens_at", "too_soon", detail)])


def _is_new_draw(event: Event, request: EventRequest, now: datetime) -> bool:
    """Return whether the queue is switched on, and no one has a number by the seed that there may be."""
    if request.admission != "queue" or (event.admission == "queue" and event.line_seed):
        return False
    drawn = (
        event.line_seed
        and request.opens_at == event.opens_at
        and request.opens_at
        and now >= request.opens_at
    )
    return not drawn
