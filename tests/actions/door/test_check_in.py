"""door/check_in.py: whose booking it is, who may let it in, and what a scan that comes again hears."""

import secrets
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec
import pytest

from chalicelib.actions.door.check_in import CheckedIn
from chalicelib.domain.booking import Booking
from chalicelib.domain.check_in import Scan
from chalicelib.domain.door_refusals import AlreadyArrived, BookingCancelled, TicketReplaced, WrongSession
from chalicelib.domain.ids import new_id, reference
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.organiser import Caller
from chalicelib.domain.refusals import Cancelled, NotFound
from chalicelib.domain.session import Session
from chalicelib.domain.ticket import Ticket, read_ticket, ticket_text
from chalicelib.store import capacity
from chalicelib.store.bookings import find_booking, item_from
from chalicelib.store.directory import follow
from tests.actions.as_routes import cancel_session, check_in
from tests.actions.booking.test_kill_points_of_booking import both, deaths
from tests.actions.callers import owner_of
from tests.faults import weather
from tests.making import MADE_AT, booking_for, invariants_hold, make_event, make_session
from tests.wire import overtaken_by, requests_counted


def address_of(booking: Booking) -> BookingAddress:
    return BookingAddress(booking.session_id, booking.key, booking.booking_id)


def scanned(
    session: Session,
    named: Booking | Ticket | BookingAddress | str,
    nonce: str = "a",
    places: int | None = None,
    *,
    caller: Caller | None = None,
    at: datetime | None = None,
) -> CheckedIn:
    caller = caller or owner_of(session, role="door")
    scan = Scan(
        nonce=nonce,
        places=places,
        at=at or session.starts_at,
        token_id=caller.token_id,
        where=caller.token_name,
    )
    if isinstance(named, Booking):
        named = address_of(named)
    return check_in(caller, session.event_id, session.session_id, named, scan)


def stored(booking: Booking) -> Booking:
    found = find_booking(booking.session_id, booking.key)
    assert found is not None
    return found


def ada(session: Session, places: int = 4) -> Booking:
    return capacity.take(session, booking_for(session, "ada", places=places))


def test_the_door_lets_a_party_in_and_it_is_known_when_and_where(table: Any) -> None:
    session = make_session()
    booking = ada(session)
    done = scanned(session, booking, "a", 3)
    assert not done.replayed
    assert done.booking == stored(booking)
    assert msgspec.structs.asdict(done.arrival) == {
        "nonce": "a",
        "places": 3,
        "at": session.starts_at,
        "token_id": "tttt",
        "where": "Desk",
        "arrived": 3,
    }
    assert scanned(session, booking, "b").arrival.places == 1


def test_a_check_in_costs_two_reads_and_one_write(table: Any) -> None:
    session = make_session()
    booking = ada(session)
    with requests_counted() as sent:
        scanned(session, booking)
    assert sent == {"GetItem": 2, "UpdateItem": 1}


def test_the_same_scan_again_gets_the_first_answer_even_after_others_came_or_it_was_called_off(
    table: Any,
) -> None:
    session = make_session()
    booking = ada(session)
    first = scanned(session, booking, "a", 2)
    scanned(session, booking, "b")
    later = session.starts_at + timedelta(minutes=1)
    again = scanned(session, booking, "a", 2, at=later)
    assert (again.arrival, again.replayed) == (first.arrival, True)
    cancel_session(owner_of(session), session.event_id, session.session_id, now=session.starts_at)
    capacity.give_back(stored(booking), MADE_AT, even_if_arrived=True)
    again = scanned(session, booking, "a", 2, at=later)
    assert (again.arrival, again.replayed) == (first.arrival, True)


def test_another_scan_when_all_are_in_is_refused(table: Any) -> None:
    session = make_session()
    booking = ada(session)
    scanned(session, booking, "a")
    with pytest.raises(AlreadyArrived) as refused:
        scanned(session, booking, "b", at=session.starts_at + timedelta(minutes=5))
    assert refused.value.facts == {"places": 4, "first_at": session.starts_at, "first_where": "Desk"}


def test_the_same_scan_twice_at_once_is_answered_once_as_the_first(table: Any) -> None:
    session = make_session()
    booking = ada(session)
    firsts: list[CheckedIn] = []
    with overtaken_by(lambda: firsts.append(scanned(session, booking, "a"))):
        twin = scanned(session, booking, "a", at=session.starts_at + timedelta(seconds=1))
    assert [first.replayed for first in firsts] == [False]
    assert (twin.arrival, twin.replayed) == (firsts[0].arrival, True)


def test_an_answer_that_was_lost_on_the_way_to_us_is_still_the_first(dynamodb_local: Any) -> None:
    session = make_session()
    booking = ada(session)
    with weather(0, lost=0.5) as bad:
        done = scanned(session, booking, "a")
    assert bad.seen["lost"] > 0
    assert (done.replayed, done.booking.arrived) == (False, 4)


def test_a_reference_finds_the_booking_in_this_session(table: Any) -> None:
    session = make_session()
    booking = ada(session)
    assert scanned(session, reference(booking.booking_id), "a", 1).booking == stored(booking)
    with pytest.raises(NotFound):
        scanned(session, "AAAAAAAA", "b")
    with pytest.raises(NotFound):
        scanned(make_session(), reference(booking.booking_id), "b")


def test_a_check_in_by_reference_costs_two_reads_more_than_one_by_the_list(table: Any) -> None:
    session = make_session()
    booking = ada(session)
    follow([(None, booking)])
    with requests_counted() as sent:
        scanned(session, reference(booking.booking_id))
    # The session, the entry, the booking; and at the write, as it is then.
    assert sent == {"GetItem": 1, "Query": 1, "BatchGetItem": 1, "UpdateItem": 1}


def test_a_reference_that_two_bookings_share_lets_nobody_in(table: Any) -> None:
    session = make_session()
    booking = ada(session)
    twin = booking.booking_id[:8] + new_id(secrets.token_bytes(10))
    item_from(msgspec.structs.replace(booking_for(session, "bob"), booking_id=twin)).save()
    with pytest.raises(NotFound, match="More than one"):
        scanned(session, reference(booking.booking_id))
    assert stored(booking).arrived == 0


def test_what_is_no_booking_or_was_cancelled_lets_nobody_in(table: Any) -> None:
    session = make_session()
    booking = ada(session)
    with pytest.raises(NotFound):
        scanned(session, booking_for(session, "nobody"))
    capacity.give_back(booking, MADE_AT)
    for named in (booking, reference(booking.booking_id)):
        with pytest.raises(BookingCancelled):
            scanned(session, named)
    anew = ada(session)
    with pytest.raises(BookingCancelled):
        scanned(session, booking)
    assert stored(anew) == anew
    assert scanned(session, anew).booking.arrived == 4


def moved(booking: Booking, *, links_kept: bool = False) -> Booking:
    """Have the booking's address corrected: it is at another key then."""
    there = msgspec.structs.replace(booking, key=booking_for(make_session(), "bob").key)
    item_from(there).save()
    left = msgspec.structs.replace(booking, status="moved", moved_to=there.key, links_kept=links_kept)
    item_from(left).save()
    return there


def ticket_of(booking: Booking) -> Ticket:
    return read_ticket(ticket_text(address_of(booking)))


def test_a_ticket_that_was_sent_to_an_address_which_was_corrected_lets_nobody_in(table: Any) -> None:
    session = make_session()
    booking = ada(session)
    there = moved(booking)
    with pytest.raises(TicketReplaced):
        scanned(session, ticket_of(booking))
    assert stored(there).arrived == 0
    # Who looks the booking up, by its reference or in a list, sees whose it is.
    for nonce, named in (
        ("a", address_of(booking)),
        ("b", reference(booking.booking_id)),
        ("c", ticket_of(there)),
    ):
        assert scanned(session, named, nonce, 1).booking.key == there.key
    assert stored(there).arrived == 3


def test_a_ticket_that_the_organiser_kept_is_good_after_a_correction(table: Any) -> None:
    session = make_session()
    booking = ada(session)
    there = moved(booking, links_kept=True)
    assert scanned(session, ticket_of(booking)).booking.key == there.key


def test_a_scan_that_comes_again_after_a_correction_gets_its_first_answer(table: Any) -> None:
    session = make_session()
    first = scanned(session, ticket_of(ada(session)), "a", 1).booking
    moved(first)
    assert scanned(session, ticket_of(first), "a", 1).replayed
    with pytest.raises(TicketReplaced):
        scanned(session, ticket_of(first), "b", 1)


def test_a_replaced_ticket_is_refused_also_where_somebody_else_has_booked_with_that_address(
    table: Any,
) -> None:
    session = make_session()
    booking = ada(session)
    there = moved(booking)
    item_from(booking_for(session, "ada")).save()
    with pytest.raises(TicketReplaced):
        scanned(session, ticket_of(booking))
    assert scanned(session, booking).booking.key == there.key


def test_a_replaced_ticket_of_a_booking_that_was_cancelled_since_is_told_so(table: Any) -> None:
    session = make_session()
    booking = ada(session)
    item_from(msgspec.structs.replace(moved(booking), status="cancelled")).save()
    with pytest.raises(BookingCancelled):
        scanned(session, ticket_of(booking))


def test_a_session_that_was_called_off_lets_nobody_in(table: Any) -> None:
    session = make_session()
    booking = ada(session)
    cancel_session(owner_of(session), session.event_id, session.session_id, now=session.starts_at)
    with pytest.raises(Cancelled):
        scanned(session, booking)
    assert stored(booking) == booking


def test_a_ticket_for_another_session_is_told_apart_and_named_only_to_who_may_see_that(table: Any) -> None:
    event = make_event()
    here, there = make_session(event), make_session(event, title="Ludlow")
    elsewhere = make_session(make_event(organiser_id=event.organiser_id), title="Other event")
    ticket = ada(there)

    def told(caller: Caller, booking: Booking) -> Any:
        with pytest.raises(WrongSession) as refused:
            scanned(here, booking, caller=caller)
        return refused.value.facts.get("session_title")

    narrow = f"session:{event.event_id}:{here.session_id}"
    assert told(owner_of(here, role="door", scope=f"event:{event.event_id}"), ticket) == "Ludlow"
    assert told(owner_of(here, role="door"), ticket) == "Ludlow"
    assert told(owner_of(here, role="door", scope=narrow), ticket) is None
    assert told(owner_of(here, role="door"), ada(elsewhere)) is None
    assert told(owner_of(here), msgspec.structs.replace(ticket, session_id="nowhere")) is None
    assert stored(ticket) == ticket


@pytest.mark.parametrize("role", ["organiser", "host", "door"])
def test_every_role_lets_people_in_and_nobody_out_of_scope_does(
    table: Any, role: Literal["organiser", "host", "door"]
) -> None:
    session = make_session()
    booking = ada(session)
    assert scanned(session, booking, role, 1, caller=owner_of(session, role=role)).booking.arrived == 1
    outsiders = (
        owner_of(make_session(), role=role),
        owner_of(session, role=role, scope="event:aaaa"),
        owner_of(session, role=role, scope=f"session:{session.event_id}:aaaa"),
    )
    for outsider in outsiders:
        with pytest.raises(NotFound):
            scanned(session, booking, "b", caller=outsider)
    assert stored(booking).arrived == 1


@both
def test_a_death_while_checking_in_counts_them_once_or_not_yet_and_the_same_scan_finishes_it(
    dynamodb_local: Any, when: Literal["before", "after"]
) -> None:
    session = make_session()
    booking = ada(session)
    died = 0
    for number in deaths(lambda: scanned(session, booking, "a", 3), when):
        died += 1
        assert stored(booking).arrived == (3 if (number, when) == (2, "after") else 0)
        if stored(booking).arrived:
            again = scanned(session, booking, "a", 3, at=session.starts_at + timedelta(seconds=5))
            assert (again.replayed, again.booking.arrived) == (True, 3)
    assert died == 3, "the session and the booking are read, and the booking written"
    assert stored(booking).arrived == 3
    assert invariants_hold(session) == 4
