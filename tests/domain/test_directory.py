"""domain/directory.py: how names are compared, under which a booking is listed, and what a search means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.attendee import NAME_CHARACTERS_MAX
from chalicelib.domain.directory import NAMES_MAX, Search, folded, listed_names, read_search
from chalicelib.domain.refusals import Invalid

names = st.text(min_size=1, max_size=NAME_CHARACTERS_MAX)


@pytest.mark.parametrize(
    ("name", "compared"),
    [
        ("Ada Okafor", "ada okafor"),
        ("  ADA   okafor ", "ada okafor"),
        ("O'Brien", "obrien"),
        ("O\u2019Brien", "obrien"),
        ("O\u02bcBrien", "obrien"),
        ("Siobhán Ní Dhomhnaill", "siobhan ni dhomhnaill"),
        ("Łukasz Żółć", "lukasz zolc"),
        ("Weiß", "weiss"),
        ("STRAẞE", "strasse"),
        ("Søren Kierkegård", "soren kierkegard"),
        ("Đặng Thị Nguyễn", "dang thi nguyen"),
        ("Ægir Þórðarson", "aegir thordarson"),
        ("Irmak I\u015f\u0131k", "irmak isik"),
        ("İREM", "irem"),
        ("Anne-Marie St. John", "anne marie st john"),
        ("J.R.R. Tolkien", "j r r tolkien"),
        ("Keali\u02bbi", "kealii"),
        ("李 小龙", "李 小龙"),
        ("ジョン・スミス", "ション スミス"),
        ("ｱﾀﾞ", "アタ"),
        ("محمّد", "محمد"),
        ("أحمد", "احمد"),
        ("علی\u200cر\u0636\u0627", "علیر\u0636\u0627"),
        ("Ёлкина", "елкина"),
        ("Παπαδόπουλος", "παπαδοπουλοσ"),
        ("स्नेहा", "सनेहा"),
        ("Zoë \U0001f352\ufe0f", "zoe"),
        ("A#B", "a b"),
        ("***", ""),
    ],
)
def test_a_name_is_compared_without_case_accents_and_punctuation(name: str, compared: str) -> None:
    assert folded(name) == compared


@given(names)
def test_folding_again_changes_nothing_and_no_folded_name_has_what_separates_the_parts_of_a_key(
    name: str,
) -> None:
    assert folded(folded(name)) == folded(name)
    assert "#" not in folded(name)


def test_the_person_who_booked_is_listed_by_each_word_of_their_name() -> None:
    assert listed_names("Ada Okafor", ()) == ["ada okafor", "okafor ada"]
    assert listed_names("Ada Maria Okafor", ()) == [
        "ada maria okafor",
        "maria okafor ada",
        "okafor ada maria",
    ]


def test_of_a_long_name_the_first_words_and_the_last_are_listed() -> None:
    assert [name.split()[0] for name in listed_names("Ana Bea Carla Diaz Eza Ferro", ())] == [
        "ana", "bea", "carla", "ferro",
    ]  # fmt: skip


def test_guests_are_listed_as_typed_and_by_their_other_words_as_far_as_there_is_room() -> None:
    assert listed_names("Ada Okafor", ["Sam Hill"]) == ["ada okafor", "okafor ada", "sam hill", "hill sam"]
    party = ["Sam Hill", "Priya Rao", "Tom"]
    assert listed_names("Ada Okafor", party) == [
        "ada okafor", "okafor ada", "sam hill", "priya rao", "tom", "hill sam",
    ]  # fmt: skip
    assert listed_names("Ada", ["", "Ada"]) == ["ada"]


@given(names, st.lists(names, max_size=8))
def test_a_booking_is_listed_under_few_names_that_fit_a_key(name: str, guests: list[str]) -> None:
    listed = listed_names(name, guests)
    assert len(listed) <= NAMES_MAX
    assert all(0 < len(one.encode()) <= 400 for one in listed)


@pytest.mark.parametrize(
    ("text", "search"),
    [
        ("Ok", Search("ok")),
        (" O\u2019Br", Search("obr")),
        ("李", Search("李")),
        ("rfms-ou1f", Search("rfms ou1f", "RFMSOUIF")),
        ("Margaret", Search("margaret", "MARGARET")),
        ("ADA@Example.ORG ", Search(address="ada@example.org")),
    ],
)
def test_a_search_is_for_an_address_or_for_a_name_that_may_also_be_a_reference(
    text: str, search: Search
) -> None:
    assert read_search(text) == search


@pytest.mark.parametrize("text", ["", " ", "a", "é", "-", "ada@", "@example.org"])
def test_what_is_too_short_or_no_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_search(text)
    assert [error.pointer for error in refused.value.errors] == ["/q"]
