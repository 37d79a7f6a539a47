"""store/events.py: what is stored comes back, writes that lose say so, and warm reads cost nothing."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from botocore.awsrequest import AWSResponse

from chalicelib.domain.event import Event
from chalicelib.domain.refusals import Busy, SlugTaken
from chalicelib.domain.session import Session
from chalicelib.store import capacity, event_changes, events, lately
from chalicelib.store.event_items import session_from_image
from chalicelib.store.table import RecountItem
from tests import faults
from tests.making import MADE_AT, booking_for, make_event, make_session, open_pool
from tests.wire import answered_with, losing, requests_counted, wire

FULL_EVENT = Event(
    event_id="eeee",
    organiser_id="oooo",
    slug="social-care-curry",
    title="Social Care Curry",
    description="One evening.\nMany towns.",
    language="en-GB",
    status="draft",
    opens_at=datetime(2027, 6, 1, 9, tzinfo=UTC),
    closes_at=datetime(2027, 9, 5, 12, 30, tzinfo=UTC),
    places_per_booking_max=8,
    reply_to="hosts@example.org",
    return_urls=("https://www.example.org/thanks",),
    allowed_origins=("https://www.example.org",),
    version=1,
)


def raw_item(table: Any, session: Session) -> dict[str, Any]:
    """A session's item in DynamoDB's own JSON, as a stream's image has it."""
    found: dict[str, Any] = table.get_item(
        TableName="turnout-test",
        Key={"PK": {"S": f"EVENT#{session.event_id}"}, "SK": {"S": f"SESSION#{session.session_id}"}},
    )["Item"]
    return found


def moved(session: Session, venue: str = "Another Place") -> Session:
    return msgspec.structs.replace(session, venue=venue, version=session.version + 1)


# Events


def test_an_event_comes_back_by_id_and_by_slug_as_it_was_stored(table: Any) -> None:
    bare = Event(event_id="bbbb", organiser_id="oooo", slug="bare", title="Bare")
    for event in (FULL_EVENT, bare):
        event_changes.create_event(event)
        assert events.find_event(event.event_id) == event
        assert lately.cached_event_by_slug(event.slug) == event


def test_a_slug_is_taken_once_and_the_second_event_is_not_stored(table: Any) -> None:
    event_changes.create_event(FULL_EVENT)
    second = msgspec.structs.replace(FULL_EVENT, event_id="ffff", title="Another")
    with pytest.raises(SlugTaken):
        event_changes.create_event(second)
    assert events.find_event("ffff") is None
    assert events.events_of("oooo") == [FULL_EVENT]


def test_an_organiser_has_its_own_events_in_order_of_slugs(table: Any) -> None:
    second = make_event(organiser_id="mine", slug="b-second")
    first = make_event(organiser_id="mine", slug="a-first")
    make_event(organiser_id="other")
    assert events.events_of("mine") == [first, second]
    assert events.events_of("nobody") == []


def test_an_event_saved_at_an_old_version_is_refused_and_stays(table: Any) -> None:
    event = make_event()
    changed = msgspec.structs.replace(event, title="Changed", version=2)
    event_changes.save_event(changed, 1)
    with pytest.raises(Busy):
        event_changes.save_event(msgspec.structs.replace(event, title="Late", version=2), 1)
    assert events.find_event(event.event_id) == changed


@pytest.mark.parametrize("text", ["", "a" * 3000, "a#b", "\x00", "a/b", "é"])
def test_what_can_be_no_id_finds_nothing_and_asks_nothing(table: Any, text: str) -> None:
    with requests_counted() as sent:
        assert events.find_event(text) is None
        assert lately.cached_event_by_slug(text) is None
        assert events.find_session(text, "s") is None
        assert events.find_session("e", text) is None
        assert events.sessions_of(text) == []
    assert not sent


# Sessions


def test_a_session_comes_back_as_it_was_stored(table: Any) -> None:
    session = make_session(closes_at=datetime(2027, 9, 4, 11, tzinfo=UTC), sequence=3)
    placeless = make_session(latitude=None, longitude=None)
    whole_degrees = make_session(latitude=52.0, longitude=-1.0)
    for one in (session, placeless, whole_degrees):
        found = events.find_session(one.event_id, one.session_id)
        assert found == one
        assert type(found.latitude) is type(one.latitude)


def test_an_events_sessions_come_the_earliest_first(table: Any) -> None:
    event = make_event()
    evening = make_session(event)
    in_vancouver = make_session(event, zone="America/Vancouver")
    lunch = make_session(event, starts_local=evening.starts_local - timedelta(hours=6))
    make_session()
    assert events.sessions_of(event.event_id) == [lunch, evening, in_vancouver]


def test_a_stream_image_is_read_as_a_session_and_can_be_read_again(table: Any) -> None:
    session = make_session()
    image = raw_item(table, session)
    assert session_from_image(image) == session
    assert session_from_image(image) == session


def test_a_new_session_is_recounted_until_a_week_after_its_end(table: Any) -> None:
    session = make_session(capacity=60)
    item = RecountItem.get("RECOUNT", session.session_id)
    assert item.event_id == session.event_id
    assert item.expires == (session.ends_at + timedelta(days=7)).timestamp()


def test_a_session_saved_at_an_old_version_is_refused_and_stays(table: Any) -> None:
    session = make_session()
    event_changes.save_session(moved(session, "First"), 1)
    with pytest.raises(Busy):
        event_changes.save_session(moved(session, "Late"), 1)
    stored = events.find_session(session.event_id, session.session_id)
    assert stored is not None
    assert stored.venue == "First"


# When and where


def watched(session: Session) -> RecountItem:
    return RecountItem.get("RECOUNT", session.session_id)


def test_a_session_that_moves_is_recounted_anew_and_until_a_week_after_its_new_end(table: Any) -> None:
    session = make_session()
    capacity.take(session, booking_for(session, "ada"))
    watched(session).update([RecountItem.seen_asks.set(3), RecountItem.asks.set(3)])
    later = msgspec.structs.replace(
        session,
        starts_local=session.starts_local + timedelta(days=30),
        ends_local=session.ends_local + timedelta(days=30),
        sequence=1,
        sequence_at=MADE_AT,
        last_change=("time",),
        version=2,
    )
    event_changes.save_session_elsewhere(later, 1)
    assert events.find_session(session.event_id, session.session_id) == later
    assert watched(session).expires == (later.ends_at + timedelta(days=7)).timestamp()
    assert (watched(session).seen_asks, watched(session).asks) == (3, 4)


def test_a_session_that_moves_is_watched_again_if_it_was_forgotten(table: Any) -> None:
    session = make_session()
    as_made = watched(session)
    as_made.delete()
    event_changes.save_session_elsewhere(moved(session), 1)
    again = watched(session)
    assert (again.session_id, again.event_id) == (session.session_id, session.event_id)
    assert (again.asks, again.seen_asks, again.schema) == (1, -1, as_made.schema)


def test_a_session_does_not_move_from_an_old_version_and_its_recount_is_not_told(table: Any) -> None:
    session = make_session()
    event_changes.save_session(moved(session, "First"), 1)
    with pytest.raises(Busy):
        event_changes.save_session_elsewhere(moved(session, "Late"), 1)
    stored = events.find_session(session.event_id, session.session_id)
    assert stored is not None
    assert (stored.venue, watched(session).asks) == ("First", 0)


def test_the_table_of_aws_itself_agrees_on_what_moves(dynamodb_local: Any) -> None:
    session = make_session()
    with pytest.raises(Busy):
        event_changes.save_session_elsewhere(moved(session), 2)
    event_changes.save_session_elsewhere(moved(session), 1)
    assert events.find_session(session.event_id, session.session_id) == moved(session)
    assert (watched(session).seen_asks, watched(session).asks) == (-1, 1)


# Writes that lose


@pytest.mark.parametrize("answer", [lambda request: faults.conflict(request, 0), faults.throttle])
def test_a_write_that_lost_to_another_is_busy(table: Any, answer: Callable[[Any], AWSResponse]) -> None:
    session = make_session()
    with answered_with(answer):
        with pytest.raises(Busy):
            event_changes.create_event(FULL_EVENT)
        with pytest.raises(Busy):
            event_changes.create_session(msgspec.structs.replace(session, session_id="ssss"))
        with pytest.raises(Busy):
            event_changes.save_session_elsewhere(moved(session), 1)
    assert events.find_event("eeee") is None


def test_a_throttled_save_is_busy(table: Any) -> None:
    session = make_session()
    with answered_with(faults.throttle), pytest.raises(Busy):
        event_changes.save_session(moved(session), 1)


def test_after_a_lost_answer_the_table_says_whether_it_was_written(table: Any) -> None:
    session = make_session()
    new = msgspec.structs.replace(session, session_id="ssss")
    open_pool("ssss", new.capacity)

    with answered_with(losing(done=False)):
        with pytest.raises(Busy):
            event_changes.create_event(FULL_EVENT)
        with pytest.raises(Busy):
            event_changes.save_session(moved(session), 1)
    assert events.find_event("eeee") is None

    with answered_with(losing(done=True)):
        event_changes.create_event(FULL_EVENT)
        event_changes.create_session(new)
        event_changes.save_session(moved(session), 1)
        event_changes.save_session_elsewhere(moved(moved(session), "Back"), 2)
    assert events.events_of("oooo") == [FULL_EVENT]
    assert events.find_session(session.event_id, "ssss") == new
    assert events.find_session(session.event_id, session.session_id) == moved(moved(session), "Back")


def test_a_read_that_is_throttled_is_busy(table: Any) -> None:
    session = make_session()
    reads: list[Callable[[], object]] = [
        lambda: events.find_event(session.event_id),
        lambda: lately.cached_event_by_slug("curry"),
        lambda: events.events_of("oooo"),
        lambda: events.find_session(session.event_id, session.session_id),
        lambda: events.sessions_of(session.event_id),
        lambda: lately.cached_session(session.event_id, session.session_id),
    ]
    for read in reads:
        with answered_with(faults.throttle, reads_too=True), pytest.raises(Busy):
            read()
    assert lately.cached_session(session.event_id, session.session_id) == session


# Remembering


def test_what_was_just_read_is_not_read_again(table: Any) -> None:
    event = make_event()
    session = make_session(event)

    def look() -> tuple[object, ...]:
        return (
            lately.cached_event_by_slug(event.slug),
            lately.cached_session(event.event_id, session.session_id),
            lately.cached_sessions(event.event_id),
            lately.cached_event_by_slug("nobody-has-this"),
            lately.cached_session(event.event_id, "nosuch"),
        )

    assert look() == (event, session, [session], None, None)
    with requests_counted() as sent:
        assert look() == (event, session, [session], None, None)
    assert not sent


def test_what_was_read_two_seconds_ago_is_read_again(table: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = make_session()
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    lately.cached_session(session.event_id, session.session_id)
    for age, reads in ((1.9, 0), (2.0, 1)):
        clock[0] = 1000.0 + age
        with requests_counted() as sent:
            lately.cached_session(session.event_id, session.session_id)
        assert sent.total() == reads


def test_which_event_a_slug_leads_to_is_read_once_while_the_event_is_read_again(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make_event()
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    for age, reads in ((0.0, 2), (2.0, 1), (4.0, 1), (3601.0, 2)):
        clock[0] = 1000.0 + age
        with requests_counted() as sent:
            assert lately.cached_event_by_slug(event.slug) == event
        assert sent.total() == reads, age


def test_a_slug_that_nobody_has_is_asked_for_again_for_somebody_may_take_it(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    for age in (0.0, 2.0):
        clock[0] = 1000.0 + age
        with requests_counted() as sent:
            assert lately.cached_event_by_slug("nobody-has-this") is None
        assert sent.total() == 1


def test_an_events_first_sessions_come_with_it_in_one_query_and_the_others_one_by_one(table: Any) -> None:
    event = make_event()
    sessions = sorted((make_session(event) for _ in range(27)), key=lambda session: session.session_id)
    lately.forget_caches()
    with requests_counted() as sent:
        assert lately.cached_event_by_slug(event.slug) == event
        for session in sessions:
            assert lately.cached_session(event.event_id, session.session_id) == session
    assert sent == {"GetItem": 3, "Query": 1}, "the slug, the event with 25 sessions, and two sessions"


def test_what_all_processes_read_at_an_opening_is_read_at_half_the_price(table: Any) -> None:
    event = make_event()
    session = make_session(event)
    lately.forget_caches()
    consistent: list[bool] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        consistent.append(json.loads(params["body"]).get("ConsistentRead", False))

    wire().register("before-call.dynamodb", note)
    try:
        assert lately.cached_event_by_slug(event.slug) == event
        assert lately.cached_session(event.event_id, "unknown") is None
        assert lately.cached_sessions(event.event_id) == [session]
    finally:
        wire().unregister("before-call.dynamodb", note)
    assert consistent == [False] * 4


def test_a_process_sees_what_it_wrote_itself(table: Any) -> None:
    event = make_event()
    session = make_session(event)
    assert lately.cached_sessions(event.event_id) == [session]
    lately.cached_event_by_slug(event.slug)
    second = make_session(event)
    assert len(lately.cached_sessions(event.event_id)) == 2
    event_changes.save_session(moved(second), 1)
    assert lately.cached_session(event.event_id, second.session_id) == moved(second)
    draft = msgspec.structs.replace(event, status="draft", version=2)
    event_changes.save_event(draft, 1)
    assert lately.cached_event_by_slug(event.slug) == draft
