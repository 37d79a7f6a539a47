"""What an event's page says is left in each session, and what that costs where there are many."""

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from chalice.test import Client
from msgspec import Struct
from msgspec.structs import replace

from app import app
from chalicelib.domain.countries import DATA
from chalicelib.domain.event import Event
from chalicelib.domain.figures import Figures
from chalicelib.domain.session import Session
from chalicelib.domain.towns import town_in
from chalicelib.store import capacity, places_left
from chalicelib.store.connection import connection
from chalicelib.store.event_items import session_item
from chalicelib.store.figures import keep_figures
from chalicelib.store.figures_items import FiguresItem
from chalicelib.store.keys import counter_key, figures_partition
from chalicelib.store.mapping import item_of
from chalicelib.store.places_left import SESSIONS_ASKED, PlacesLeft
from chalicelib.store.table import CounterItem, SessionItem
from tests.engines import forget_process_state
from tests.making import MADE_AT, booking_for, make_event, make_session
from tests.web.admin import new_admin

SESSIONS = 500
PAGE_BYTES_MAX = 300_000
"""As API Gateway sends it, compressed (infra/resources/api.yaml)."""

MAP_BYTES_MAX = 80_000
"""Of a page before that, what its map takes."""

COUNTRIES = 30

PATHS = ("/events/{}", "/events/{}/sessions.geojson", "/events/{}/counter", "/book/{}")
"""Of all that counts or lists an event's sessions."""


class Spent(Struct):
    """What was asked of the table, and what that cost."""

    requests: int = 0
    read_units: float = 0.0


@contextmanager
def reads_counted() -> Iterator[Spent]:
    """Count the requests, and have DynamoDB say what each takes."""
    spent = Spent()
    events = connection().client.meta.events

    def ask(params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def count(parsed: dict[str, Any], **_: Any) -> None:
        consumed = parsed["ConsumedCapacity"]
        spent.requests += 1
        spent.read_units += sum(
            each["CapacityUnits"] for each in (consumed if isinstance(consumed, list) else [consumed])
        )

    events.register("provide-client-params.dynamodb", ask)
    events.register("after-call.dynamodb", count)
    try:
        yield spent
    finally:
        events.unregister("provide-client-params.dynamodb", ask)
        events.unregister("after-call.dynamodb", count)


def figures_with(free: int, capacity: int = 40) -> Figures:
    return Figures(
        booked=11,
        places=capacity - free,
        came=8,
        cancelled=1,
        answers={"bread": {"Rye": (6, 15), "Wheat": (5, 13)}, "ramp": {"no": (11, 28)}},
        emails_in_trouble=1,
        places_free=free,
        capacity=capacity,
        counted_at=MADE_AT,
        asks=0,
    )


@cache
def places_of_many_countries() -> list[dict[str, str]]:
    """Return a different town for each session, in so many countries by turns."""
    towns: dict[str, list[str]] = {}
    for line in (DATA / "towns.txt").read_text(encoding="utf-8").splitlines():
        key, where, *_ = line.split("\t")
        if town_in(key, where[:2]) is not None:
            towns.setdefault(where[:2], []).append(key)
    most = sorted(towns, key=lambda country: (-len(towns[country]), country))[:COUNTRIES]
    return [
        {"country": most[number % COUNTRIES], "town": towns[most[number % COUNTRIES]][number // COUNTRIES]}
        for number in range(SESSIONS)
    ]


def many_sessions(event: Event, places: int = 40) -> list[Session]:
    """Store an event's sessions, a day after the other, with figures that say 12 places are free of each.

    They are in many countries, in towns that only the table of towns places.
    """
    where = places_of_many_countries()
    first = make_session(event, capacity=places, latitude=None, longitude=None, **where[0])
    days = [timedelta(days=number) for number in range(SESSIONS)]
    sessions = [first] + [
        replace(
            first,
            session_id=f"{number:04}{first.session_id[4:]}",
            **where[number],
            starts_local=first.starts_local + day,
            ends_local=first.ends_local + day,
        )
        for number, day in enumerate(days[1:], start=1)
    ]
    like = [CounterItem.get(*counter_key(first.session_id, number)) for number in range(first.counters)]
    with SessionItem.batch_write() as batch:
        for session in sessions:
            batch.save(session_item(session))
    with CounterItem.batch_write() as batch:
        for session in sessions[1 : SESSIONS_ASKED + 30]:
            for number, counter in enumerate(like):
                values = {name: counter.attribute_values[name] for name in ("free", "held", "capacity")}
                key = counter_key(session.session_id, number)
                batch.save(CounterItem(*key, open=True, version=1, **values))
    with FiguresItem.batch_write() as batch:
        for session in sessions:
            key = figures_partition(event.event_id), session.session_id
            batch.save(item_of(FiguresItem, key, figures_with(12, places)))
    return sessions


@pytest.fixture
def event(dynamodb_local: Any) -> Event:
    return make_event()


def left(event: Event, sessions: list[Session]) -> list[PlacesLeft]:
    found = places_left.places_left(event.event_id, sessions, MADE_AT)
    return [found[session.session_id] for session in sessions]


@pytest.mark.parametrize("places", [40, 200])
@pytest.mark.parametrize("path", PATHS)
def test_five_hundred_sessions_take_at_most_ten_requests_and_a_hundred_read_units(
    event: Event, path: str, places: int
) -> None:
    many_sessions(event, places)
    forget_process_state()
    with reads_counted() as spent:
        answer = Client(app).http.get(path.format(event.slug))
    with reads_counted() as again:
        kept = {"If-None-Match": answer.headers["ETag"]}
        assert Client(app).http.get(path.format(event.slug), headers=kept).status_code == 304
    assert answer.status_code == 200
    assert len(gzip.compress(answer.body)) <= PAGE_BYTES_MAX
    if path.startswith("/book"):
        (figure,) = re.findall(rb"<figure.*</figure>", answer.body, re.DOTALL)
        assert len(figure) <= MAP_BYTES_MAX
        assert f"Map of {SESSIONS} sessions.".encode() in figure
    assert spent.requests <= 10
    assert spent.read_units <= 100
    assert again.requests == 0, "what was read a moment ago is remembered"


def test_the_figures_of_five_hundred_sessions_take_at_most_ten_requests(dynamodb_local: Any) -> None:
    admin = new_admin()
    event = make_event(organiser_id=admin.organiser_id)
    path = f"/admin/events/{event.event_id}"
    many_sessions(event)
    with reads_counted() as spent:
        answer = admin.get(f"{path}/figures")
    assert len(answer.json_body["sessions"]) == SESSIONS
    assert answer.json_body["totals"]["booked"] == 11 * SESSIONS
    assert spent.requests <= 10
    assert spent.read_units <= 150


def test_the_sessions_that_begin_next_are_asked_and_the_others_are_as_last_counted(event: Event) -> None:
    sessions = many_sessions(event)
    capacity.take(sessions[24], booking_for(sessions[24], "ada", places=5))
    assert left(event, sessions)[23:26] == [
        PlacesLeft(40, is_fresh=True),
        PlacesLeft(35, is_fresh=True),
        PlacesLeft(12),
    ]
    # When the first is over, the one behind the first 25 comes next.
    later = places_left.places_left(event.event_id, sessions, sessions[0].ends_at + timedelta(seconds=1))
    assert later[sessions[25].session_id] == PlacesLeft(40, is_fresh=True)
    assert later[sessions[0].session_id] == PlacesLeft(12)


def test_sessions_that_were_never_recounted_are_asked_as_far_as_that_is_bounded(event: Event) -> None:
    sessions = many_sessions(event)
    with FiguresItem.batch_write() as batch:
        for session in sessions:
            batch.delete(FiguresItem(figures_partition(event.event_id), session.session_id))
    with reads_counted() as spent:
        found = left(event, sessions)
    asked = [number for number, places in enumerate(found) if places.is_fresh]
    assert asked == list(range(50)), "25, and as many beyond as there is room for, in one request"
    assert {places.free for places in found[50:]} == {None}
    assert spent.requests <= 3
    view = Client(app).http.get(f"/events/{event.slug}").json_body["sessions"]
    assert {(session["places_left"], session["bookable"]) for session in view[50:]} == {("some", True)}


def test_what_was_sold_out_when_it_was_counted_is_not_refused(event: Event) -> None:
    sessions = many_sessions(event)
    sold_out = sessions[-1]
    make_counters_of(sold_out)
    keep_figures(event.event_id, sold_out.session_id, figures_with(0))
    client = Client(app).http
    view = client.get(f"/events/{event.slug}").json_body["sessions"][-1]
    assert (view["places_left"], view["bookable"], view["not_bookable"]) == ("none", True, None)
    listed = client.get(f"/book/{event.slug}").body.decode()
    card = listed[listed.index(f'id="{sold_out.session_id}"') :]
    assert "Sold out" in card
    assert "See details" in card
    form = client.get(f"/book/{event.slug}/{sold_out.session_id}").body.decode()
    assert 'name="email"' in form
    assert capacity.take(sold_out, booking_for(sold_out, "ada")).status == "confirmed"


def make_counters_of(session: Session) -> None:
    for number in range(session.counters):
        places = session.capacity // session.counters
        key = counter_key(session.session_id, number)
        CounterItem(*key, free=places, held=0, capacity=places, open=True, version=1).save()
