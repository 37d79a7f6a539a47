"""What a name and an address may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.attendee import BadAddress, name_problem, normalise_address, tidy_name


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  Ada.Lovelace+curry@Example.ORG ", "ada.lovelace+curry@example.org"),
        ("o'brien@example.co.uk", "o'brien@example.co.uk"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
    ],
)
def test_an_address_is_trimmed_lower_cased_and_its_domain_is_idna(typed: str, address: str) -> None:
    assert normalise_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "@",
        "ada",
        "ada@",
        "@example.org",
        "ada@localhost",
        "ada@example..org",
        "a b@example.org",
        "ada@-example.org",
        "ada@exa mple.org",
        "ada@example.org\r\nBcc: x@example.org",
        "a" * 65 + "@example.org",
        "ada@" + "a" * 64 + ".org",
        "ada@xn--a.example\x00",
        "ada@\u2024.example",
        "a@" + "b." * 130 + "org",
        "ada,bert@example.org",
        "<ada@example.org>",
        "ada@example.org>",
    ],
)
def test_what_cannot_be_mailed_is_refused(typed: str) -> None:
    with pytest.raises(BadAddress) as refused:
        normalise_address(typed)
    assert refused.value.code == "address"


def test_a_local_part_outside_ascii_is_refused_with_its_own_reason() -> None:
    with pytest.raises(BadAddress) as refused:
        normalise_address("ädä@example.org")
    assert refused.value.code == "address_not_ascii"


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_a_bad_one_and_normalising_again_changes_nothing(text: str) -> None:
    try:
        address = normalise_address(text)
    except BadAddress:
        return
    assert normalise_address(address) == address
    assert address.isascii()
    assert not any(character.isspace() for character in address)


@pytest.mark.parametrize(
    "name",
    [
        "Ada",
        "Dr. J.R. O'Neill-Smith",
        "Dr.Smith",
        "Nguyễn Thị Ánh",
        "محمد",
        "李小龍",
        "St. John",
        "Ada (vegan)",
        "👩‍🍳 Ada",
    ],
)
def test_names_of_people_are_names(name: str) -> None:
    assert name_problem(tidy_name(name)) is None


@pytest.mark.parametrize(
    "name",
    [
        "win at http://x.example",
        "www.spam.example",
        "visit spam.com now",
        "SPAM.COM",
        "x.ly/abc",
        "a://b",
        "shop.example/offer",
        "Win at casino.ai now",
        "spam.win",
        "free-btc.in",
        "https:evil.pw",
        "1.2.3.4",
        "mail me@evil.ai",
        "bücher.example",
        "x.com",
    ],
)
def test_a_name_that_mail_clients_would_turn_into_a_link_is_refused(name: str) -> None:
    assert name_problem(tidy_name(name)) == "A name can't hold a web address."


@pytest.mark.parametrize("name", ["Ada\x00", "Ada\x1b[31m", "\ue000"])
def test_a_name_with_what_cannot_be_printed_is_refused(name: str) -> None:
    assert name_problem(tidy_name(name)) == "This name holds a character that can't be printed."


def test_white_space_in_a_name_is_tidied_line_breaks_included() -> None:
    assert tidy_name("  Ada\r\n  King \t Lovelace ") == "Ada King Lovelace"


def test_a_name_of_only_white_space_is_none() -> None:
    assert name_problem(tidy_name(" \n ")) == "Please give a name."
