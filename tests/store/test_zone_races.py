"""An event's zones, noted while others change it at the same moment. Races are on DynamoDB Local."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chalicelib.domain.event import Event
from chalicelib.domain.refusals import Busy
from chalicelib.domain.session import Session
from chalicelib.domain.session_request import read_session_request
from chalicelib.store import event_changes, events
from tests.actions.as_routes import change_event, change_session, create_session
from tests.actions.callers import NOW, owner_of
from tests.faults import ItemLocks, weather
from tests.making import make_event, make_event_with_queue, make_session
from tests.store.test_deletion_races import at_once, storms
from tests.web.admin import SESSION
from tests.wire import overtaken_by, requests_counted

LONDON, VANCOUVER, LIMA = "Europe/London", "America/Vancouver", "America/Lima"


def stored(event: Event) -> Event:
    found = events.find_event(event.event_id)
    assert found is not None
    return found


def creating(event: Event, zone: str) -> Callable[[], Session]:
    request = read_session_request({**SESSION, "zone": zone}, NOW)
    return partial(create_session, owner_of(event), event.event_id, request, session_id=zone[-6:].lower())


def retitling(event: Event, title: str) -> Callable[[], Event]:
    return partial(
        change_event,
        owner_of(event),
        event.event_id,
        {"title": title},
        now=NOW,
        line_seed="5e" * 32,
        expected_version=event.version,
    )


@storms
def test_sessions_created_at_once_in_different_zones_leave_all_of_them_with_the_event(
    dynamodb_local: Any, tmp_path: Path, faults: dict[str, float]
) -> None:
    for number in range(5):
        event = make_event(zones=())
        with weather(number, ItemLocks(tmp_path) if faults else None, **faults):
            answers = at_once(*(creating(event, zone) for zone in (LONDON, VANCOUVER, LIMA)))
        made = {answer.zone for answer in answers if isinstance(answer, Session)}
        assert faults or len(made) == 3
        zones = stored(event).zones or ()
        assert made <= set(zones)
        assert len(zones) == len(set(zones))


def test_a_change_of_an_event_raced_with_a_session_in_another_zone_loses_neither(dynamodb_local: Any) -> None:
    for number in range(10):
        event = make_event(zones=())
        changed, made = at_once(retitling(event, "Theirs"), creating(event, LIMA), waits=[number * 0.002, 0])
        assert isinstance(made, Session)
        assert stored(event).zones == (LIMA,)
        if isinstance(changed, Busy):
            # At the version that they read, since nobody else has changed it.
            changed = retitling(event, "Theirs")()
        assert isinstance(changed, Event)
        assert (stored(event).title, stored(event).zones) == ("Theirs", (LIMA,))


@pytest.mark.parametrize("make", [make_event, make_event_with_queue])
def test_a_change_of_an_event_that_a_new_zone_overtakes_is_not_stored_over_it(
    table: Any, make: Callable[..., Event]
) -> None:
    event = make(zones=(LONDON,))
    with overtaken_by(lambda: event_changes.add_zone(event.event_id, LIMA)), pytest.raises(Busy):
        retitling(event, "Ours")()
    assert stored(event) == msgspec.structs.replace(event, zones=(LONDON, LIMA))
    assert retitling(event, "Ours")().zones == (LONDON, LIMA)


def test_a_zone_is_noted_once_before_the_session_and_only_where_the_events_zones_are_known(
    table: Any,
) -> None:
    known, unknown = make_event(zones=()), make_event()
    with requests_counted() as first:
        creating(known, LONDON)()
    with requests_counted() as unlisted:
        creating(unknown, LONDON)()
    assert first - unlisted == {"UpdateItem": 1}
    assert (stored(known).zones, stored(unknown).zones) == ((LONDON,), None)
    event_changes.add_zone(known.event_id, LONDON)
    event_changes.add_zone(unknown.event_id, LONDON)
    assert (stored(known), stored(unknown)) == (msgspec.structs.replace(known, zones=(LONDON,)), unknown)


def test_a_session_that_moves_to_another_zone_has_it_noted_first(table: Any) -> None:
    event = make_event(zones=(LONDON,))
    session = make_session(event)
    patch = partial(
        change_session,
        owner_of(session),
        event.event_id,
        session.session_id,
        {"zone": LIMA},
        now=NOW,
        expected_version=None,
    )
    other = msgspec.structs.replace(session, title="Theirs", version=2)
    with overtaken_by(lambda: event_changes.save_session(other, 1)), pytest.raises(Busy):
        patch()
    assert stored(event).zones == (LONDON, LIMA)
    assert patch().zone == LIMA
