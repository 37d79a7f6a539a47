"""actions/booking/find_bookings.py: found by name, reference or address, as bookings are now."""

from typing import Any
from unittest import mock

import pytest
from msgspec.structs import replace

from chalicelib.actions.booking import find_bookings as module
from chalicelib.actions.booking.find_bookings import Found, find_bookings
from chalicelib.domain.booking import Booking
from chalicelib.domain.directory import read_search
from chalicelib.domain.event import Event
from chalicelib.domain.ids import booking_key, reference
from chalicelib.domain.organiser import Caller
from chalicelib.domain.refusals import Forbidden, Invalid, NotFound
from chalicelib.domain.session import Session
from chalicelib.jobs import clock
from chalicelib.store import capacity
from chalicelib.store.bookings import item_from
from chalicelib.store.directory import DIRECTORY, FOUND_MAX, follow, remember_listed
from chalicelib.store.moves import move
from chalicelib.store.secrets import key_secret
from chalicelib.store.table import RecountItem
from tests.actions.callers import owner_of
from tests.jobs.test_clock import TICK
from tests.making import MADE_AT, booking_for, make_event, make_session
from tests.wire import requests_counted


def booked(session: Session, person: str, name: str, *guests: str, ordinal: int = 0) -> Booking:
    """Store a booking as the public makes it, with its entries."""
    wanted = booking_for(session, person)
    key = booking_key(key_secret(), session.session_id, wanted.address, ordinal)
    booking = replace(wanted, key=key, name=name, guests=guests, ordinal=ordinal)
    taken = capacity.take(session, booking)
    follow([(None, taken)])
    return taken


def listed_session(event: Event) -> Session:
    """Make a session of which nothing is left to list."""
    session = make_session(event)
    remember_listed(session.session_id, 0)
    return session


def find(event: Event, text: str, caller: Caller | None = None) -> list[Booking]:
    return [booking for _, booking in found(event, text, caller).bookings]


def found(event: Event, text: str, caller: Caller | None = None) -> Found:
    return find_bookings(caller or owner_of(event, role="host"), event, read_search(text))


def test_a_booking_is_found_by_any_word_of_its_name_by_a_guest_and_by_its_reference(table: Any) -> None:
    event = make_event()
    one, other = listed_session(event), listed_session(event)
    ada = booked(one, "ada", "Ada Okafor", "Sam Hill")
    zoe = booked(other, "zoe", "Zo\u00eb O\u2019Brien")
    for text in ("Ada", "OKA", "okafor ada", "hill", "Sam H", reference(ada.booking_id), ada.address):
        assert find(event, text) == [ada], text
    for text in ("zoe", "Zo\u00cb", "o'br", "obrien", reference(zoe.booking_id).lower(), " ZOE@example.org"):
        assert found(event, text) == Found([(other, zoe)]), text
    assert find(event, "okaforada") == []
    assert find(make_event(), "ada") == []


def test_a_name_that_could_be_a_reference_is_looked_for_as_both(table: Any) -> None:
    event = make_event()
    margaret = booked(make_session(event), "margaret", "Margaret Hill")
    assert find(event, "Margaret") == [margaret]


def test_what_an_entry_leads_to_is_judged_by_what_it_says_now(table: Any) -> None:
    event = make_event()
    session = make_session(event)
    ada, bea = booked(session, "ada", "Ada Okafor"), booked(session, "bea", "Bea Okafor")
    item_from(replace(ada, name="Eda Nkomo")).save()
    moved = move(bea, "new@example.org", [booking_for(session, "new").key], MADE_AT, new_reference="NEWREFAB")
    assert find(event, "okafor") == []
    follow([(None, moved)])
    assert find(event, "okafor") == [moved]
    cancelled = capacity.give_back(moved, MADE_AT)
    assert find(event, "okafor") == [cancelled]


def test_an_address_is_found_in_all_sessions_and_with_all_its_bookings(table: Any) -> None:
    event = make_event(bookings_per_address_max=3)
    sessions = [make_session(event) for _ in range(3)]
    first, second = (booked(sessions[0], "ada", "Ada", ordinal=ordinal) for ordinal in (0, 1))
    third = booked(sessions[2], "ada", "Ada")
    with requests_counted() as sent:
        assert sorted(find(event, "ada@example.org"), key=str) == sorted([first, second, third], key=str)
    assert sent == {"Query": 1, "BatchGetItem": 2}
    with mock.patch.object(module, "SEARCHED_BY_ADDRESS_MAX", 2), pytest.raises(Invalid) as refused:
        find(event, "ada@example.org")
    assert [error.pointer for error in refused.value.errors] == ["/q"]


def test_one_search_finds_fifty_and_says_that_there_are_more(table: Any) -> None:
    event = make_event()
    sessions = [listed_session(event) for _ in range(FOUND_MAX + 1)]
    for number, session in enumerate(sessions):
        booked(session, f"p{number}", f"Ada Number{number}")
    with requests_counted() as sent:
        answer = found(event, "ada")
    assert (len(answer.bookings), answer.more) == (FOUND_MAX, True)
    assert sent == {"Query": 17, "BatchGetItem": 2}
    assert found(event, "number50") == Found(
        answer.bookings[:0] + found(event, "number50").bookings, more=False
    )


@pytest.mark.usefixtures("neighbours")
def test_a_search_by_name_says_that_bookings_may_be_missing_until_all_its_sessions_are_listed(
    table: Any,
) -> None:
    event = make_event()
    mine, other = listed_session(event), make_session(event)
    ada = booked(mine, "ada", "Ada Okafor")
    host = owner_of(event, role="host", scope=f"session:{event.event_id}:{mine.session_id}")
    assert [found(event, "okafor").being_listed, found(event, "okafor", host).being_listed] == [True, False]
    for certain in (ada.address, reference(ada.booking_id)):
        assert not found(event, certain).being_listed
    clock.clock(TICK, None)
    assert found(event, "okafor") == Found([(mine, ada)])
    RecountItem("RECOUNT", other.session_id).update([RecountItem.directory.set(DIRECTORY - 1)])
    assert found(event, "okafor").being_listed, "it was listed otherwise"
    RecountItem("RECOUNT", other.session_id).delete()
    assert not found(event, "okafor").being_listed, "it was over a week ago"


def test_a_host_of_one_session_finds_only_what_is_booked_there(table: Any) -> None:
    event = make_event()
    mine, other = make_session(event), make_session(event)
    ada, eve = booked(mine, "ada", "Ada Okafor"), booked(other, "ada", "Ada Okafor")
    host = owner_of(event, role="host", scope=f"session:{event.event_id}:{mine.session_id}")
    for text in ("okafor", "ada@example.org", reference(ada.booking_id)):
        assert find(event, text, host) == [ada], text
    assert find(event, reference(eve.booking_id), host) == []
    for nowhere in (make_event(organiser_id=event.organiser_id), None):
        with pytest.raises(NotFound):
            find_bookings(host, nowhere, read_search("okafor"))


def test_a_door_finds_nothing_and_for_others_there_is_no_such_event(table: Any) -> None:
    event = make_event()
    session = make_session(event)
    for scope in ("organiser", f"session:{event.event_id}:{session.session_id}"):
        with pytest.raises(Forbidden):
            find(event, "ada", owner_of(event, role="door", scope=scope))
    with pytest.raises(NotFound):
        find(event, "ada", owner_of(event, scope="event:another"))
    with pytest.raises(NotFound):
        find(event, "ada", owner_of(make_event()))
