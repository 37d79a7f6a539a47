"""A table filled with bookings, faster than anybody books. Imported after the environment is set."""

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from chalicelib.domain.figures import Figures, mark_of
from chalicelib.domain.notices import notice_owed
from chalicelib.domain.session import Session
from chalicelib.store.bookings import every_booking, item_from
from chalicelib.store.connection import Item
from chalicelib.store.directory import list_bookings_in, remember_listed
from chalicelib.store.due import remember_written
from chalicelib.store.figures import keep_figures
from chalicelib.store.keys import notice_key
from chalicelib.store.mail_items import NoticeItem
from chalicelib.store.recounts import events_seen, remember_recount, versions_of, watched_sessions
from tests.making import MADE_AT, booking_for, counters_of

_ITEMS_PER_REQUEST = 25

_FIRST_NAMES = ("Ada", "Asha", "Ben", "Dilys", "Elif", "Grace", "Hugh", "Ines", "Kofi", "Tom")
_LAST_NAMES = ("Ahmed", "Baker", "Chowdhury", "Davies", "Evans", "Fraser", "Green", "Hall", "Iqbal", "Jones")


def name_of(number: int) -> str:
    """Return what this person is called: one in a hundred is called the same."""
    return f"{_FIRST_NAMES[number // 10 % 10]} {_LAST_NAMES[number % 10]}"


def fill(client: Any, session: Session, people: range) -> None:
    """Book a place of this session for each of these people, and settle their emails.

    The session takes as many.
    """
    counters = counters_of(session)
    for counter in counters:
        counter.free = 0
        counter.save()
    places = (str(number) for number, counter in enumerate(counters) for _ in range(int(counter.capacity)))
    _put(client, _items(session, dict(zip(people, places, strict=True))))


def put_to_rest(sessions: Sequence[Session]) -> None:
    """Leave of these full sessions what their recounts would: figures, entries, and nothing to do."""
    versions = versions_of(sessions)
    marks = {event_id: mark_of(event.questions) for event_id, event in events_seen(sessions).items()}
    for watched in watched_sessions():
        if watched.session_id in versions:
            remember_recount(
                watched.session_id,
                asks=watched.asks,
                versions=versions[watched.session_id],
                counted_for=marks[watched.event_id],
            )
            remember_listed(watched.session_id, watched.directory)
    for session in sessions:
        remember_written(session)
        list_bookings_in(session.session_id, every_booking(session.session_id))
        keep_figures(session.event_id, session.session_id, _figures(session))


def _figures(session: Session) -> Figures:
    return Figures(
        booked=session.capacity,
        places=session.capacity,
        emails_in_trouble=0,
        places_free=0,
        capacity=session.capacity,
        counted_at=MADE_AT,
        asks=0,
    )


def _items(session: Session, places: dict[int, str]) -> Iterator[Item]:
    for number, place in places.items():
        wanted = booking_for(session, f"p{number}")
        booking = replace(wanted, name=name_of(number), allocation={place: 1})
        yield item_from(booking)
        yield NoticeItem(*notice_key(*notice_owed(booking).identity), state="sent", changed_at=0)


def _put(client: Any, items: Iterator[Item]) -> None:
    puts = [{"PutRequest": {"Item": item.serialize()}} for item in items]
    for start in range(0, len(puts), _ITEMS_PER_REQUEST):
        request = {Item.Meta.table_name: puts[start : start + _ITEMS_PER_REQUEST]}
        answer = client.batch_write_item(RequestItems=request)
        assert not answer["UnprocessedItems"]
