"""Find bookings in an event: by name, by email address or by reference."""

from msgspec import Struct

from chalicelib.domain.booking import Booking, reference_of
from chalicelib.domain.directory import Search
from chalicelib.domain.event import Event
from chalicelib.domain.organiser import Caller, require_event, require_session
from chalicelib.domain.refusals import FieldError, Invalid
from chalicelib.domain.session import Session
from chalicelib.store.booking_lists import bookings_of_address_in
from chalicelib.store.directory import (
    FOUND_MAX,
    is_any_left_to_list,
    places_with_name,
    places_with_reference,
)
from chalicelib.store.events import find_session, sessions_of
from chalicelib.store.together import find_with_sessions

SEARCHED_BY_ADDRESS_MAX = 500
"""In how many sessions one search looks for an address: a hundred take a request."""


class Found(Struct, frozen=True):
    """What was found, each booking with its session, and whether there is more.

    ``being_listed``: others may be missing, for the bookings of a session are still being listed.
    """

    bookings: list[tuple[Session, Booking]]
    more: bool = False
    being_listed: bool = False


def find_bookings(caller: Caller, event: Event | None, search: Search) -> Found:
    """Return the bookings of this event that are looked for; a token of one session finds only that one's.

    Cancelled ones are among them. An event's directory learns of a booking some seconds after it is made.
    Raises NotFound, Forbidden, or Invalid if an address is looked for in too many sessions.
    """
    if event is not None and caller.only_session is not None:
        within = require_session(caller, find_session(event.event_id, caller.only_session), "host")
    else:
        event, within = require_event(caller, event, "host"), None
    if search.address is not None:
        return _with_address(sessions_of(event.event_id) if within is None else [within], search.address)
    session_id = within.session_id if within is not None else None
    if search.reference is not None:
        # Many a name of eight letters could be one.
        places = places_with_reference(event.event_id, search.reference, session_id)
        found = [one for one in _there(event, places) if reference_of(one[1]) == search.reference]
        if found:
            return Found(found)
    # Asked first, or what is listed meanwhile would be missing and taken for all there is.
    being_listed = is_any_left_to_list(
        [session_id] if session_id else [each.session_id for each in sessions_of(event.event_id)]
    )
    places, more = places_with_name(event.event_id, search, session_id)
    return Found([one for one in _there(event, places) if search.finds(one[1])], more, being_listed)


def _with_address(sessions: list[Session], address: str) -> Found:
    if len(sessions) > SEARCHED_BY_ADDRESS_MAX:
        detail = "This event has too many sessions for that. Search by email in the bookings of a session."
        raise Invalid([FieldError("/q", "too_many_sessions", detail)])
    found = bookings_of_address_in([session.session_id for session in sessions], address)
    in_order = sorted(found, key=lambda booking: booking.ordinal)
    theirs = [(each, one) for each in sessions for one in in_order if one.session_id == each.session_id]
    return Found(theirs[:FOUND_MAX], len(theirs) > FOUND_MAX)


def _there(event: Event, places: list[tuple[str, str]]) -> list[tuple[Session, Booking]]:
    """Return what is at these places of the event, but for what has left them."""
    found = find_with_sessions(event.event_id, places[:FOUND_MAX])
    return [(session, booking) for session, booking in found if booking.status != "moved"]
