"""The list of an event's sessions: by town or time, and by what somebody looks for."""

from datetime import timedelta
from math import acos, cos, radians, sin
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.geography import Point
from chalicelib.domain.towns import towns_named
from chalicelib.web.event.cards import Card
from chalicelib.web.event.listing import Listing, listing_of
from chalicelib.web.event.near import nearest_with_room, point_of
from tests.web.event.listed import BEGINS, EVENT, card

NOBODY_KNOWS = "Who knows where"

TOWNS = ["Leeds", "Hull", "Norwich", "Newport", "Galway", "Vancouver", NOBODY_KNOWS, "Écully"]
ZONES = ["Europe/London", "Europe/Dublin", "America/Vancouver", "Etc/UTC"]
coordinates: st.SearchStrategy[dict[str, Any]] = st.just({}) | st.fixed_dictionaries(
    {"latitude": st.floats(-90, 90), "longitude": st.floats(-180, 180)}
)


@st.composite
def some_cards(draw: st.DrawFn) -> list[Card]:
    found = []
    for number in range(draw(st.integers(1, 12))):
        changes: dict[str, Any] = {
            "town": draw(st.none() | st.sampled_from(TOWNS)),
            "zone": draw(st.sampled_from(ZONES)),
            "status": draw(st.sampled_from(["open", "open", "cancelled"])),
            **draw(coordinates),
        }
        title, free = draw(st.sampled_from(TOWNS)), draw(st.none() | st.integers(0, 20))
        day = draw(st.integers(-200, 9))
        found.append(card(title, free=free, day=day, session_id=f"s{number}", **changes))
    return sorted(found, key=lambda one: (one.view.over, one.view.starts_at))


queries = st.fixed_dictionaries(
    {},
    optional={
        "near": st.text() | st.sampled_from([*TOWNS, "hall", "Newport, near Ryde", "Canada", "Hull\ud800"]),
        "places": st.text() | st.sampled_from(["abc", "0", "1", "4", "6", "99", "-1", "٣"]),
    },
)


def listed(cards: list[Card], **query: str) -> Listing:
    return listing_of(EVENT, cards, query)


def titles(listing: Listing) -> list[str]:
    return [one.session.title for one in listing.cards]


def angle(one: Point, other: Point) -> float:
    north, other_north = radians(one.latitude), radians(other.latitude)
    product = sin(north) * sin(other_north) + cos(north) * cos(other_north) * cos(
        radians(one.longitude - other.longitude)
    )
    return acos(max(-1.0, min(1.0, product)))


@given(some_cards(), queries)
def test_every_session_is_in_the_list_once_whatever_is_looked_for(
    cards: list[Card], query: dict[str, str]
) -> None:
    listing = listing_of(EVENT, cards, query)
    assert sorted(one.session.session_id for one in listing.cards) == sorted(
        one.session.session_id for one in cards
    )
    assert all(part.cards for part in listing.parts)
    headed = [part for part in listing.parts if part.country or part.room is not None]
    assert len(headed) in (0, len(listing.parts))


@given(some_cards())
def test_the_nearest_comes_first_and_what_has_no_place_on_the_map_last(cards: list[Card]) -> None:
    (hull,) = towns_named("Kingston upon Hull")
    listing = listed(cards, near="Kingston upon Hull")
    ahead = [one for one in listing.cards if not one.view.over]
    points = [point_of(one) for one in ahead]
    known = [point for point in points if point is not None]
    assert points[: len(known)] == known
    angles = [angle(hull.point, point) for point in known]
    assert angles == pytest.approx(sorted(angles), abs=1e-6)


@given(some_cards())
def test_those_named_to_who_finds_it_sold_out_are_the_nearest_that_can_be_booked(cards: list[Card]) -> None:
    mine = cards[0]
    here = point_of(mine)
    named = [one for one, _ in nearest_with_room(mine.session, cards)]
    if here is None:
        assert named == []
        return
    others = {
        one.session.session_id: angle(here, point)
        for one in cards[1:]
        if one.view.bookable and one.view.places_left != "none" and (point := point_of(one)) is not None
    }
    found = [others[one.session.session_id] for one in named]
    assert found == pytest.approx(sorted(others.values())[:3], abs=1e-6)


def test_an_event_in_many_places_is_listed_by_town_and_one_in_one_place_by_time() -> None:
    towns = [card(town, day=day) for day, town in enumerate(("Norwich", "Écully", "hull", "Leeds", "Fleet"))]
    assert titles(listed([*towns, card("At Ann's", town="Norwich", day=9)])) == [
        "Écully", "Fleet", "hull", "Leeds", "Norwich", "At Ann's",
    ]  # fmt: skip
    house: dict[str, Any] = {"venue": "The House", "address": "1 Road"}
    talks = [card(talk, day=day, **house) for day, talk in enumerate(("Zoo", "Art", "Sea"))]
    assert titles(listed(talks)) == ["Zoo", "Art", "Sea"]
    near_by = [
        card(town, day=day, latitude=53.8 + day / 100, longitude=-1.5) for day, town in enumerate("ZA")
    ]
    assert titles(listed(near_by)) == ["Z", "A"]


def test_what_is_over_comes_last_in_a_list_by_town() -> None:
    assert titles(listed([card("Norwich"), card("Leeds", day=1), card("Hull", day=-200)])) == [
        "Leeds", "Norwich", "Hull",
    ]  # fmt: skip


def test_what_is_over_comes_behind_what_is_farther_off() -> None:
    cards = [card("Norwich"), card("York"), card("Leeds", day=-200)]
    assert titles(listed(cards, near="Bradford")) == ["York", "Norwich", "Leeds"]


def test_what_was_sold_out_when_it_was_last_counted_is_not_named_to_who_finds_another_sold_out() -> None:
    mine, counted = card("Bradford", free=0), card("Leeds", free=0, is_fresh=False)
    assert counted.view.bookable
    assert [
        one.session.title for one, _ in nearest_with_room(mine.session, [mine, counted, card("York")])
    ] == ["York"]


def test_an_event_in_several_countries_is_listed_by_country_and_towns_within() -> None:
    towns = [card("Norwich"), card("Leeds"), card("Galway", zone="Europe/Dublin")]
    parts = listed([*towns, card("Vancouver", zone="America/Vancouver"), card("Sea", zone="Etc/UTC")]).parts
    assert [(part.country, [one.session.title for one in part.cards]) for part in parts] == [
        ("Canada", ["Vancouver"]),
        ("Ireland", ["Galway"]),
        ("United Kingdom", ["Leeds", "Norwich"]),
        ("Elsewhere", ["Sea"]),
    ]
    assert [part.country for part in listed(towns[:2]).parts] == [""]


def test_a_distance_is_in_the_unit_of_the_country_that_it_is_counted_from() -> None:
    cards = [card("Leeds"), card("Norwich"), card("Galway", zone="Europe/Dublin")]
    assert listed(cards, near="Hull").distances["leeds"] == "50 miles"
    assert listed(cards, near="Galway").distances["leeds"] == "499 km"
    assert listed(cards).distances == {}


def test_with_room_for_a_party_comes_before_perhaps_and_that_before_none() -> None:
    cards = [
        card("Hull", free=1),
        card("Leeds", free=12),
        card("Norwich", free=0),
        card("Taunton", free=8),
        card("Wrexham", free=12, status="cancelled"),
    ]
    parts = listed(cards, places="4").parts
    assert [(part.room, [one.session.title for one in part.cards]) for part in parts] == [
        (0, ["Leeds", "Taunton"]), (1, ["Hull"]), (2, ["Norwich", "Wrexham"]),
    ]  # fmt: skip
    assert titles(listed(cards, places="4", near="Taunton")) == [
        "Taunton", "Leeds", "Hull", "Wrexham", "Norwich",
    ]  # fmt: skip


def test_who_asks_before_the_opening_learns_where_there_will_be_room() -> None:
    early = card("Leeds", free=12)
    early = type(early)(
        session=early.session,
        view=type(early.view)(**{**_fields(early.view), "bookable": False, "not_bookable": "not_open_yet"}),
        when=early.when,
    )
    assert [part.room for part in listed([early], places="4").parts] == [0]


def _fields(view: Any) -> dict[str, Any]:
    return {name: getattr(view, name) for name in view.__struct_fields__}


@pytest.mark.parametrize("typed", ["abc", "0", "7", "-1", "4.0", "٣", "1" * 5000])
def test_a_number_of_people_who_cannot_book_together_is_said_to_be_odd_and_changes_nothing(
    typed: str,
) -> None:
    cards = [card("Leeds", free=0), card("Norwich")]
    listing = listed(cards, places=typed)
    assert (listing.is_odd, listing.places, titles(listing)) == (True, None, ["Leeds", "Norwich"])
    assert not listed(cards, places=" ").is_odd


def test_the_events_own_name_for_a_place_goes_before_the_table_of_towns() -> None:
    """There is a Stone in the table, and it is far from here."""
    cards = [card("Leeds"), card("Hull", venue="Stone"), card("Stafford")]
    assert titles(listed(cards, near="stone")) == ["Hull", "Leeds", "Stafford"]
    found = listed(cards, near="stone").found
    assert found is not None
    assert found.spot is not None
    assert found.spot.label == "Hull"
    assert found.meant, "the towns of that name are offered too"


def test_a_town_of_the_table_goes_before_one_word_of_a_venue() -> None:
    cards = [card("Leeds", venue="The Reading Room"), card("Oxford")]
    assert titles(listed(cards, near="Reading")) == ["Oxford", "Leeds"]
    assert titles(listed(cards, near="room")) == ["Leeds", "Oxford"]
    assert titles(listed(cards, near="oxf")) == ["Oxford", "Leeds"]


@pytest.mark.parametrize("near", ["Newport", "NEWPORT "])
def test_several_towns_of_a_name_are_asked_back_and_each_answer_finds_one(near: str) -> None:
    cards = [card("Leeds"), card("Cardiff"), card("Portsmouth")]
    found = listed(cards, near=near).found
    assert found is not None
    assert (found.spot, found.own) == (None, [])
    assert found.meant == ["Newport, Wales", "Newport, near Ryde", "Newport, near Telford"]
    firsts = []
    for name in found.meant:
        answer = listed(cards, near=name).found
        assert answer is not None
        assert answer.meant == []
        assert answer.spot is not None
        firsts.append(titles(listed(cards, near=name))[0])
    assert firsts[:2] == ["Cardiff", "Portsmouth"]


def test_several_of_the_events_own_towns_of_a_name_are_asked_back_and_come_first() -> None:
    far: dict[str, Any] = {"latitude": 50.7, "longitude": -1.3}
    wales = card("Newport", venue="The Copper Pot", latitude=51.6, longitude=-3.0)
    cards = [
        card("Leeds"),
        wales,
        card("Newport", session_id="isle", venue="The Fish", **far),
        card("Ryde", **far),
    ]
    listing = listed(cards, near="newport")
    assert listing.found is not None
    assert titles(listing)[:2] == ["Newport", "Newport"]
    assert listing.found.meant == ["Newport, The Copper Pot", "Newport, The Fish"]
    assert titles(listed(cards, near="Newport, The Fish")) == ["Newport", "Ryde", "Newport", "Leeds"]


def test_a_country_finds_its_sessions() -> None:
    cards = [card("Leeds"), card("Vancouver", zone="America/Vancouver"), card("Norwich")]
    assert titles(listed(cards, near="canada"))[0] == "Vancouver"


def test_what_nobody_knows_leaves_the_list_as_it_is() -> None:
    cards = [card("Norwich"), card("Leeds", day=1), card("Galway", zone="Europe/Dublin")]
    for near in ("Xyzzy", "!", "\x00", "\ud800", "é" * 10_000, "HU1 2AB"):
        listing = listed(cards, near=near)
        assert listing.found is not None
        assert (listing.found.own, listing.found.spot, listing.found.meant) == ([], None, [])
        assert titles(listing) == titles(listed(cards))
        assert len(listing.found.text) <= 80
        assert listing.found.text.isprintable()


def test_what_begins_first_is_first_among_those_that_are_equally_far() -> None:
    twice = [card("Leeds", day=day, session_id=f"s{day}") for day in range(3)]
    listing = listed([*twice, card("Norwich")], near="Hull")
    assert [one.session.starts_local - BEGINS for one in listing.cards[:3]] == [
        timedelta(days=day) for day in range(3)
    ]
