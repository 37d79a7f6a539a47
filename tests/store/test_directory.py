"""store/directory.py: the entries by which bookings are found, as the stream and the recount keep them."""

import contextlib
import copy
import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.actions.event.recount_session import recount_session
from chalicelib.domain.booking import Booking
from chalicelib.domain.correction import AddressHasBooking
from chalicelib.domain.directory import Search
from chalicelib.domain.ids import booking_key, reference
from chalicelib.domain.refusals import Busy
from chalicelib.domain.session import Session
from chalicelib.settings import settings as of_this_deployment
from chalicelib.store import capacity, outcomes
from chalicelib.store.booking_lists import bookings_with_reference
from chalicelib.store.bookings import every_booking_in, find_booking, item_from
from chalicelib.store.directory import (
    FOUND_MAX,
    follow,
    is_all_listed,
    list_again,
    list_anew,
    list_bookings_in,
    places_with_name,
    places_with_reference,
    remember_listed,
)
from chalicelib.store.keys import booking_item_key
from chalicelib.store.moves import move
from chalicelib.store.partitions import BOOKING_PARTITIONS
from chalicelib.store.recounts import watched_sessions
from chalicelib.store.table import BookingItem, EntryItem, RecountItem
from tests import faults
from tests.engines import forget_process_state
from tests.mail_chain import Chain, call
from tests.mail_faults import dying, every_death
from tests.making import MADE_AT, booking_for, make_event, make_session
from tests.wire import answered_with, losing, passed_on, requests_counted, wire

NAMES = ("Ada Okafor", "Łukasz Żółć-Nowak", "O'Brien", "李 小龙", "محمد علي", "Ada Maria de la Cruz Reyes")


def entries(table: Any) -> set[tuple[str, str]]:
    """Return the whole directory."""
    pages = table.get_paginator("scan").paginate(TableName=of_this_deployment().table)
    found = [item for page in pages for item in page["Items"]]
    listed = [item for item in found if item["PK"]["S"].startswith(("GUESTS#", "REF#"))]
    # Nothing is in them but their keys.
    assert all(item.keys() == {"PK", "SK", "schema"} for item in listed)
    return {(item["PK"]["S"], item["SK"]["S"]) for item in listed}


def named(session: Session, person: str, name: str, *guests: str) -> Booking:
    return replace(booking_for(session, person), name=name, guests=guests)


def test_an_entry_holds_where_a_booking_is_and_nothing_else_of_it(table: Any) -> None:
    session = make_session()
    booking = named(session, "ada", "Ada Okafor", "Sam Hill")
    follow([(None, booking)])
    place = f"{session.session_id}#{booking.key}"
    assert {sort_key for _, sort_key in entries(table)} == {
        f"ada okafor#{place}",
        f"okafor ada#{place}",
        f"sam hill#{place}",
        f"hill sam#{place}",
        f"{reference(booking.booking_id)}#{place}",
    }
    assert {partition_key.rpartition("#")[0] for partition_key, _ in entries(table)} == {
        f"GUESTS#{session.event_id}",
        f"REF#{session.event_id}",
    }


def test_what_changes_nothing_of_names_and_place_writes_nothing(table: Any) -> None:
    booking = named(make_session(), "ada", "Ada Okafor")
    with requests_counted() as sent:
        follow([(booking, replace(booking, status="cancelled", version=2)), (booking, booking)])
    assert sent == {}


def test_a_batch_of_a_hundred_bookings_takes_few_requests(table: Any) -> None:
    session = make_session(capacity=200)
    with requests_counted() as sent:
        follow((None, named(session, f"p{number}", "Ada Okafor")) for number in range(100))
    assert sent == {"BatchWriteItem": 12}
    assert len(entries(table)) == 300


def test_what_the_table_did_not_take_is_sent_again_and_so_is_what_was_lost(table: Any) -> None:
    booking = named(make_session(), "ada", "Ada Okafor")
    answers = iter([faults.not_taken, faults.throttle, losing(done=True), passed_on])

    def answer(request: Any) -> Any:
        return next(answers)(request)

    with answered_with(answer):
        follow([(None, booking)])
    assert list(answers) == []
    assert len(entries(table)) == 3


def test_what_the_table_never_takes_is_given_up_in_time(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "BUDGET_SECONDS", 0.1)
    booking = named(make_session(), "ada", "Ada Okafor")
    with answered_with(faults.not_taken), pytest.raises(Busy):
        follow([(None, booking)])
    assert entries(table) == set()


class History:
    """Some people who book in two sessions of an event, and all records that the stream has of that."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        event = make_event()
        self.sessions = [make_session(event), make_session(event)]
        chain.changes()
        self.records: list[Any] = []

    def play(self, deed: str, session_number: int, person: int, name: str) -> None:
        """Do this if it can be done, and keep its records."""
        session = self.sessions[session_number]
        booking = find_booking(session.session_id, key_of(session, person))
        live = booking if booking is not None and booking.status == "confirmed" else None
        if deed == "book" and live is None:
            wanted = replace(named(session, "p", name, "Sam Hill"), address=address_of(person))
            capacity.take(session, replace(wanted, key=key_of(session, person)))
        elif deed == "cancel" and live is not None:
            capacity.give_back(live, MADE_AT)
        elif deed == "correct" and live is not None:
            with contextlib.suppress(AddressHasBooking):
                move(
                    live,
                    address_of(person + 1),
                    [key_of(session, person + 1)],
                    MADE_AT,
                    new_reference=f"NEWREFA{'ABCD'[person % 4]}",
                )
        elif deed == "rename" and live is not None:
            item_from(replace(live, name=name)).save()
        elif deed == "erase" and booking is not None and live is None:
            BookingItem(*booking_item_key(session.session_id, booking.key)).delete()
        self.records += self._chain.changes()["Records"]


def address_of(person: int) -> str:
    return f"p{person % 4}@example.org"


def key_of(session: Session, person: int) -> str:
    return booking_key(b"secret", session.session_id, address_of(person))


def in_another_order(records: list[Any], order: Sequence[int]) -> list[Any]:
    """Return records as several shards give them: those of one item stay in order."""
    waiting: dict[str, list[Any]] = {}
    for record in records:
        waiting.setdefault(str(record["dynamodb"]["Keys"]), []).append(record)
    return [waiting[str(records[place]["dynamodb"]["Keys"])].pop(0) for place in order]


deeds = st.tuples(
    st.sampled_from(["book", "book", "cancel", "correct", "rename", "erase"]),
    st.integers(0, 1),
    st.integers(0, 3),
    st.sampled_from(NAMES),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    history=st.lists(deeds, min_size=3, max_size=12),
    batches=st.lists(st.tuples(st.integers(1, 5), st.integers(0, 5)), max_size=12),
    data=st.data(),
)
@pytest.mark.usefixtures("neighbours")
def test_whatever_happened_and_however_its_records_come_the_directory_is_what_a_recount_would_make(
    table: Any, history: list[Any], batches: list[tuple[int, int]], data: st.DataObject
) -> None:
    chain = Chain(table)
    chain.forget()
    forget_process_state()
    it = History(chain)
    for deed in history:
        it.play(*deed)
    records = in_another_order(it.records, data.draw(st.permutations(range(len(it.records)))))
    for number, record in enumerate(records):
        record["dynamodb"]["SequenceNumber"] = str(number)
    first = 0
    for size, done in [*batches, (len(records), len(records))]:
        # What a batch was not done with comes again, and with it what is behind.
        if batch := records[first : first + size]:
            assert call("booking_stream", {"Records": copy.deepcopy(batch)}) == {"batchItemFailures": []}
        first += min(size, done)
    kept = entries(table)
    for partition_key, sort_key in kept:
        EntryItem(partition_key, sort_key).delete()
    for watched in watched_sessions():
        assert recount_session(watched, now=MADE_AT) is not None
    assert kept == entries(table)


def test_a_recount_lists_what_was_booked_before_there_was_a_directory_and_only_once(table: Any) -> None:
    session = make_session()
    booking = capacity.take(session, named(session, "ada", "Ada Okafor"))
    assert not is_all_listed(session.session_id)
    recount(session)
    assert len(entries(table)) == 3
    assert is_all_listed(session.session_id)
    for entry in entries(table):
        EntryItem(*entry).delete()
    capacity.give_back(booking, MADE_AT)
    recount(session)
    assert entries(table) == set()


def recount(session: Session, now: datetime = MADE_AT) -> None:
    (watched,) = [each for each in watched_sessions() if each.session_id == session.session_id]
    recount_session(watched, now=now)


@pytest.mark.usefixtures("neighbours")
def test_a_recount_that_finds_a_lost_record_by_its_email_lists_that_booking_again(table: Any) -> None:
    session = make_session()
    recount(session)
    assert is_all_listed(session.session_id)
    capacity.take(session, named(session, "ada", "Ada Okafor"))
    recount(session, MADE_AT + timedelta(minutes=2))
    assert len(entries(table)) == 3


def in_first_partition(session: Session, person: str, name: str) -> Booking:
    """Return a booking that lives in the first partition, and whose reference does."""
    booking = named(session, person, name)
    return replace(booking, key="a" + booking.key[1:], booking_id="a" + booking.booking_id[1:])


class Listing:
    """A session of which one booking was never listed, one was erased and one renamed without a record."""

    def __init__(self) -> None:
        self.session = make_session(capacity=200)
        self.ada, self.ben, self.cat = (
            capacity.take(self.session, in_first_partition(self.session, person, name))
            for person, name in (("ada", "Ada Okafor"), ("ben", "Ben Hill"), ("cat", "Cat Old"))
        )
        follow([(None, self.ben), (None, self.cat)])
        self._erase(self.ben)
        self.cat = self.renamed(self.cat, "Cat New")

    def renamed(self, booking: Booking, name: str) -> Booking:
        item_from(replace(booking, name=name)).save()
        return replace(booking, name=name)

    def _erase(self, booking: Booking) -> None:
        BookingItem(*booking_item_key(self.session.session_id, booking.key)).delete()

    def list(self) -> None:
        """List the partition, as the recount does."""
        list_anew(self.session, "0", every_booking_in(self.session.session_id, "0"))

    def erase(self) -> None:
        """Erase what is about to be listed, and let the stream work through that."""
        self._erase(self.ada)
        follow([(self.ada, None)])

    def rename(self) -> None:
        """Do the same with another name."""
        follow([(self.cat, self.renamed(self.cat, "Cat Newest"))])

    def book_again(self) -> None:
        """Book where nothing was, and let the stream work through that."""
        again = replace(self.ben, booking_id="ab" + self.ben.booking_id[2:], idempotency_key="again")
        follow([(None, capacity.take(self.session, again))])

    def is_right(self, table: Any) -> bool:
        """Return whether the session's entries are those of its bookings as they are, and no others."""
        kept = {entry for entry in entries(table) if f"#{self.session.session_id}#" in entry[1]}
        for partition_key, sort_key in kept:
            EntryItem(partition_key, sort_key).delete()
        follow((None, booking) for booking in every_booking_in(self.session.session_id, "0"))
        return kept == {entry for entry in entries(table) if f"#{self.session.session_id}#" in entry[1]}


def test_words_between_those_that_are_looked_for_are_passed_over_before_any_booking_is_read(
    table: Any,
) -> None:
    session = make_session()
    others = [named(session, f"p{number}", "Ada Maria Number") for number in range(60)]
    ada = named(session, "ada", "Ada Maria Okafor")
    long = named(session, "long", "Ada " + "Abcdefghij " * 9)
    follow((None, one) for one in (*others, ada, long))
    places, more = places_with_name(session.event_id, Search("ada okaf"))
    # What a name that is cut off goes on with is not known here.
    assert (sorted(key for _, key in places), more) == (sorted([ada.key, long.key]), False)


def test_a_listing_removes_entries_that_lead_to_nothing_or_under_which_a_booking_is_no_longer(
    table: Any,
) -> None:
    it = Listing()
    other = capacity.take(make_session(), in_first_partition(make_session(), "ben", "Ben Hill"))
    follow([(None, other)])
    before = entries(table)
    it.list()
    assert before - entries(table) == {
        entry
        for entry in before
        if "#" + it.ben.key in entry[1] or " old#" in entry[1] or "old cat" in entry[1]
    }
    assert it.is_right(table)


def test_dying_anywhere_while_listing_leaves_nothing_that_the_next_listing_does_not_put_right(
    table: Any,
) -> None:
    for request, applied in every_death():
        it = Listing()
        with dying(request, applied=applied) as process:
            it.list()
        it.list()
        assert it.is_right(table), (request, applied)
        if not process.died:
            break
    assert process.done.count("BatchWriteItem") == 1


@pytest.mark.parametrize("deed", ["erase", "rename", "book_again"])
def test_whatever_becomes_of_a_booking_while_it_is_listed_its_entries_are_those_of_what_is_there(
    table: Any, deed: str
) -> None:
    for moment in itertools.count():
        it = Listing()
        with meanwhile(moment, getattr(it, deed)) as is_done:
            it.list()
        if not is_done():
            break
        assert it.is_right(table), moment
    assert moment >= 6


def test_what_is_erased_while_a_lost_record_s_booking_is_listed_does_not_come_back(table: Any) -> None:
    for moment in range(2):
        it = Listing()
        with meanwhile(moment, it.erase):
            list_bookings_in(it.session.session_id, [it.ada])
        assert not [entry for entry in entries(table) if it.ada.key in entry[1]]


@contextlib.contextmanager
def meanwhile(at_request: int, deed: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Let this happen just before the n-th request of this process (from 0); yields whether it did."""
    numbers = itertools.count()

    def before_call(**_: Any) -> None:
        if next(numbers) == at_request:
            wire().unregister("before-call.dynamodb", before_call)
            deed()

    wire().register("before-call.dynamodb", before_call)
    try:
        yield lambda: next(numbers) > at_request
    finally:
        wire().unregister("before-call.dynamodb", before_call)


def test_a_session_is_not_all_listed_where_an_entry_was_missed_since_the_recount_read_it(table: Any) -> None:
    session = make_session()
    for _ in range(2):
        (watched,) = watched_sessions()
        list_again([session.session_id])
        remember_listed(session.session_id, watched.directory)
        assert not is_all_listed(session.session_id)
    recount(session)
    assert is_all_listed(session.session_id)


def test_a_recount_of_many_turns_lists_all_unless_an_entry_was_missed_between_two(table: Any) -> None:
    session = make_session(capacity=40)
    for person in range(20):
        booking = named(session, f"p{person}", "Ada Okafor")
        key = booking_key(b"secret", session.session_id, booking.address)
        capacity.take(session, replace(booking, key=key))
    for is_missed in (True, False):
        for turn in range(len(BOOKING_PARTITIONS)):
            assert not is_all_listed(session.session_id)
            if is_missed and turn == 8:
                list_again([session.session_id])
            (watched,) = watched_sessions()
            recount_session(watched, now=MADE_AT, is_time_up=lambda: True)
        assert is_all_listed(session.session_id) != is_missed
    assert len(entries(table)) == 60


def test_a_session_that_was_watched_before_there_was_a_directory_comes_to_be_all_listed(table: Any) -> None:
    session = make_session()
    RecountItem("RECOUNT", session.session_id).update([RecountItem.directory.remove()])
    recount(session)
    assert is_all_listed(session.session_id)


def test_a_session_that_nobody_watches_any_more_may_not_be_all_listed(table: Any) -> None:
    list_again(["gone"])
    remember_listed("gone", 0)
    assert not is_all_listed("gone")
    assert watched_sessions() == []


def listed(session: Session, count: int) -> list[Booking]:
    """Store so many bookings with their entries, as fast as the table takes them."""
    address = many_bookings(session)
    bookings = [next(address) for _ in range(count)]
    with BookingItem.batch_write() as batch:
        for booking in bookings:
            batch.save(item_from(booking))
    follow((None, booking) for booking in bookings)
    return bookings


def many_bookings(session: Session) -> Iterator[Booking]:
    for number in itertools.count():
        booking = named(session, f"p{number}", f"Ada Number{number}")
        yield replace(booking, key=booking_key(b"secret", session.session_id, booking.address))


def test_a_reference_is_found_in_a_large_session_with_two_requests_and_two_units(
    dynamodb_local: Any,
) -> None:
    session = make_session()
    bookings = listed(session, 500)
    remember_listed(session.session_id, 0)
    with units_read() as read:
        for booking in bookings[:20]:
            assert bookings_with_reference(session, reference(booking.booking_id)) == [booking]
    assert len(read) == 40
    assert sum(read) <= 40
    with units_read() as read:
        assert bookings_with_reference(session, "AAAAAAAA") == []
    assert len(read) == 2


@contextlib.contextmanager
def units_read() -> Iterator[list[float]]:
    """Collect what each request of this process consumes: our requests ask the table to say it."""
    units: list[float] = []

    def count(parsed: dict[str, Any], **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity", [])
        tables = consumed if isinstance(consumed, list) else [consumed]
        units.append(sum(each["CapacityUnits"] for each in tables))

    wire().register("after-call.dynamodb", count)
    try:
        yield units
    finally:
        wire().unregister("after-call.dynamodb", count)


def test_a_reference_without_an_entry_is_looked_for_until_all_of_a_session_is_listed(table: Any) -> None:
    session = make_session()
    booking = capacity.take(session, named(session, "ada", "Ada Okafor"))
    printed = reference(booking.booking_id)
    assert places_with_reference(session.event_id, printed) == []
    assert bookings_with_reference(session, printed) == [booking]
    remember_listed(session.session_id, 0)
    assert bookings_with_reference(session, printed) == []
    follow([(None, booking)])
    assert bookings_with_reference(session, printed) == [booking]


def test_a_booking_whose_address_was_corrected_a_moment_ago_is_found_where_it_moved_to(table: Any) -> None:
    session = make_session()
    booking = capacity.take(session, named(session, "ada", "Ada Okafor"))
    follow([(None, booking)])
    remember_listed(session.session_id, 0)
    keys = [booking_for(session, "new").key]
    moved = move(booking, "new@example.org", keys, MADE_AT, new_reference="NEWREFAB", keep_links=True)
    printed = reference(booking.booking_id)
    assert bookings_with_reference(session, printed) == [moved]
    # And once, while both entries are there.
    follow([(None, moved)])
    assert bookings_with_reference(session, printed) == [moved]


def test_the_reference_that_an_address_was_sent_finds_nothing_once_the_booking_has_left_it(
    table: Any,
) -> None:
    session = make_session()
    booking = capacity.take(session, named(session, "ada", "Ada Okafor"))
    follow([(None, booking)])
    remember_listed(session.session_id, 0)
    keys = [booking_for(session, "new").key]
    moved = move(booking, "new@example.org", keys, MADE_AT, new_reference="NEWREFAB")
    assert bookings_with_reference(session, reference(booking.booking_id)) == []
    follow([(None, moved)])
    assert bookings_with_reference(session, reference(booking.booking_id)) == []
    assert bookings_with_reference(session, "NEWREFAB") == [moved]


def test_the_first_names_of_all_partitions_are_found_and_it_is_said_that_there_are_more(table: Any) -> None:
    session = make_session()
    bookings = list(itertools.islice(many_bookings(session), 120))
    follow((None, booking) for booking in bookings)
    places, more = places_with_name(session.event_id, Search("ada"))
    names = {(booking.session_id, booking.key): booking.name for booking in bookings}
    assert [names[place] for place in places] == sorted(names.values())[:FOUND_MAX]
    assert more
    assert places_with_name(session.event_id, Search("ada number11")) == (
        [place for name, place in sorted((name, place) for place, name in names.items()) if "ber11" in name],
        False,
    )
    assert places_with_name(session.event_id, Search("number119"))[0] == [
        (session.session_id, bookings[119].key)
    ]
    assert places_with_name(make_session().event_id, Search("ada")) == ([], False)


def test_among_many_of_a_large_event_those_of_one_session_are_found(table: Any) -> None:
    event = make_event()
    large, small = make_session(event), make_session(event)
    follow((None, booking) for booking in itertools.islice(many_bookings(large), 120))
    mine = named(small, "ada", "Ada Zulu")
    follow([(None, mine)])
    found = places_with_name(event.event_id, Search("ada"), small.session_id)
    assert found == ([(small.session_id, mine.key)], False)
    assert places_with_reference(event.event_id, reference(mine.booking_id), large.session_id) == []
