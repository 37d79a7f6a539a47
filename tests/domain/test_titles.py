import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from chalicelib.domain.titles import (
    alphabetical,
    contact_url,
    full_title,
    map_url,
    one_line,
    place,
    plural,
    unlinked,
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


def test_a_dot_in_an_emailed_name_makes_no_link() -> None:
    assert unlinked("Dr.Md.Rahman") == "Dr.\u2060Md.\u2060Rahman"
    assert unlinked("J. R. Ewing Jr.") == "J. R. Ewing Jr."


def test_names_stand_in_the_order_of_an_index() -> None:
    names = ["Zoë", "łukasz", "Étienne", "Lena", "eve", "Ødegaard", "Olga", "Lzara", "李", "Ærø", "Af"]
    assert sorted(names, key=alphabetical) == [
        "Ærø", "Af", "Étienne", "eve", "Lena", "łukasz", "Lzara", "Ødegaard", "Olga", "Zoë", "李"
    ]  # fmt: skip


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
    ("one", "several"),
    [
        ("session", "sessions"), ("dinner", "dinners"), ("film screening", "film screenings"),
        ("class", "classes"), ("box", "boxes"), ("waltz", "waltzes"), ("quiz", "quizzes"),
        ("lunch", "lunches"), ("wash", "washes"), ("party", "parties"), ("day", "days"),
        ("tea-dance", "tea-dances"), ("AGM", "AGMs"), ("café", "cafés"),
        ("bus", "buses"), ("gas", "gases"), ("evenings", "evenings"), ("classes", "classes"),
        ("series", "series"), ("tacos", "tacos"), ("Evenings", "Evenings"),
    ],
)  # fmt: skip
def test_several_of_what_an_event_calls_its_sessions(one: str, several: str) -> None:
    assert plural(one) == several


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("hello@example.org", "mailto:hello@example.org"),
        ("a?cc=b&c@example.org", "mailto:a%3Fcc%3Db%26c@example.org"),
        ("0113 496 0123", "tel:01134960123"), ("+44 (0)113 496-0123", "tel:+441134960123"),
        ("(604) 555.0123", "tel:6045550123"),
    ],
)  # fmt: skip
def test_whom_to_ask_is_a_link_that_writes_or_calls(contact: str, link: str) -> None:
    assert contact_url(contact) == link
