"""Events, sessions and bookings for tests, made through the same functions that the product uses."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import msgspec

from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.ids import booking_key, new_id
from chalicelib.domain.session import Session
from chalicelib.store import event_changes, events, pools, queues
from chalicelib.store.bookings import every_booking
from chalicelib.store.keys import counter_key
from chalicelib.store.pools import counters_for
from chalicelib.store.table import CounterItem

FACE = {"organiser_name": "Curry Hosts", "contact": "hosts@example.org"}
"""What an event must say of its organiser to be published."""

MADE_AT = datetime(2027, 6, 1, 9, tzinfo=UTC)


def make_event(**changes: Any) -> Event:
    """Store a published event, open for booking."""
    event = Event(
        event_id=new_id(secrets.token_bytes(10)),
        organiser_id=new_id(secrets.token_bytes(10)),
        slug=f"curry-{secrets.token_hex(4)}",
        title="Social Care Curry",
        status="published",
    )
    event = msgspec.structs.replace(event, **{**FACE, **changes})
    event_changes.create_event(event)
    return event


def make_event_with_queue(
    *, opens_at: datetime = MADE_AT, line_seed: str = "5e" * 32, **changes: Any
) -> Event:
    """Store an event whose queue was published a day before the opening."""
    draft = make_event(status="draft", admission="queue", opens_at=opens_at, line_seed=line_seed, **changes)
    event = msgspec.structs.replace(draft, status="published", version=2)
    queues.save_event_and_queue(event, draft, opens_at - timedelta(days=1))
    return event


def make_session(event: Event | None = None, *, capacity: int = 20, **changes: Any) -> Session:
    """Store a session with its pool. ``counters`` sets how many there are, in place of the product's rule."""
    event = event or make_event()
    session = Session(
        session_id=new_id(secrets.token_bytes(10)),
        event_id=event.event_id,
        organiser_id=event.organiser_id,
        title="Leicester",
        venue="The Copper Pot",
        address="12 Example Street, Leicester",
        latitude=52.6369,
        longitude=-1.1398,
        zone="Europe/London",
        starts_local=datetime(2027, 9, 5, 19),
        ends_local=datetime(2027, 9, 5, 22),
        capacity=capacity,
        counters=counters_for(capacity),
    )
    session = msgspec.structs.replace(session, **changes)
    with mock.patch.object(pools, "counters_for", return_value=session.counters):
        open_pool(session.session_id, capacity)
    event_changes.create_session(session)
    return session


def open_pool(session_id: str, places: int) -> None:
    """Create a session's counters."""
    pools.open_pool(session_id, places)


def booking_for(session: Session, person: str, *, places: int = 1, request: str | None = None) -> Booking:
    """Return a booking that this person wants; not stored. ``request`` is its Idempotency-Key."""
    booking_id = new_id(secrets.token_bytes(15))
    address = f"{person}@example.org"
    return Booking(
        session_id=session.session_id,
        key=booking_key(b"secret", session.session_id, address),
        booking_id=booking_id,
        event_id=session.event_id,
        organiser_id=session.organiser_id,
        status="confirmed",
        version=1,
        name=person,
        address=address,
        places=places,
        idempotency_key=request or booking_id,
        fingerprint=str(places),
        created_at=MADE_AT,
        changed_at=MADE_AT,
        mailed_at=MADE_AT,
    )


def counters_of(session: Session) -> list[CounterItem]:
    """Read all counters of a session."""
    keys = [counter_key(session.session_id, counter) for counter in range(session.counters)]
    found = {item.PK: item for item in CounterItem.batch_get(keys, consistent_read=True)}
    return [found[partition_key] for partition_key, _ in keys]


def invariants_hold(session: Session) -> int:
    """Assert what store/capacity.py promises of a session at rest; return the places booked."""
    stored = events.find_session(session.event_id, session.session_id)
    assert stored is not None
    counters = counters_of(stored)
    bookings = [booking for booking in every_booking(stored.session_id) if booking.status == "confirmed"]
    taken = dict.fromkeys(range(stored.counters), 0)
    for booking in bookings:
        assert sum(booking.allocation.values()) == booking.places
        for from_counter, places in booking.allocation.items():
            taken[int(from_counter)] += places
    for number, counter in enumerate(counters):
        assert counter.free >= 0
        assert counter.held >= 0
        assert counter.free + counter.held + taken[number] == counter.capacity
    assert sum(counter.capacity for counter in counters) == stored.capacity
    return sum(taken.values())
