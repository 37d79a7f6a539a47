"""domain/session_request.py: what an organiser may say about a session."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.refusals import Invalid
from chalicelib.domain.session import Promise, Session
from chalicelib.domain.session_request import (
    SessionDetails,
    changed_session,
    new_session,
    read_capacity_request,
    read_session_request,
)
from chalicelib.domain.told import promises_changed

NOW = datetime(2027, 6, 1, 9, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "title": "Leicester",
    "venue": "The Copper Pot",
    "address": "12 Example Street, Leicester",
    "latitude": 52.6369,
    "longitude": -1.1398,
    "zone": "Europe/London",
    "starts_local": "2027-09-05T19:00:00",
    "ends_local": "2027-09-05T22:00:00",
    "closes_at": "2027-09-05T12:00:00Z",
    "capacity": 30,
}


def session_of(raw: dict[str, Any], now: datetime = NOW) -> Session:
    request = read_session_request(raw, now)
    return new_session(request, session_id="ssss", event_id="eeee", organiser_id="oooo", counters=2)


SESSION = session_of(GOOD)


def wrong(**changes: object) -> list[tuple[str, str]]:
    """Where and how the session is refused with these changes."""
    with pytest.raises(Invalid) as refused:
        read_session_request({**GOOD, **changes}, NOW)
    return [(error.pointer, error.code) for error in refused.value.errors]


def test_a_session_starts_open_with_its_places_spread_over_counters() -> None:
    assert (SESSION.status, SESSION.capacity, SESSION.counters, SESSION.version) == ("open", 30, 2, 1)
    assert SESSION.starts_at == datetime(2027, 9, 5, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        *(("zone", zone, "zone") for zone in (
            "", "Europe", "Europe/", "Europe/Londinium", "europe/london", "localtime", "CET", "GMT+1",
            "posix/Europe/London", "right/Europe/London", "../Europe/London", "/etc/localtime", "Factory",
            "Europe/London\n", "Europe/London/", "posixrules", "tzdata.zi", "Europe/Lon don",
        )),
        ("zone", "a" * 65, "value"),
        ("zone", None, "value"),
        ("starts_local", "2027-09-05T19:00:00Z", "value"),
        ("starts_local", "2027-09-05", "value"),
        ("starts_local", "1999-12-31T23:00:00", "year"),
        ("starts_local", "9999-12-31T23:59:59", "year"),
        ("starts_local", "2027-06-01T10:00:00", "past"),
        ("ends_local", "2027-09-05T19:00:00", "order"),
        ("ends_local", "2027-09-06T19:00:01", "too_long"),
        ("latitude", 90.1, "value"),
        ("latitude", "52", "value"),
        ("latitude", None, "both_or_none"),
        ("longitude", -180.1, "value"),
        ("longitude", None, "both_or_none"),
        ("town", "", "value"),
        ("town", "\t", "empty"),
        ("town", "a" * 101, "value"),
        ("country", "GBR", "value"),
        ("country", "UK", "country"),
        ("country", "", "country"),
        ("capacity", 0, "value"),
        ("capacity", 100_001, "value"),
        ("capacity", None, "value"),
        ("venue", "", "value"),
        ("venue", "\t", "empty"),
        ("address", "a" * 301, "value"),
        ("address", "a\n" * 101, "value"),
        ("address", ",\n,", "empty"),
        ("closes_at", "2027-09-05T12:00:00", "value"),
        ("status", "closed", "unknown"),
        ("counters", 98, "unknown"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named(field: str, value: object, code: str) -> None:
    # A start in the past puts the end more than a day after it: only the field itself counts here.
    ends = {"ends_local": "2027-06-01T12:00:00"} if code == "past" else {}
    assert wrong(**{field: value, **ends}) == [(f"/{field}", code)]


def test_a_town_and_a_country_may_be_given_and_taken_away_and_nobody_is_told() -> None:
    session = session_of({**GOOD, "town": " Leicester ", "country": "gb"})
    assert (session.town, session.country) == ("Leicester", "GB")
    changed = changed_session(session, {"town": "Oadby", "country": None}, NOW)
    assert (changed.town, changed.country, changed.sequence) == ("Oadby", None, 0)


def test_required_fields_are_all_named() -> None:
    with pytest.raises(Invalid) as refused:
        read_session_request({}, NOW)
    assert {error.pointer for error in refused.value.errors} == {
        "/title", "/venue", "/address", "/zone", "/starts_local", "/ends_local", "/capacity",
    }  # fmt: skip


@pytest.mark.parametrize(
    "zone", ["Europe/London", "America/Vancouver", "America/Indiana/Knox", "UTC", "Etc/UTC"]
)
def test_a_full_name_of_a_zone_is_taken(zone: str) -> None:
    assert session_of({**GOOD, "zone": zone}).zone == zone


def test_an_hour_that_clocks_skip_is_no_time_to_start_or_end() -> None:
    # London, 26 March 2028: 01:00 GMT is followed by 02:00 BST.
    spring = {"starts_local": "2028-03-26T01:30:00", "ends_local": "2028-03-26T04:00:00"}
    assert wrong(**spring) == [("/starts_local", "no_such_time")]
    assert wrong(starts_local="2028-03-25T20:00:00", ends_local="2028-03-26T01:30:00") == [
        ("/ends_local", "no_such_time")
    ]
    session_of({**GOOD, **spring, "zone": "Africa/Lagos"})


def test_length_is_measured_on_a_stopwatch_not_on_the_clock_at_the_wall() -> None:
    # London, 29 October 2028: the night the clocks go back has an hour more.
    autumn = {"starts_local": "2028-10-28T12:00:00", "ends_local": "2028-10-29T12:00:00"}
    assert wrong(**autumn) == [("/ends_local", "too_long")]
    session_of({**GOOD, **autumn, "ends_local": "2028-10-29T11:00:00"})


@pytest.mark.parametrize("field", ["venue", "address"])
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Unit 5\nOld Mill\r\nLudlow", "Unit 5, Old Mill, Ludlow"),
        ("Unit 5,\n\n  Old  Mill ,\n,Ludlow\n", "Unit 5, Old Mill, Ludlow"),
        ("Unit 5, Old Mill,", "Unit 5, Old Mill,"),
    ],
)
def test_the_lines_of_a_venue_and_an_address_have_commas_between_them(
    field: str, typed: str, kept: str
) -> None:
    session = session_of({**GOOD, field: typed})
    assert getattr(session, field) == kept
    assert changed_session(session, {field: kept}, NOW).sequence == 0, "and nobody is told of a change"


def test_a_venue_without_coordinates_is_fine() -> None:
    without = {name: value for name, value in GOOD.items() if name not in ("latitude", "longitude")}
    assert session_of(without).latitude is None


def test_coordinates_are_kept_to_a_tenth_of_a_metre() -> None:
    session = session_of({**GOOD, "latitude": 1e-300, "longitude": 1.123456789})
    assert (session.latitude, session.longitude) == (0.0, 1.123457)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 30)),  # wall-clock times
    st.sampled_from(["Europe/London", "Asia/Tokyo"]),
)
def test_any_time_is_taken_or_refused_and_what_is_taken_is_in_order(start: datetime, zone: str) -> None:
    raw = {
        **GOOD,
        "zone": zone,
        "starts_local": start.isoformat(),
        "ends_local": (start + timedelta(hours=3)).isoformat(),
    }
    try:
        session = session_of(raw)
    except Invalid:
        return
    assert NOW < session.starts_at < session.ends_at <= session.starts_at + timedelta(hours=24)


# Merge patches


def wire(session: Session) -> dict[str, Any]:
    """The session's fields as JSON has them."""
    present = {name: getattr(session, name) for name in SessionDetails.__struct_fields__}
    return dict(msgspec.json.decode(msgspec.json.encode(present)))


@given(st.sets(st.sampled_from(sorted(SessionDetails.__struct_fields__))))
def test_a_patch_with_what_is_there_already_promises_nothing_new(names: set[str]) -> None:
    patch = {name: value for name, value in wire(SESSION).items() if name in names}
    changed = changed_session(SESSION, patch, NOW)
    assert changed == msgspec.structs.replace(SESSION, version=2)
    assert promises_changed(SESSION, changed) == ()


@pytest.mark.parametrize(
    ("patch", "promises"),
    [
        ({"venue": "A"}, ("place",)),
        ({"address": "A"}, ("place",)),
        ({"latitude": 50.0}, ("place",)),
        ({"longitude": 0.0}, ("place",)),
        ({"zone": "Europe/Paris"}, ("time",)),
        ({"starts_local": "2027-09-05T18:00:00"}, ("time",)),
        ({"ends_local": "2027-09-05T23:00:00"}, ("time",)),
        ({"venue": "A", "ends_local": "2027-09-05T23:00:00"}, ("time", "place")),
        ({"title": "A"}, ()),
        ({"closes_at": None}, ()),
        ({}, ()),
    ],
)
def test_when_and_where_are_promises_and_the_sequence_rises_with_them_alone(
    patch: dict[str, Any], promises: tuple[Promise, ...]
) -> None:
    changed = changed_session(SESSION, patch, NOW)
    assert wire(changed) == {**wire(SESSION), **patch}
    assert promises_changed(SESSION, changed) == changed.last_change == promises
    assert (changed.version, changed.sequence) == (2, 1 if promises else 0)
    assert changed.sequence_at == (NOW if promises else None)
    assert (changed.capacity, changed.counters) == (30, 2)


@pytest.mark.parametrize(
    ("hours", "last_change"), [(23, ("time", "place")), (24, ("place",)), (25, ("place",))]
)
def test_a_change_says_what_the_one_before_said_while_mails_of_that_may_still_wait(
    hours: int, last_change: tuple[Promise, ...]
) -> None:
    first = changed_session(SESSION, {"ends_local": "2027-09-05T23:00:00"}, NOW)
    second = changed_session(first, {"venue": "A"}, NOW + timedelta(hours=hours))
    assert (second.sequence, second.last_change) == (2, last_change)


@pytest.mark.parametrize(
    "patch",
    [
        {"venue": "the  copper pot."},
        {"venue": "The Copper Pot, 12 Example Street", "address": "Leicester"},
        {"address": "12 Example Street Leicester"},
        {"zone": "Europe/Belfast"},
        {"zone": "Europe/Guernsey"},
        {"longitude": -1.1399, "latitude": 52.636901},
        {"longitude": -1.1391, "latitude": 52.6369},
        {"longitude": None, "latitude": None},
    ],
    ids=["spelling", "venue and address", "comma", "zone", "its name", "a metre", "47 metres", "no pin"],
)
def test_a_change_that_no_email_would_say_is_stored_without_one(patch: dict[str, Any]) -> None:
    changed = changed_session(SESSION, patch, NOW)
    assert wire(changed) != wire(SESSION)
    assert (changed.sequence, changed.told_sequence) == (1, 0)
    assert (changed.sequence_at, changed.last_change) == (None, ())


@pytest.mark.parametrize(
    "patch",
    [
        {"address": "1-2 Example Street, Leicester"},
        {"address": "12 Example Streat, Leicester"},
        {"venue": "The Copper Pôt"},
        {"longitude": -1.139},
        {"longitude": 178.8},
        {"zone": "Europe/Paris"},
        {"zone": "Europe/Paris", "starts_local": "2027-09-05T20:00", "ends_local": "2027-09-05T23:00"},
    ],
)
def test_a_change_that_sends_people_elsewhere_or_at_another_time_by_the_clock_is_told(
    patch: dict[str, Any],
) -> None:
    assert changed_session(SESSION, patch, NOW).told_sequence == 1


def test_a_first_pin_is_no_news_and_neither_is_one_that_comes_back_nearby() -> None:
    without = msgspec.structs.replace(SESSION, latitude=None, longitude=None)
    first = changed_session(without, {"latitude": 52.6369, "longitude": -1.1398}, NOW)
    gone = changed_session(first, {"latitude": None, "longitude": None}, NOW)
    nearby = changed_session(gone, {"latitude": 52.6368, "longitude": -1.1398}, NOW)
    assert [session.told_sequence for session in (first, gone, nearby)] == [0, 0, 0]
    elsewhere = changed_session(gone, {"latitude": 52.63, "longitude": -1.1398}, NOW)
    assert (elsewhere.told_sequence, elsewhere.last_change) == (3, ("place",))


def test_many_small_moves_of_the_pin_add_up_to_one_that_is_told() -> None:
    # 0.0003 degrees of latitude are 33 metres.
    session, told = SESSION, []
    for step in range(1, 7):
        session = changed_session(session, {"latitude": round(52.6369 + 0.0003 * step, 6)}, NOW)
        told.append(session.told_sequence)
    assert told == [0, 2, 2, 4, 4, 6]
    assert session.last_change == ("place",)


def test_a_pin_on_the_other_side_of_the_date_line_is_near() -> None:
    fiji = msgspec.structs.replace(SESSION, latitude=-16.8, longitude=179.9999)
    assert changed_session(fiji, {"longitude": -179.9999}, NOW).told_sequence == 0


@given(st.lists(st.tuples(st.sampled_from(["7pm", "8pm", "A", "B", "title"]), st.booleans()), max_size=8))
def test_whatever_is_told_or_kept_quiet_the_sequence_rises_with_every_new_time_and_place(
    steps: list[tuple[str, bool]],
) -> None:
    patches = {
        "7pm": {"starts_local": "2027-09-05T19:00"},
        "8pm": {"starts_local": "2027-09-05T20:00"},
        "A": {"venue": "A"},
        "B": {"venue": "B"},
        "title": {"title": "Anew"},
    }
    session, known = SESSION, (SESSION.starts_local, SESSION.venue)
    for step, tell in steps:
        before, session = session, changed_session(session, {**patches[step], "tell": tell}, NOW)
        now_at, said = (session.starts_local, session.venue), (before.starts_local, before.venue)
        moved, news = now_at != said, tell and {now_at} != {said, known}
        known = now_at if news else known
        assert session.sequence == before.sequence + (moved or news)
        assert session.told_sequence == (session.sequence if news else before.told_sequence)
        assert (session.last_change != ()) is (session.sequence > 0)


def test_a_quiet_change_is_among_what_the_next_one_says() -> None:
    quiet = changed_session(SESSION, {"starts_local": "2027-09-05T20:00", "tell": False}, NOW)
    told = changed_session(quiet, {"venue": "A"}, NOW + timedelta(days=9))
    assert (quiet.last_change, quiet.sequence_at) == (("time",), None)
    assert (told.last_change, told.sequence, told.told_sequence) == (("time", "place"), 2, 2)


WORDS, PIN = {"venue": "Elsewhere"}, {"latitude": 52.6372}
FAR = {"latitude": 53.9, "longitude": -2.0}
NO_PIN = {"latitude": None, "longitude": None}


@pytest.mark.parametrize(
    ("quiet", "told", "promises"),
    [
        ([WORDS], {"venue": "ELSEWHERE"}, ("place",)),
        ([WORDS], {"title": "B", "tell": True}, ("place",)),
        ([WORDS], {**WORDS, "tell": True}, ("place",)),
        ([NO_PIN], FAR, ("place",)),
        ([PIN], {"latitude": 52.6375}, ("place",)),
        ([{"ends_local": "2027-09-05T23:00"}, {"zone": "Europe/Belfast"}], {"tell": True}, ("time",)),
        # Who booked in between was told of the place that was quiet.
        ([WORDS], {"venue": "The Copper Pot"}, ("place",)),
    ],
)
def test_a_save_that_tells_does_so_of_what_was_kept_quiet_since_people_were_last_told(
    quiet: list[dict[str, Any]], told: dict[str, Any], promises: tuple[Promise, ...]
) -> None:
    session = SESSION
    for patch in quiet:
        session = changed_session(session, {**patch, "tell": False}, NOW)
    assert (session.sequence, session.told_sequence) == (len(quiet), 0)
    after = changed_session(session, told, NOW)
    assert (after.told_sequence, after.last_change) == (len(quiet) + 1, promises)
    assert (after.words_told, after.pin_told) == (None, ())
    assert changed_session(after, {"tell": True}, NOW).told_sequence == after.told_sequence


def test_another_title_alone_tells_nobody_of_what_was_kept_quiet() -> None:
    quiet = changed_session(SESSION, {**WORDS, "tell": False}, NOW)
    assert changed_session(quiet, {"title": "B"}, NOW).sequence == 1


def test_a_quiet_change_from_before_what_was_told_was_kept_counts_as_told() -> None:
    quiet = changed_session(SESSION, {**WORDS, "tell": False}, NOW)
    older = msgspec.structs.replace(quiet, words_told=None, pin_told=())
    assert changed_session(older, {"venue": "ELSEWHERE"}, NOW).told_sequence == 0


def test_a_note_is_kept_by_the_changes_that_are_told_together_with_its_own() -> None:
    noted = changed_session(SESSION, {"venue": "A", "change_note": "Flooded."}, NOW)
    soon, later = NOW + timedelta(hours=23), NOW + timedelta(hours=24)
    assert changed_session(noted, {"venue": "B"}, soon).change_note == "Flooded."
    assert changed_session(noted, {"venue": "B", "change_note": None}, soon).change_note is None
    assert changed_session(noted, {"venue": "B", "change_note": "Fire."}, soon).change_note == "Fire."
    assert changed_session(noted, {"venue": "B"}, later).change_note is None
    quiet = changed_session(SESSION, {"venue": "A", "change_note": "Flooded.", "tell": False}, NOW)
    assert changed_session(quiet, {"venue": "a"}, later).change_note == "Flooded."


def test_a_note_alone_after_a_quiet_change_is_for_the_pages() -> None:
    quiet = changed_session(SESSION, {"venue": "A", "tell": False}, NOW)
    noted = changed_session(quiet, {"change_note": "Flooded."}, NOW)
    assert noted == msgspec.structs.replace(quiet, change_note="Flooded.", version=3)


def test_a_note_belongs_to_the_change_that_it_came_with() -> None:
    noted = changed_session(SESSION, {"venue": "A", "change_note": " The kitchen\tflooded. "}, NOW)
    assert noted.change_note == "The kitchen flooded."
    for patch in ({"title": "B"}, {"venue": "a"}, {"venue": "B", "tell": False}):
        assert changed_session(noted, patch, NOW).change_note == noted.change_note
    assert changed_session(noted, {"venue": "B"}, NOW + timedelta(days=1)).change_note is None
    corrected = changed_session(noted, {"change_note": "The kitchen has flooded."}, NOW)
    assert corrected == msgspec.structs.replace(
        noted, change_note="The kitchen has flooded.", version=noted.version + 1
    )
    assert changed_session(noted, {"change_note": None}, NOW).change_note is None


@pytest.mark.parametrize(
    ("note", "code"),
    [
        ("", "value"),
        ("\t", "empty"),
        ("x" * 301, "value"),
        ("See http://example.org", "link"),
        ("See HTTP://example.org", "link"),
        ("See www.example.org", "link"),
        ("javascript:alert(1)", "link"),
        ("Open file:///tmp", "link"),
        ("Open data:text/html", "link"),
        ("ftp://example.org", "link"),
        ("\u0007", "character"),
        ("Nothing moved.", "no_change"),
    ],
)
def test_a_note_that_is_none_is_refused(note: str, code: str) -> None:
    patch = {"change_note": note} if code == "no_change" else {"venue": "A", "change_note": note}
    with pytest.raises(Invalid) as refused:
        changed_session(SESSION, patch, NOW)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [("/change_note", code)]


@pytest.mark.parametrize(
    "note",
    [
        "Why: see https://www.example.org/news. Time: 7pm.",
        "New data: Monday",
        "Your file: bring it",
        "A file:",
    ],
)
def test_a_note_may_lead_to_a_page_by_its_whole_address_and_have_colons(note: str) -> None:
    assert changed_session(SESSION, {"venue": "A", "change_note": note}, NOW).change_note == note


def test_a_new_title_leaves_what_was_said_of_the_last_change() -> None:
    first = changed_session(SESSION, {"venue": "A"}, NOW)
    renamed = changed_session(first, {"title": "B"}, NOW + timedelta(hours=1))
    assert renamed == msgspec.structs.replace(first, title="B", version=3)


def test_a_session_that_is_over_can_be_renamed_but_not_moved_within_the_past() -> None:
    after = SESSION.ends_at + timedelta(days=1)
    assert changed_session(SESSION, {"title": "A"}, after).title == "A"
    with pytest.raises(Invalid) as refused:
        changed_session(SESSION, {"starts_local": "2027-09-05T18:00:00"}, after)
    assert [error.code for error in refused.value.errors] == ["past"]


def test_capacity_is_between_one_and_a_hundred_thousand() -> None:
    assert [read_capacity_request({"capacity": n}) for n in (1, 100_000)] == [1, 100_000]
    refused: list[object] = [{}, {"capacity": 0}, {"capacity": 100_001}, {"capacity": 5, "places": 5}, []]
    for raw in refused:
        with pytest.raises(Invalid):
            read_capacity_request(raw)


@pytest.mark.parametrize(
    ("field", "calls"), [("capacity", ".../capacity."), ("status", ".../close, .../reopen or .../cancel.")]
)
def test_who_patches_what_another_call_changes_hears_which_one(field: str, calls: str) -> None:
    with pytest.raises(Invalid) as refused:
        changed_session(SESSION, {field: 1}, NOW)
    assert [(error.pointer, error.code, error.detail) for error in refused.value.errors] == [
        (f"/{field}", "unknown", f"To change the {field}, send a POST to {calls}")
    ]
