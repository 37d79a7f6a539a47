"""The links in our emails: which booking one opens, and what it shows when there is none."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial

from chalice.app import Response

from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.links import LINKS_LAST, BookingAddress, Purpose, booking_of_link, read_link, sign_link
from chalicelib.domain.refusals import Busy
from chalicelib.domain.session import Session
from chalicelib.store.bookings import find_booking, find_booking_by_link
from chalicelib.store.lately import cached_event, cached_session
from chalicelib.store.secrets import current_token_secret, token_secrets
from chalicelib.web.event.facts import facts_of
from chalicelib.web.event.urls import link_url
from chalicelib.web.http.rendering import PRIVATE, page, refusals_as_pages


def opened(purpose: Purpose, link: str, now: datetime) -> tuple[BookingAddress, Booking | None]:
    """Return which booking this link opens, and how it stands; None if it opens none any more.

    That is so if another booking has taken its place, and if its email address was corrected since this link
    was sent, unless the organiser kept the links. Raises NotFound or LinkExpired.
    """
    address = read_link(token_secrets(), purpose, link, now)
    booking = find_booking_by_link(address)
    return (booking.lives_at if booking else address), booking


def announced(booking: Booking) -> tuple[Event, Session]:
    """Return the event and the session of this booking."""
    event = cached_event(booking.event_id)
    session = cached_session(booking.event_id, booking.session_id)
    if event is None or session is None:
        raise LookupError("a booking whose event or session is gone")
    return event, session


def signed_url(purpose: Purpose, address: BookingAddress, session: Session) -> str:
    """Return where this booking is opened for this purpose."""
    link = sign_link(current_token_secret(), purpose, address, session.ends_at + LINKS_LAST)
    return link_url(purpose, link)


def gone_page(purpose: Purpose, link: str, booking: Booking | None, now: datetime) -> Response:
    """Return what a link shows when it has nothing to open: the booking was cancelled, or left the address.

    ``booking`` is there if it is known that it was cancelled.
    """
    event, session = announced_by_link(purpose, link)
    known = (
        facts_of(event, session, now)
        if event and session
        else {"event": event, "session": None, "off": False}
    )
    return page(
        "attendee/gone.html",
        status=410,
        headers=PRIVATE,
        cancelled=booking is not None,
        # As on the page that asks: after the end we send no email about it.
        asks=booking is None and session is not None and not known["off"] and now <= session.ends_at,
        **known,
    )


def announced_by_link(purpose: Purpose, link: str) -> tuple[Event | None, Session | None]:
    """Return event and session of a link that opens nothing any more; None for what isn't known.

    Whatever booking is at its key by now, it is one of the same session.
    """
    address = booking_of_link(token_secrets(), purpose, link)
    if address is None:
        return None, None
    with suppress(Busy):
        booking = find_booking(address.session_id, address.key)
        if booking:
            return cached_event(booking.event_id), cached_session(booking.event_id, address.session_id)
    return None, None


def refusals_as_link_pages(purpose: Purpose) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Make a route behind an emailed link answer with pages, which say whom to ask where that is known."""
    return partial(refusals_as_pages, event_of=lambda link: announced_by_link(purpose, link)[0])
