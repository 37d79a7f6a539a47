"""The door: checking parties in by their ticket, their reference or their booking, and undoing that."""

from datetime import datetime

from chalice.app import Blueprint, Response
from msgspec import Struct

from chalicelib.actions.door.check_in import CheckedIn, check_in
from chalicelib.actions.door.undo_check_in import undo_check_in
from chalicelib.domain.booking import Booking, reference_of
from chalicelib.domain.check_in import CheckInRequest, Scan, read_check_in_request
from chalicelib.domain.ids import reference_as_typed
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.ticket import Ticket, read_ticket
from chalicelib.store.events import find_session
from chalicelib.store.together import find_session_and_booking
from chalicelib.web.event.urls import BOOKING, SESSION, booking_named, check_in_url
from chalicelib.web.http.authorizer import authorizer
from chalicelib.web.http.caller import caller_of
from chalicelib.web.http.replies import json_reply, read_json, refusals_as_problems
from chalicelib.web.http.requests import request_of
from chalicelib.web.http.shown import shown
from chalicelib.web.http.utc_now import utc_now

blueprint = Blueprint(__name__)


class PartyView(Struct, frozen=True, kw_only=True):
    """The party that comes in: their names, and only what the door needs."""

    reference: str
    name: str
    places: int
    guests: tuple[str, ...]


class CheckInView(Struct, frozen=True, kw_only=True):
    """What one scan did. Send DELETE to ``url`` to undo it."""

    url: str
    booking: PartyView
    checked_in: int
    arrived: int
    at: datetime
    where: str
    replayed: bool


class UndoneView(Struct, frozen=True, kw_only=True):
    """The party after a check-in was undone."""

    booking: PartyView
    arrived: int


@blueprint.route(SESSION + "/check-ins", methods=["POST"], authorizer=authorizer)
@refusals_as_problems
def post_check_in(event_id: str, session_id: str) -> Response:
    """Check in a party, or some of it. 201, or 200 for a scan that was answered before."""
    request = read_check_in_request(read_json(request_of(blueprint)))
    caller = caller_of(blueprint)
    scan = Scan(
        nonce=request.nonce,
        places=request.places,
        at=utc_now(),
        token_id=caller.token_id,
        where=caller.token_name,
    )
    named = _named(session_id, request)
    done = check_in(caller, find_session(event_id, session_id), named, scan)
    return json_reply(_check_in_view(done), 200 if done.replayed else 201)


@blueprint.route(BOOKING + "/check-ins/{nonce}", methods=["DELETE"], authorizer=authorizer)
@refusals_as_problems
def delete_check_in(event_id: str, session_id: str, booking: str, nonce: str) -> Response:
    """Undo a check-in. Undoing it again changes nothing."""
    session, found = find_session_and_booking(event_id, booking_named(session_id, booking))
    undone = undo_check_in(caller_of(blueprint), session, found, nonce)
    return json_reply(UndoneView(booking=_party_view(undone), arrived=undone.arrived))


def _named(session_id: str, request: CheckInRequest) -> Ticket | BookingAddress | str:
    if request.ticket is not None:
        return read_ticket(request.ticket)
    if request.booking is not None:
        return booking_named(session_id, request.booking)
    typed = reference_as_typed(request.reference or "")
    if typed is None:
        # An empty one would be the beginning of every reference.
        raise LookupError("a check-in without a reference that was read as one")
    return typed


def _party_view(booking: Booking) -> PartyView:
    return shown(PartyView, booking, reference=reference_of(booking))


def _check_in_view(done: CheckedIn) -> CheckInView:
    return shown(
        CheckInView,
        done.arrival,
        url=check_in_url(done.booking, done.arrival.nonce),
        booking=_party_view(done.booking),
        checked_in=done.arrival.places,
        replayed=done.replayed,
    )
