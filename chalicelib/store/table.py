"""The one table: how its keys are laid out (keys.py makes them), and its item classes.

| item                      | PK                   | SK                   |
|---------------------------|----------------------|----------------------|
| organiser                 | ORG#org              | ORG                  |
| its tokens                | ORG#org              | TOKEN#token          |
| its events                | ORG#org              | EVENT#event          |
| event                     | EVENT#event          | EVENT                |
| its sessions              | EVENT#event          | SESSION#session      |
| slug                      | SLUG#slug            | SLUG                 |
| capacity counter k        | POOL#session#all#k   | POOL                 |
| the session's mark        | POOL#session         | MARK                 |
| who has taken places      | TAKERS#session       | TAKERS               |
| booking                   | BOOKINGS#session#h   | BOOKING#key          |
| where a name has booked   | GUESTS#event#h       | name#session#key     |
| where a reference is      | REF#event#h          | ref.#session#key     |
| who wants an email again  | ASKED#key            | ASKED                |
| notice ledger             | NOTICE#booking_id    | kind#version         |
| mails to an address today | RECIPIENT#org#hash   | day                  |
| mails by a source an hour | SOURCE#org#hash      | hour                 |
| suppressed address        | SUPPRESSED#hash      | SUPPRESSED           |
| sessions to recount       | RECOUNT              | session              |
| a deadline; how far read  | DUE#UTC hour; DUE    | time#kind#id; CURSOR |
| a session's figures       | FIGURES#event        | session              |
| an event's queue; tickets | LINES; LINE#event#h  | event; TICKETS       |

Every item carries its ``schema`` number. What is only ever read whole (an event's questions, a booking's
answers and arrivals) is one attribute of JSON; attributes added later are absent from older items.
"""

from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    BinarySetAttribute,
    BooleanAttribute,
    ListAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)

from chalicelib.store.attributes import Counts, LocalTime, Questions, SparseJson, SparseNumber, SparseText
from chalicelib.store.connection import Item


class OrganiserItem(Item):
    """Who may call the admin endpoints."""

    organiser_id = UnicodeAttribute()
    name = UnicodeAttribute()
    created_at = UTCDateTimeAttribute()


class TokenItem(Item):
    """One token of an organiser's. Only its hash is kept."""

    token_hash = UnicodeAttribute()
    token_id = UnicodeAttribute()
    organiser_id = UnicodeAttribute()
    name = UnicodeAttribute(default="Unnamed token")
    role = UnicodeAttribute()
    scope = UnicodeAttribute()
    created_at = UTCDateTimeAttribute()
    expires_at = UTCDateTimeAttribute()
    fingerprint = SparseText()
    expires = NumberAttribute(null=True)


class OrganiserEventItem(Item):
    """An event in its organiser's list."""

    event_id = UnicodeAttribute()


class SlugItem(Item):
    """Which event a slug means; its own uniqueness guard."""

    event_id = UnicodeAttribute()


class EventItem(Item):
    """domain.event.Event."""

    event_id = UnicodeAttribute()
    organiser_id = UnicodeAttribute()
    slug = UnicodeAttribute()
    title = UnicodeAttribute()
    description = UnicodeAttribute()
    language = UnicodeAttribute()
    status = UnicodeAttribute()
    opens_at = UTCDateTimeAttribute(null=True)
    closes_at = UTCDateTimeAttribute(null=True)
    places_per_booking_max = NumberAttribute()
    bookings_per_address_max = NumberAttribute()
    questions = Questions()
    reply_to = UnicodeAttribute(null=True)
    return_urls: ListAttribute[Any] = ListAttribute()
    allowed_origins: ListAttribute[Any] = ListAttribute()
    admission = UnicodeAttribute()
    admissions_per_second = NumberAttribute()
    organiser_name = SparseText()
    contact = SparseText()
    privacy_url = SparseText()
    price = SparseText()
    session_noun = UnicodeAttribute()
    reminders: ListAttribute[Any] = ListAttribute(null=True)
    counter: ListAttribute[Any] = ListAttribute(null=True)
    picture_url = SparseText()
    accent_colour = SparseText()
    line_seed = SparseText()
    request_id = SparseText()
    fingerprint = SparseText()
    cancellation_reason = UnicodeAttribute(null=True)
    zones: ListAttribute[Any] = ListAttribute(null=True)
    version = NumberAttribute()


class SessionItem(Item):
    """domain.session.Session."""

    session_id = UnicodeAttribute()
    event_id = UnicodeAttribute()
    organiser_id = UnicodeAttribute()
    title = UnicodeAttribute()
    venue = UnicodeAttribute()
    address = UnicodeAttribute()
    latitude = NumberAttribute(null=True)
    longitude = NumberAttribute(null=True)
    town = UnicodeAttribute(null=True)
    country = UnicodeAttribute(null=True)
    zone = UnicodeAttribute()
    starts_local = LocalTime()
    ends_local = LocalTime()
    capacity = NumberAttribute()
    counters = NumberAttribute()
    closes_at = UTCDateTimeAttribute(null=True)
    status = UnicodeAttribute()
    sequence = NumberAttribute()
    quiet_changes = SparseNumber()
    sequence_at = UTCDateTimeAttribute(null=True)
    last_change: ListAttribute[Any] = ListAttribute()
    change_note = UnicodeAttribute(null=True)
    pin_told = SparseJson()
    words_told = SparseJson()
    earlier = SparseJson()
    paused_until = UTCDateTimeAttribute(null=True)
    request_id = SparseText()
    fingerprint = SparseText()
    cancellation_reason = UnicodeAttribute(null=True)
    version = NumberAttribute()


class CounterItem(Item):
    """One of a session's N counters. free + held + what confirmed bookings took from it = capacity.

    ``takers`` has a trace of the request of every booking that ever took from it (store/takers.py); from
    schema 3 on it has done so since it was made.
    """

    free = NumberAttribute()
    held = NumberAttribute()
    capacity = NumberAttribute()
    open = BooleanAttribute()
    version = NumberAttribute()
    takers = BinarySetAttribute(legacy_encoding=False, null=True)


class MarkItem(Item):
    """What was last seen of a session's counters, for everybody who wonders whether to try.

    ``at_most_free`` is never below the truth as long as every write that raises ``free``
    raises it (and ``generation``) in the same transaction. ``traces_at`` says which traces go with it; an
    older mark's ``takers_at`` told of traces made otherwise (store/takers.py), and is not read.
    """

    counters = NumberAttribute()
    free: ListAttribute[Any] = ListAttribute()
    at_most_free = NumberAttribute()
    generation = NumberAttribute()
    seen_at = NumberAttribute()
    scan_until = NumberAttribute()
    traces_at = NumberAttribute(null=True)


class TakersItem(Item):
    """Who had taken places when the counters were seen that the mark tells of (store/takers.py)."""

    seen_at = NumberAttribute()
    takers = BinaryAttribute(legacy_encoding=False)


class BookingItem(Item):
    """domain.booking.Booking."""

    session_id = UnicodeAttribute()
    key = UnicodeAttribute()
    booking_id = UnicodeAttribute()
    event_id = UnicodeAttribute()
    organiser_id = UnicodeAttribute()
    status = UnicodeAttribute()
    version = NumberAttribute()
    name = UnicodeAttribute()
    address = UnicodeAttribute()
    places = NumberAttribute()
    guests: ListAttribute[Any] = ListAttribute()
    answers = SparseJson()
    ordinal = NumberAttribute()
    source = SparseText()
    asked_from = UnicodeAttribute(null=True)
    moved_to = UnicodeAttribute(null=True)
    corrected = SparseNumber()
    links_kept = SparseJson()
    new_reference = SparseText()
    turn = NumberAttribute(null=True)
    turns_used = SparseJson()
    arrivals = SparseJson()
    undone_nonces = SparseJson()
    arrivals_version = SparseNumber()
    allocation = Counts()
    cancelled_by = UnicodeAttribute(null=True)
    quiet = SparseJson()
    not_kept = SparseNumber()
    idempotency_key = UnicodeAttribute()
    fingerprint = UnicodeAttribute()
    created_at = UTCDateTimeAttribute()
    changed_at = UTCDateTimeAttribute()
    mailed_at = UTCDateTimeAttribute()
    request_id = SparseText()
    shown = NumberAttribute(null=True)


class EntryItem(Item):
    """An entry of the directory (store/directory.py): its key is all of it."""


class RecountItem(Item):
    """store.recounts.Watched. ``expires`` is the table's TTL."""

    session_id = UnicodeAttribute()
    event_id = UnicodeAttribute()
    seen_versions = NumberAttribute(default=-1)
    asks = NumberAttribute(default=0)
    moves = NumberAttribute(default=0)
    again_at = NumberAttribute(default=0)
    seen_asks = NumberAttribute(default=-1)
    looked_at = NumberAttribute(default=0)
    progress = UnicodeAttribute(null=True)
    due_version = NumberAttribute(default=0)
    directory = NumberAttribute(default=0)
    counted_for = NumberAttribute(default=-1)
    expires = NumberAttribute()
