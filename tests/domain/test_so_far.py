"""The numbers that an event shows, and their words."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.event import COUNTER_PARTS, CounterPart, Event
from chalicelib.domain.figures import PlacesCounted
from chalicelib.domain.session import Session
from chalicelib.domain.so_far import SoFar, in_words, so_far
from tests.making import MADE_AT

EVENT = Event(event_id="e", organiser_id="o", slug="curry", title="Curry", status="published")


def session(title: str, **changes: Any) -> Session:
    return Session(
        **{
            "session_id": title,
            "event_id": "e",
            "organiser_id": "o",
            "title": title,
            "venue": "The Copper Pot",
            "address": "",
            "zone": "Europe/London",
            "starts_local": datetime(2027, 9, 5, 19),
            "ends_local": datetime(2027, 9, 5, 22),
            "capacity": 20,
            "counters": 1,
            **changes,
        }
    )


def numbers(*sessions: Session, event: Event = EVENT, now: datetime = MADE_AT) -> SoFar:
    return so_far(event, sessions, {each.session_id: PlacesCounted(8, 12) for each in sessions}, now)


def test_what_was_cancelled_counts_for_nothing() -> None:
    off = session("Hull", status="cancelled")
    assert numbers(session("Leeds"), off) == SoFar(hosts=1, towns=1, booked=8, places_left=12)


def test_what_is_over_or_closed_has_a_host_and_guests_but_no_places_left() -> None:
    over = session("Hull", starts_local=datetime(2027, 5, 1, 19), ends_local=datetime(2027, 5, 1, 22))
    closed = session("Leicester", status="closed")
    assert numbers(session("Leeds"), over, closed) == SoFar(hosts=3, towns=3, booked=24, places_left=12)


def test_of_a_cancelled_event_only_what_had_taken_place_counts() -> None:
    over = session("Hull", starts_local=datetime(2027, 5, 1, 19), ends_local=datetime(2027, 5, 1, 22))
    cancelled = replace(EVENT, status="cancelled")
    assert numbers(session("Leeds"), over, event=cancelled) == SoFar(
        hosts=1, towns=1, booked=8, places_left=0
    )


def test_a_session_that_was_never_recounted_adds_nobody_and_no_places() -> None:
    assert so_far(EVENT, [session("Leeds")], {}, MADE_AT) == SoFar(hosts=1, towns=1, booked=0, places_left=0)


@pytest.mark.parametrize(
    ("sessions", "towns"),
    [
        ([("Leeds", {}), ("LEEDS", {}), ("Hull", {})], 2),
        ([("St Albans", {}), ("Saint Albans", {})], 1),
        ([("Ann's", {"town": "Leeds"}), ("Bo's", {"town": "leeds"})], 1),
        ([("Hull", {}), ("Hull", {"zone": "America/Toronto", "town": "Hull"})], 2),
        # Titles that name no town are none, unless most of the others do: we don't know every town.
        ([("Morning", {}), ("Evening", {})], 0),
        ([("Morning", {"town": "Leeds"}), ("Evening", {"town": "Leeds"})], 1),
        ([("Leeds", {}), ("Hull", {}), ("Little Snoring", {})], 3),
    ],
)  # fmt: skip
def test_towns_are_counted_once_and_only_where_titles_name_towns(
    sessions: list[tuple[str, dict[str, Any]]], towns: int
) -> None:
    made = [session(title, session_id=str(at), **more) for at, (title, more) in enumerate(sessions)]
    assert numbers(*made).towns == towns


@pytest.mark.parametrize("part", COUNTER_PARTS)
def test_what_the_organiser_hides_is_not_in_the_numbers(part: CounterPart) -> None:
    shown = tuple(each for each in COUNTER_PARTS if each != part)
    event = replace(EVENT, counter=shown)
    found = numbers(session("Leeds"), event=event)
    assert [each for each in COUNTER_PARTS if getattr(found, each) is None] == [part]


def said(noun: str = "dinner", **parts: int) -> str:
    return ", ".join(f"{each.number} {each.words}" for each in in_words(SoFar(**parts), noun))


def test_the_numbers_are_said_in_one_order_and_with_plurals_where_they_belong() -> None:
    assert (
        said(hosts=14, towns=9, booked=74, places_left=25) == "14 hosts, 9 towns, 74 booked, 25 places left"
    )
    assert said(hosts=1, towns=1, booked=1, places_left=1) == "1 host, 1 town, 1 booked, 1 place left"
    assert said(booked=12_345) == "12,345 booked"


def test_what_there_is_none_of_is_not_said() -> None:
    assert said(hosts=2, towns=0, booked=0, places_left=0) == "2 hosts"
    assert said(hosts=0) == said() == ""


@pytest.mark.parametrize(
    ("noun", "words"),
    [("Supper", "3 hosts"), ("screening", "3 screenings"), ("class", "3 classes"), ("session", "3 sessions")],
)
def test_only_a_meal_has_a_host_of_its_own(noun: str, words: str) -> None:
    assert said(noun, hosts=3) == words


def test_before_the_opening_the_places_are_counted_too() -> None:
    event = replace(EVENT, opens_at=MADE_AT + timedelta(days=1))
    assert numbers(session("Leeds"), event=event).places_left == 12
