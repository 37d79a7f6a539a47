"""What is in the table stays readable, and what is written stays what it was: attribute by attribute."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import fields, replace

from chalicelib.domain.check_in import Scan, check_in_undone, checked_in
from chalicelib.domain.queue import Queue
from chalicelib.store import capacity
from chalicelib.store.bookings import booking_from_image, item_from
from chalicelib.store.check_ins import change_arrivals
from chalicelib.store.connection import Item
from chalicelib.store.event_items import event_from_image, event_item, session_from_image, session_item
from chalicelib.store.keys import booking_item_key
from chalicelib.store.mapping import struct_from_image
from chalicelib.store.owed_mail import owe_mail_again
from chalicelib.store.queue_items import QueueItem, queue_item
from chalicelib.store.queues import find_queue, save_corrected_queue
from chalicelib.store.tokens import create_organiser, find_token, token_item
from tests.making import MADE_AT, booking_for, make_event_with_queue, make_session
from tests.store import samples, stored


def queue_from_image(image: stored.Item) -> Queue:
    return struct_from_image(Queue, QueueItem, image)


def item_of_queue(queue: Queue) -> QueueItem:
    return queue_item("eeee", queue)


STORED: list[tuple[Callable[[Any], Item], Struct, stored.Item]] = [
    (event_item, samples.WHOLE_EVENT, stored.WHOLE_EVENT),
    (event_item, samples.SPARSE_EVENT, stored.SPARSE_EVENT),
    (session_item, samples.WHOLE_SESSION, stored.WHOLE_SESSION),
    (session_item, samples.SPARSE_SESSION, stored.SPARSE_SESSION),
    (item_from, samples.WHOLE_BOOKING, stored.WHOLE_BOOKING),
    (item_from, samples.SPARSE_BOOKING, stored.SPARSE_BOOKING),
    (item_of_queue, samples.WHOLE_QUEUE, stored.WHOLE_QUEUE),
    (item_of_queue, samples.SPARSE_QUEUE, stored.SPARSE_QUEUE),
    (token_item, samples.TOKEN, stored.TOKEN),
]
READ: list[tuple[Callable[[Any], Struct], stored.Item, Struct]] = [
    (event_from_image, stored.WHOLE_EVENT, samples.WHOLE_EVENT),
    (event_from_image, stored.SPARSE_EVENT, samples.SPARSE_EVENT),
    (session_from_image, stored.WHOLE_SESSION, samples.WHOLE_SESSION),
    (session_from_image, stored.SPARSE_SESSION, samples.SPARSE_SESSION),
    (booking_from_image, stored.WHOLE_BOOKING, samples.WHOLE_BOOKING),
    (booking_from_image, stored.SPARSE_BOOKING, samples.SPARSE_BOOKING),
    (queue_from_image, stored.WHOLE_QUEUE, samples.WHOLE_QUEUE),
    (queue_from_image, stored.SPARSE_QUEUE, samples.SPARSE_QUEUE),
]


@pytest.mark.parametrize(("item", "struct", "expected"), STORED)
def test_an_item_is_stored_as_it_always_was(
    item: Callable[[Any], Item], struct: Struct, expected: stored.Item
) -> None:
    written = item(struct).serialize()
    assert {name: written[name] for name in expected} == expected
    # What has a place in the other sample and none in this one is left out of the item, not stored empty.
    known = {name for _, other, image in STORED if type(other) is type(struct) for name in image}
    assert (written.keys() & known) == expected.keys()


@pytest.mark.parametrize(("read", "image", "expected"), READ)
def test_an_item_is_read_as_it_always_was(
    read: Callable[[Any], Struct], image: stored.Item, expected: Struct
) -> None:
    assert read(image) == expected


@pytest.mark.parametrize(
    ("read", "image", "expected", "later"),
    [
        (
            event_from_image,
            stored.SPARSE_EVENT,
            samples.SPARSE_EVENT,
            (
                "bookings_per_address_max",
                "admission",
                "admissions_per_second",
                "session_noun",
                "reminders",
            ),
        ),
        (session_from_image, stored.SPARSE_SESSION, samples.SPARSE_SESSION, ("last_change",)),
        (booking_from_image, stored.SPARSE_BOOKING, samples.SPARSE_BOOKING, ("ordinal",)),
    ],
)
def test_an_item_from_before_an_attribute_came_is_read_with_its_default(
    read: Callable[[Any], Struct], image: stored.Item, expected: Struct, later: tuple[str, ...]
) -> None:
    older = {name: value for name, value in image.items() if name not in later}
    assert len(older) == len(image) - len(later)
    assert read(older) == expected


def test_numbers_are_read_as_the_table_spells_them() -> None:
    # DynamoDB keeps no trailing zeros: what was written as -2.0 comes back as -2.
    session = session_from_image({**stored.WHOLE_SESSION, "longitude": {"N": "-2"}})
    assert (session, type(session.longitude)) == (samples.WHOLE_SESSION, float)
    queue = queue_from_image({**stored.SPARSE_QUEUE, "number": {"N": "0"}})
    assert (queue, type(queue.number)) == (samples.SPARSE_QUEUE, float)


def test_a_token_from_before_tokens_had_names_is_called_unnamed(table: Any) -> None:
    older = {name: value for name, value in stored.TOKEN.items() if name != "name"}
    table.put_item(TableName="turnout-test", Item=older)
    assert find_token("oooo", "tttt") == replace(samples.TOKEN, name="Unnamed token")


def test_an_organiser_and_its_token_are_stored_as_they_always_were(table: Any) -> None:
    create_organiser(samples.ORGANISER, samples.TOKEN)
    assert _raw(table, "ORG#oooo", "TOKEN#tttt") == stored.TOKEN
    assert _raw(table, "ORG#oooo", "ORG") == {
        "PK": {"S": "ORG#oooo"},
        "SK": {"S": "ORG"},
        "created_at": {"S": "2027-06-01T09:30:00.000000+0000"},
        "name": {"S": "Social Care Curry"},
        "organiser_id": {"S": "oooo"},
        "schema": {"N": "1"},
    }


# An update writes some attributes of an item; it must leave the item that a put would have left.


def test_a_check_in_and_its_undoing_leave_what_a_put_would(table: Any) -> None:
    session = make_session()
    booking = capacity.take(session, booking_for(session, "ada", places=3))
    scan = Scan(nonce="a", places=2, at=session.starts_at, token_id="t", where="Front door")
    came = change_arrivals(booking, lambda standing: checked_in(session, standing, scan))
    assert _raw(table, *booking_item_key(came.session_id, came.key)) == item_from(came).serialize()
    undone = change_arrivals(came, lambda standing: check_in_undone(standing, "a"))
    assert _raw(table, *booking_item_key(undone.session_id, undone.key)) == item_from(undone).serialize()


@pytest.mark.parametrize("source", ["network", ""])
def test_a_mail_owed_again_leaves_what_a_put_would(table: Any, source: str) -> None:
    session = make_session()
    booking = capacity.take(session, replace(booking_for(session, "ada"), source="another network"))
    owing = owe_mail_again(booking, session.starts_at, source=source)
    assert (owing.source, owing.asked_from) == ("another network", source)
    assert _raw(table, *booking_item_key(owing.session_id, owing.key)) == item_from(owing).serialize()


@pytest.mark.parametrize("late", [(), samples.WHOLE_QUEUE.late])
@pytest.mark.parametrize("up_to", [None, 0, 7])
def test_a_corrected_queue_leaves_what_a_put_would(table: Any, late: Any, up_to: int | None) -> None:
    event = make_event_with_queue()
    before = find_queue(event.event_id)
    assert before is not None
    queue = replace(before, number=0.5, at=MADE_AT, up_to=up_to, late=late, early=0, version=2)
    assert save_corrected_queue(event.event_id, queue, before.version)
    assert _raw(table, "LINES", event.event_id) == queue_item(event.event_id, queue).serialize()


def _raw(table: Any, partition_key: str, sort_key: str) -> stored.Item:
    key = {"PK": {"S": partition_key}, "SK": {"S": sort_key}}
    found: stored.Item = table.get_item(TableName="turnout-test", Key=key)["Item"]
    return found


@pytest.mark.parametrize(("read", "image", "expected"), READ)
def test_a_null_that_somebody_wrote_by_hand_is_as_if_it_were_not_there(
    read: Callable[[Any], Struct], image: stored.Item, expected: Struct
) -> None:
    absent = [field.name for field in fields(type(expected)) if field.encode_name not in image]
    assert read({**image, **{name: {"NULL": True} for name in absent}}) == expected
