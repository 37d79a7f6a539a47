import unicodedata
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.wording import (
    ahead_in_words,
    estimate_in_words,
    full_title,
    map_url,
    one_line,
    place,
    when,
)
from tests.mail.samples import EVENT, SESSION


@given(st.text())
def test_one_line_is_one_line_whatever_was_typed(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert not any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in line)
    assert not set(line) & set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert one_line(line) == line


def test_one_line_drops_what_would_turn_the_rest_of_our_sentence_around() -> None:
    assert one_line("Ann\u202eelpmaxe\u202c \u2066x\u2069") == "Annelpmaxe x"


def test_one_line_keeps_what_emoji_and_scripts_are_joined_with() -> None:
    assert one_line("👩\u200d🍳 क्\u200dष") == "👩\u200d🍳 क्\u200dष"


@pytest.mark.parametrize(
    ("session_title", "expected"),
    [
        ("Leeds", "Curry Night: Leeds"),
        ("", "Curry Night"),
        ("Curry Night", "Curry Night"),
        (" \n", "Curry Night"),
    ],
)
def test_a_title_names_the_session_where_that_says_more(session_title: str, expected: str) -> None:
    assert full_title(EVENT, replace(SESSION, title=session_title)) == expected


def test_a_place_is_one_line_however_its_address_was_typed() -> None:
    assert place(SESSION) == "The Copper Pot, 12 High Street, Leeds, LS1 4AB"
    typed = replace(SESSION, address=" 12 High Street,\r\n\r\n Leeds ")
    assert place(typed) == "The Copper Pot, 12 High Street, Leeds"
    assert place(replace(SESSION, address="")) == "The Copper Pot"


def test_a_map_link_pins_the_spot_or_searches_for_the_place() -> None:
    assert map_url(SESSION).endswith("?mlat=53.799700&mlon=-1.549200#map=17/53.799700/-1.549200")
    found = map_url(replace(SESSION, latitude=None, longitude=None, venue="A & B?", address="C#1"))
    assert found == "https://www.openstreetmap.org/search?query=A+%26+B%3F%2C+C%231"
    assert map_url(replace(SESSION, latitude=0.0, longitude=0.0)).startswith(
        "https://www.openstreetmap.org/?mlat=0."
    )


@pytest.mark.parametrize(
    ("zone", "month", "expected"),
    [
        ("Europe/London", 7, "London time (BST)"),
        ("Europe/London", 1, "London time (GMT)"),
        ("America/Vancouver", 7, "Vancouver time (PDT)"),
        ("America/Argentina/Buenos_Aires", 7, "Buenos Aires time (UTC-03)"),
        ("UTC", 7, "UTC"),
        ("Etc/UTC", 7, "UTC"),
    ],
)
def test_a_time_names_its_zone_by_the_city_and_the_letters_of_the_season(
    zone: str, month: int, expected: str
) -> None:
    starts = datetime(2026, month, 5, 19, 0)
    assert when(replace(SESSION, zone=zone, starts_local=starts)).zone == expected


def test_an_evening_that_ends_after_midnight_says_on_which_day() -> None:
    late = replace(SESSION, ends_local=datetime(2026, 9, 6, 1, 30))
    assert when(late).ends == "01:30 on Sunday 6 September 2026"
    assert (when(SESSION).date, when(SESSION).starts, when(SESSION).ends) == (
        "Saturday 5 September 2026",
        "19:00",
        "22:00",
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "Nobody can say whether your turn comes."),
        (1, "Your turn comes in less than a minute."),
        (59, "Your turn comes in less than a minute."),
        (60, "Your turn comes in about 1 minute."),
        (61, "Your turn comes in about 2 minutes."),
        (5399, "Your turn comes in about 90 minutes."),
        (5400, "Your turn comes in about 2 hours."),
        (36_000, "Your turn comes in about 10 hours."),
    ],
)
def test_an_estimate_is_as_rough_as_what_is_known(seconds: int | None, words: str) -> None:
    assert estimate_in_words(seconds) == words


def test_how_many_are_ahead_is_said_in_numbers_that_can_be_read() -> None:
    assert ahead_in_words(0) == "You are next"
    assert ahead_in_words(12_345) == "About 12,345 ahead of you"
