"""Who has booked and who has not are refused alike: with the same words, and the same requests on the wire.

Otherwise anybody could learn from a refusal, or from the time that it takes, who comes to a dinner.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from chalicelib.actions.booking.book import Booked, book
from chalicelib.domain.booking import Party
from chalicelib.domain.event import Event
from chalicelib.domain.refusals import AlreadyBooked, Refusal
from chalicelib.domain.session import Session
from chalicelib.store import capacity_changes, hints, takers
from chalicelib.store.keys import counter_key
from chalicelib.store.table import CounterItem
from tests.making import invariants_hold, make_event, make_session
from tests.wire import wire

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)


class Scene(NamedTuple):
    """Where somebody books, how many places they want, and when."""

    event: Event
    session: Session
    places: int = 2
    now: datetime = NOW


def ask(it: Scene, name: str, key: str | None, places: int | None = None) -> Booked:
    party = Party(name=name, address=f"{name}@example.org", places=places or it.places, guests=())
    return book(
        it.event, it.session, party, idempotency_key=key, now=it.now, booking_id=f"{name}-{key}-{places}"
    )


def too_many_places(it: Scene) -> Scene:
    return it._replace(places=9)


def too_late(it: Scene) -> Scene:
    return it._replace(now=it.session.starts_at)


def too_early(it: Scene) -> Scene:
    return it._replace(event=replace(it.event, opens_at=NOW + timedelta(days=1)))


def closed(it: Scene) -> Scene:
    return it._replace(session=capacity_changes.close(it.session))


def closed_a_moment_ago(it: Scene) -> Scene:
    """This process has not heard of it: only the counters refuse."""
    capacity_changes.close(it.session)
    return it


def cancelled(it: Scene) -> Scene:
    return it._replace(session=capacity_changes.cancel_session(it.session))


def cancelled_event(it: Scene) -> Scene:
    return it._replace(event=replace(it.event, status="cancelled"))


def not_admitted(it: Scene) -> Scene:
    return it._replace(event=replace(it.event, admission="queue"))


def sold_out_elsewhere(it: Scene) -> Scene:
    """This process believes in places that others have taken."""
    left = it.session.capacity - invariants_hold(it.session)
    for number, places in enumerate([6] * (left // 6) + [left % 6]):
        if places:
            ask(it, f"others{number}", "key", places)
    hints.forget()
    takers.forget()
    return it


def sold_out(it: Scene) -> Scene:
    """And this process knows."""
    sold_out_elsewhere(it)
    with pytest.raises(Refusal):
        ask(it, "late", "key")
    return it


def too_few_are_left(it: Scene) -> Scene:
    sold_out_elsewhere(it._replace(session=replace(it.session, capacity=it.session.capacity - 1)))
    with pytest.raises(Refusal):
        ask(it, "late", "key")
    return it


def sold_out_of_old_counters(it: Scene) -> Scene:
    """Of which nobody knows whose requests have taken from them."""
    for counter in range(it.session.counters):
        CounterItem(*counter_key(it.session.session_id, counter)).update([CounterItem.schema.set(2)])
    return sold_out(it)


REFUSALS: list[tuple[Callable[[Scene], Scene], str, bool]] = [
    (too_many_places, "too_many_places", True),
    (too_late, "closed", True),
    (closed, "closed", True),
    (closed_a_moment_ago, "closed", True),
    (cancelled, "cancelled", True),
    (cancelled_event, "cancelled", True),
    (not_admitted, "not_admitted", True),
    (too_early, "not_open_yet", False),
    (sold_out, "sold_out", False),
    (too_few_are_left, "sold_out", False),
    (sold_out_elsewhere, "sold_out", False),
    (sold_out_of_old_counters, "sold_out", True),
]
"""How it comes about, its code, and whether it looks for a booking that the same request has made."""

UNKNOWN_HERE = (closed_a_moment_ago, sold_out_elsewhere)
"""What this process has yet to hear. All else costs nothing but that look."""


@contextmanager
def requests_listed() -> Iterator[list[tuple[str, list[str]]]]:
    """List what is asked of the table: each operation, and of what kind the items are that it names."""
    sent: list[tuple[str, list[str]]] = []

    def note(model: Any, params: dict[str, Any], **_: Any) -> None:
        sent.append((model.name, sorted(part.partition("#")[0] for part in _strings(params["body"]))))

    wire().register("before-call.dynamodb", note)
    try:
        yield sent
    finally:
        wire().unregister("before-call.dynamodb", note)


def _strings(body: bytes) -> Iterator[str]:
    for piece in body.decode().split('"PK": {"S": "')[1:]:
        yield piece.partition('"')[0]


def refused(
    arrange: Callable[[Scene], Scene], asker: str, key: str | None, bookings_max: int, has: int
) -> tuple[str, dict[str, Any], list[tuple[str, list[str]]]]:
    """Return what an asker hears where Ada has so many bookings, and what was asked of the table for it."""
    event = make_event(bookings_per_address_max=bookings_max)
    it = Scene(event, make_session(event, capacity=20))
    for number in range(has):
        ask(it, "ada", f"key-{number}")
    it = arrange(it)
    random.seed(7)
    with requests_listed() as sent, pytest.raises(Refusal) as refusal:
        ask(it, asker, key)
    return refusal.value.code, {"detail": refusal.value.detail, **refusal.value.facts}, sent


@pytest.mark.parametrize(("bookings_max", "has"), [(1, 1), (3, 1), (3, 3)])
@pytest.mark.parametrize("key", ["another-key", None])
@pytest.mark.parametrize(("arrange", "code", "looks"), REFUSALS)
def test_an_attendee_is_refused_with_the_words_and_the_requests_of_a_stranger(
    table: Any,
    arrange: Callable[[Scene], Scene],
    code: str,
    looks: bool,
    key: str | None,
    bookings_max: int,
    has: int,
) -> None:
    attendee = refused(arrange, "ada", key, bookings_max, has)
    stranger = refused(arrange, "bo", key, bookings_max, has)
    assert attendee == stranger
    assert attendee[0] == code
    sent = attendee[2]
    if arrange in UNKNOWN_HERE:
        assert sent
    else:
        assert sent == ([("BatchGetItem", ["BOOKINGS"] * bookings_max)] if looks and key else [])


@pytest.mark.parametrize("key", ["another-key", None])
@pytest.mark.parametrize("bookings_max", [1, 3])
def test_who_has_all_that_an_address_may_have_hears_so_only_where_there_is_room(
    table: Any, key: str | None, bookings_max: int
) -> None:
    event = make_event(bookings_per_address_max=bookings_max)
    it = Scene(event, make_session(event, capacity=20))
    for number in range(bookings_max):
        ask(it, "ada", f"key-{number}")
    with pytest.raises(AlreadyBooked):
        ask(it, "ada", key)
    assert refused(sold_out_elsewhere, "ada", key, bookings_max, bookings_max)[0] == "sold_out"


@pytest.mark.parametrize("bookings_max", [1, 3])
@pytest.mark.parametrize(
    ("arrange", "code"), [(how, code) for how, code, _ in REFUSALS if how is not too_early]
)
def test_a_retry_gets_its_booking_whatever_a_rule_says_by_now(
    table: Any, arrange: Callable[[Scene], Scene], code: str, bookings_max: int
) -> None:
    event = make_event(bookings_per_address_max=bookings_max)
    it = Scene(event, make_session(event, capacity=20))
    first = ask(it, "ada", "key").booking
    it = arrange(it)
    if arrange is too_many_places:
        # The event has come to allow smaller parties only.
        it = it._replace(event=replace(it.event, places_per_booking_max=1), places=2)
    assert ask(it, "ada", "key", first.places) == Booked(first, replayed=True)
