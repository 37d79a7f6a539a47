"""Who is known not to have booked: nobody is who has, and whoever isn't costs no read once all is sold."""

import time
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from pynamodb.exceptions import PutError

from chalicelib.domain.booking import Booking
from chalicelib.domain.refusals import SoldOut
from chalicelib.domain.session import Session
from chalicelib.store import availability, capacity, capacity_changes, hints, takers
from chalicelib.store.connection import connection
from chalicelib.store.keys import counter_key, mark_key
from chalicelib.store.table import CounterItem, MarkItem, TakersItem
from tests.making import booking_for, make_session
from tests.wire import requests_counted

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)


def a_new_process() -> None:
    hints.forget()
    takers.forget()


def hear_sold_out(session: Session, *, places: int = 1, person: str = "late") -> None:
    with pytest.raises(SoldOut):
        capacity.take(session, booking_for(session, person, places=places))


def trace_of(booking: Booking) -> bytes:
    return takers.trace_of(booking.key, booking.idempotency_key)


def is_stranger(session: Session, booking: Booking) -> bool:
    return takers.took_nothing(session, [booking.key], booking.idempotency_key, booking.places)


@pytest.fixture
def sold(table: Any) -> tuple[Session, list[Booking]]:
    """A session of two counters that ten parties of four and one of ten have filled."""
    session = make_session(capacity=50)
    booked = [capacity.take(session, booking_for(session, f"p{n}", places=4)) for n in range(10)]
    booked.append(capacity.take(session, booking_for(session, "split", places=10)))
    assert len(booked[-1].allocation) == 2
    return session, booked


def assert_the_mark_names_what_was_written(session: Session, booked: list[Booking]) -> None:
    """Assert that the mark goes with the traces that are there, and that these tell who has booked."""
    mark = MarkItem.get(*mark_key(session.session_id))
    assert mark.traces_at == mark.seen_at == TakersItem.get(f"TAKERS#{session.session_id}", "TAKERS").seen_at
    a_new_process()
    hear_sold_out(session)
    assert not any(is_stranger(session, booking) for booking in booked)
    assert is_stranger(session, booking_for(session, "late"))


def test_a_process_that_found_all_sold_knows_who_has_booked_without_asking(
    sold: tuple[Session, list[Booking]],
) -> None:
    session, booked = sold
    a_new_process()
    hear_sold_out(session)
    with requests_counted() as sent:
        assert not any(is_stranger(session, booking) for booking in booked)
        assert sum(is_stranger(session, booking_for(session, f"late{n}")) for n in range(50)) == 50
    assert not sent


def test_another_process_reads_it_once(sold: tuple[Session, list[Booking]]) -> None:
    session, booked = sold
    hear_sold_out(session)
    a_new_process()
    hints.hint_for(session).free = {0: 0, 1: 0}  # a hint that is used up
    with requests_counted() as sent:
        hear_sold_out(session)
        assert not any(is_stranger(session, booking) for booking in booked)
        assert is_stranger(session, booking_for(session, "late"))
    assert sent == {"GetItem": 2}, "the mark, and who took the places"


def test_another_request_of_who_has_booked_is_as_unknown_as_a_strangers(
    sold: tuple[Session, list[Booking]],
) -> None:
    session, booked = sold
    hear_sold_out(session)
    with requests_counted() as sent:
        for booking in booked:
            anew = msgspec.structs.replace(booking, idempotency_key="another", booking_id="another")
            assert is_stranger(session, anew)
            assert not is_stranger(session, booking)
    assert not sent


def test_after_places_came_back_a_retry_may_hear_sold_out_of_its_booking_for_a_second_and_no_longer(
    sold: tuple[Session, list[Booking]], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, booked = sold
    hear_sold_out(session)
    believed = dict(hints._hints), dict(takers._held)
    # In another process places come back, and are booked.
    capacity.give_back(booked[0], NOW)
    a_new_process()
    mine = capacity.take(session, booking_for(session, "mine", places=4))
    a_new_process()
    hints._hints.update(believed[0])
    takers._held.update(believed[1])
    assert is_stranger(session, mine)
    clock = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: clock() + 1.0)
    assert not is_stranger(session, mine)


def test_who_has_cancelled_is_asked_about_too(sold: tuple[Session, list[Booking]]) -> None:
    session, booked = sold
    capacity.give_back(booked[0], NOW)
    capacity.take(session, booking_for(session, "next", places=4))
    a_new_process()
    hear_sold_out(session)
    assert not is_stranger(session, booked[0])


def test_nothing_is_known_of_parties_that_may_fit_nor_after_the_second_is_over(
    sold: tuple[Session, list[Booking]],
) -> None:
    session, booked = sold
    stranger = booking_for(session, "late", places=4)
    assert not is_stranger(session, stranger)
    capacity.give_back(booked[0], NOW)
    hear_sold_out(session, places=5)
    assert not is_stranger(session, stranger)
    assert is_stranger(session, booking_for(session, "late", places=5))
    hints.hint_for(session).forget_limit()
    assert not is_stranger(session, booking_for(session, "late", places=5))


def test_a_party_split_over_counters_while_they_are_read_left_its_trace_in_the_later_one(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session(capacity=50)
    for person in range(2):
        capacity.take(session, booking_for(session, f"p{person}", places=20))
    split: list[Booking] = []

    def one_by_one(keys: list[tuple[str, str]], **_: Any) -> list[CounterItem]:
        monkeypatch.undo()
        seen = [CounterItem.get(*keys[0])]
        hints.hint_for(session).free = {0: 5, 1: 5}
        split.append(capacity.take(session, booking_for(session, "split", places=8)))
        assert len(split[0].allocation) == 2
        return [*seen, CounterItem.get(*keys[1])]

    hints.hint_for(session).free = {0: 0, 1: 0}  # a hint that is used up
    monkeypatch.setattr(CounterItem, "batch_get", one_by_one)
    hear_sold_out(session, places=9)
    assert hints.hint_for(session).limit.traces_at
    assert not is_stranger(session, msgspec.structs.replace(split[0], places=9))


def test_a_scan_that_found_room_makes_nobody_a_stranger_by_what_an_older_one_wrote(
    sold: tuple[Session, list[Booking]],
) -> None:
    session, booked = sold
    hear_sold_out(session)
    capacity.give_back(booked[0], NOW)
    hints.hint_for(session).forget_limit()
    later = capacity.take(session, booking_for(session, "later", places=3))
    a_new_process()
    hints.hint_for(session).free = {0: 0, 1: 0}
    hear_sold_out(session, places=9)
    assert not is_stranger(session, msgspec.structs.replace(later, places=9))


def test_a_session_made_smaller_makes_nobody_a_stranger(table: Any) -> None:
    session = make_session(capacity=10)
    capacity.take(session, booking_for(session, "first", places=6))
    hear_sold_out(session, places=5)
    later = capacity.take(session, booking_for(session, "later", places=2))
    shrunk = capacity_changes.resize(session, 8)
    a_new_process()
    hear_sold_out(shrunk, places=2)
    assert not is_stranger(shrunk, later)
    assert is_stranger(shrunk, booking_for(session, "late", places=2))


@pytest.mark.parametrize("older", [1, 2])
def test_of_counters_that_did_not_always_remember_nothing_is_known(
    sold: tuple[Session, list[Booking]], older: int
) -> None:
    session, booked = sold
    CounterItem(*counter_key(session.session_id, 1)).update([CounterItem.schema.set(older)])
    hear_sold_out(session)
    assert MarkItem.get(*mark_key(session.session_id)).traces_at is None
    assert not is_stranger(session, booking_for(session, "late"))
    assert not is_stranger(session, booked[0])


def test_a_mark_that_names_traces_of_keys_alone_makes_nobody_a_stranger(
    table: Any, sold: tuple[Session, list[Booking]]
) -> None:
    session, booked = sold
    hear_sold_out(session)
    # As an older process leaves it that found all sold: nobody's request is among its traces.
    partition, sort = mark_key(session.session_id)
    table.update_item(
        TableName=MarkItem.Meta.table_name,
        Key={"PK": {"S": partition}, "SK": {"S": sort}},
        UpdateExpression="SET takers_at = seen_at REMOVE traces_at",
    )
    TakersItem(f"TAKERS#{session.session_id}", "TAKERS").update([TakersItem.takers.set(b"")])
    a_new_process()
    hear_sold_out(session)
    assert not any(is_stranger(session, booking) for booking in booked)


def test_of_more_bookings_than_one_item_should_hold_nothing_is_known(
    sold: tuple[Session, list[Booking]], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = sold
    monkeypatch.setattr(takers, "_BYTES_MAX", 30)
    hear_sold_out(session)
    assert not is_stranger(session, booking_for(session, "late"))


def test_what_another_scan_wrote_is_never_taken_for_that_of_the_mark(
    sold: tuple[Session, list[Booking]],
) -> None:
    session, booked = sold
    hear_sold_out(session)
    # Another scan, which may have been earlier by a fast clock, wrote its own and died before the mark.
    mark = MarkItem.get(*mark_key(session.session_id))
    TakersItem(f"TAKERS#{session.session_id}", "TAKERS", seen_at=mark.seen_at + 5, takers=b"").save()
    a_new_process()
    hear_sold_out(session)
    late = booking_for(session, "late")
    with requests_counted() as sent:
        assert not any(is_stranger(session, booking) for booking in [*booked, late, late])
    assert sent == {"GetItem": 1}, "once it is known to be gone, nobody reads it again"
    # The next scan writes, and tells the mark, what goes together again.
    capacity.give_back(booked[0], NOW)
    a_new_process()
    capacity.take(session, booking_for(session, "next", places=4))
    a_new_process()
    MarkItem(*mark_key(session.session_id)).update([MarkItem.scan_until.set(0)])  # the lease is over
    hear_sold_out(session)
    assert is_stranger(session, late)
    assert not any(is_stranger(session, booking) for booking in booked)


def test_of_two_readings_the_later_writing_is_kept_whichever_answer_comes_first(
    sold: tuple[Session, list[Booking]], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, booked = sold
    hear_sold_out(session)
    mark, key = MarkItem.get(*mark_key(session.session_id)), (f"TAKERS#{session.session_id}", "TAKERS")
    older = TakersItem(*key, seen_at=mark.seen_at - 5, takers=b"")
    newer = TakersItem.get(*key)
    a_new_process()
    hear_sold_out(session)
    late = booking_for(session, "late")

    def slowly(*_: Any) -> TakersItem:
        # Another thread reads meanwhile, and from a copy of the table that is up to date.
        monkeypatch.setattr(TakersItem, "get", lambda *_: newer)
        assert is_stranger(session, late)
        return older

    monkeypatch.setattr(TakersItem, "get", slowly)
    assert is_stranger(session, late)
    assert not any(is_stranger(session, booking) for booking in booked)


def test_a_scan_that_another_was_faster_than_looks_again_and_finds_what_that_one_saw(
    sold: tuple[Session, list[Booking]], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, booked = sold
    read = CounterItem.batch_get

    def overtaken(*arguments: Any, **options: Any) -> Any:
        seen = list(read(*arguments, **options))
        monkeypatch.undo()
        MarkItem(*mark_key(session.session_id)).update([MarkItem.scan_until.set(0)])  # the lease is over
        mine, ahead = availability._now_ms, availability._now_ms() + 60_000
        monkeypatch.setattr(availability, "_now_ms", lambda: ahead)
        hints.forget()
        hear_sold_out(session, person="the-other")
        monkeypatch.setattr(availability, "_now_ms", mine)
        return seen

    monkeypatch.setattr(CounterItem, "batch_get", overtaken)
    hear_sold_out(session)
    assert_the_mark_names_what_was_written(session, booked)


def test_a_scan_that_wrote_earlier_than_the_newest_does_not_overwrite_its_mark(
    sold: tuple[Session, list[Booking]], monkeypatch: pytest.MonkeyPatch
) -> None:
    session, booked = sold
    publish, now = takers.publish, availability._now_ms()

    def then_another(session_id: str, *seen: Any) -> int | None:
        mine = publish(session_id, *seen)
        monkeypatch.undo()
        MarkItem(*mark_key(session_id)).update([MarkItem.scan_until.set(0)])  # the lease is over
        hints.forget()
        hear_sold_out(session, person="the-other")
        return mine

    monkeypatch.setattr(availability, "_now_ms", lambda: now - 60_000)
    monkeypatch.setattr(takers, "publish", then_another)
    hear_sold_out(session)
    assert_the_mark_names_what_was_written(session, booked)


@pytest.mark.parametrize(("places", "asks_mark"), [(8 * 25, True), (7 * 25, False)])
def test_a_page_does_not_ask_the_many_counters_of_a_session_that_is_sold_out(
    table: Any, places: int, asks_mark: bool
) -> None:
    session = make_session(capacity=places)
    open_still = make_session(capacity=places)
    for person in range(session.counters):
        capacity.take(session, booking_for(session, f"p{person}", places=25))
    hear_sold_out(session)
    lately = availability.places_free_lately([session, open_still])
    assert lately == {session.session_id: 0, open_still.session_id: places}
    availability.forget()
    with requests_counted() as sent:
        assert availability.places_free_lately([session]) == {session.session_id: 0}
    assert sent == {"BatchGetItem": 1}
    CounterItem(*counter_key(session.session_id, 0)).update([CounterItem.free.set(9)])
    availability.forget()
    shown = availability.places_free_lately([session])[session.session_id]
    assert shown == (0 if asks_mark else 9), "the mark was asked and not the counters, or the other way"


def test_a_counter_that_remembers_200_bookings_still_costs_one_unit_to_write(dynamodb_local: Any) -> None:
    session = make_session(capacity=25)
    others = {trace_of(booking_for(session, f"other{n}")) for n in range(200)}
    CounterItem(*counter_key(session.session_id, 0)).update([CounterItem.takers.set(others)])
    units: list[float] = []

    def note(parsed: dict[str, Any], **_: Any) -> None:
        units.extend(table["CapacityUnits"] for table in parsed["ConsumedCapacity"])

    connection().client.meta.events.register("after-call.dynamodb.TransactWriteItems", note)
    ada = booking_for(session, "ada")
    capacity.take(session, ada)
    # DynamoDB Local counts what the items weigh; AWS charges twice that in a transaction.
    assert units == [2.0]
    stored = CounterItem.get(*counter_key(session.session_id, 0)).takers
    assert stored == others | {trace_of(ada)}


def test_of_two_scans_at_the_same_moment_only_the_first_writes_what_it_saw(
    sold: tuple[Session, list[Booking]],
) -> None:
    session, booked = sold
    counters = list(CounterItem.batch_get([counter_key(session.session_id, n) for n in range(2)]))
    assert takers.publish(session.session_id, counters, 5) == 5
    with pytest.raises(PutError):
        # It read one of them before anybody had taken from that.
        takers.publish(session.session_id, counters[:1], 5)
    written = bytes(TakersItem.get(f"TAKERS#{session.session_id}", "TAKERS").takers)
    assert len(written) == 3 * len({trace_of(booking) for booking in booked})
