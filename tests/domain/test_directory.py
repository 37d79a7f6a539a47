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
        "okafor ada maria",
        "maria okafor ada",
    ]


def test_a_long_name_is_listed_by_its_ends_its_longest_words_and_if_there_is_room_the_others() -> None:
    def fronts(name: str, *guests: str) -> list[str]:
        return [listed.split()[0] for listed in listed_names(name, guests)]

    reyes = "Ada Maria de la Cruz Reyes"
    assert fronts(reyes) == ["ada", "reyes", "maria", "cruz", "de", "la"]
    assert fronts(reyes, "Sam Hill", "Tom") == ["ada", "reyes", "maria", "cruz", "sam", "tom"]
    assert fronts("María del Carmen García López") == ["maria", "lopez", "carmen", "garcia", "del"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("ada okafor", "Ada Maria Okafor"),
        ("okafor ada", "Ada Maria Okafor"),
        ("ada maria oka", "Ada Maria Okafor"),
        ("garcía", "María del Carmen García López"),
        ("lopez maria", "María del Carmen García López"),
        ("carmen lo", "María del Carmen García López"),
        ("de la c", "Ada de la Cruz"),
        ("gabriel", "García Márquez Gabriel José de"),
        ("ann ann", "Ann Mary Ann"),
        # By an Arabic and a Persian keyboard, either way.
        ("\u0639\u0644\u06cc", "\u0639\u0644\u064a"),
        ("\u06a9\u0631\u064a\u0645", "\u0643\u0631\u06cc\u0645"),
        ("\u0641\u0627\u0637\u0645\u0647", "\u0641\u0627\u0637\u0645\u0629"),
        ("\u0645\u0635\u0637\u0641\u064a", "\u0645\u0635\u0637\u0641\u0649"),
        ("o", "Kim O"),
        ("E", "E"),
        ("\u00e9", "E"),
    ],
)
def test_a_name_is_found_by_some_of_its_words_in_any_order_and_in_the_letters_of_any_keyboard(
    typed: str, name: str
) -> None:
    search = read_search(typed)
    assert search.fits(folded(name))
    assert any(listed.startswith(search.beginning) for listed in listed_names(name, ()))


@pytest.mark.parametrize(
    ("typed", "name"),
    [("ada a", "Ada Okafor"), ("ad okafor", "Ada Okafor"), ("ann ann", "Ann Lee"), ("ada okafor", "Ada")],
)
def test_all_words_but_the_last_are_whole_and_each_is_another_of_the_name(typed: str, name: str) -> None:
    assert not read_search(typed).fits(folded(name))


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


@pytest.mark.parametrize("text", ["", " ", "***", "-", "ada@", "@example.org"])
def test_what_is_too_short_or_no_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_search(text)
    assert [error.pointer for error in refused.value.errors] == ["/q"]
