"""The beginning of the page: five tasks, each with the calls that it takes."""

from datetime import timedelta

from msgspec import Struct

from chalicelib.domain.check_in import CHECK_IN_OPENS_BEFORE
from chalicelib.web.event.urls import BOOKINGS as ADMIN_BOOKINGS
from chalicelib.web.event.urls import EVENT, EVENTS, SESSION, SESSIONS
from infra.apidoc.public import BOOKINGS


class Task(Struct, frozen=True):
    """Something that people want to do first."""

    title: str
    words: str
    calls: tuple[str, ...]
    """Their methods and paths, in the order in which they are sent."""


TASKS = (
    Task(
        "Show an event",
        "Replace `soup-week` with the event's slug. The answer lists its sessions. Each has a `session_id`, "
        "roughly how many places are left and a link to its booking page. You need no token.",
        ("GET /events/{slug}",),
    ),
    Task(
        "Book a place",
        "Replace `soup-week` with the event's slug, and the id with a `session_id` from the first task. "
        "Send a name, an email address and the number of places. If you send an answer to a `sensitive` "
        "question, `consent` must be `true`: the person agrees to its use. Make a new `Idempotency-Key` for "
        "each booking and keep it when you retry: nothing is booked twice.",
        (f"POST {BOOKINGS}",),
    ),
    Task(
        "Create and publish an event with a session",
        "Put an organiser's token into `$TOKEN`. Create the event, add a session, then publish the event. "
        "Replace the id in the second and third call with the `event_id` from the first answer.",
        (f"POST {EVENTS}", f"POST {SESSIONS}", f"POST {EVENT}/publish"),
    ),
    Task(
        "See who booked",
        "Replace the ids with your event's and session's. Put the token of an organiser or a host into "
        "`$TOKEN`. Each booking says how far its emails got and how many people are checked in. A long list "
        "has a `next_cursor`: send it as `cursor`.",
        (f"GET {ADMIN_BOOKINGS}",),
    ),
    Task(
        "Check in at the door",
        "Replace the ids with your event's and session's. Send the reference or the QR code of a ticket, "
        "with any token for the session. Make a new `nonce` for each scan and keep it when you retry: the "
        "scan counts once. "
        f"Check-in opens {CHECK_IN_OPENS_BEFORE // timedelta(hours=1)} hours before the session.",
        (f"POST {SESSION}/check-ins",),
    ),
)
