"""What a name and an address may be."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.attendee import (
    YOUR_NAME,
    BadAddress,
    counted_as,
    holds_link,
    mailable_address,
    name_problem,
    normalise_address,
    tidy_name,
)
from chalicelib.domain.texts import tidy_line
from chalicelib.domain.titles import one_line, unlinked

UNPRINTABLE = "Your name has characters that can't be printed. Please remove them."
UNSEEN = "\u200e\u200f\u202e\u2066\u061c\u200b\u2060\ufeff\u00ad\u200c\u200d\u3164\u2065\ufff0\U000e0002"
DOTS_AND_SLASHES = ".\u3002\uff0e\uff61\u2024/\uff0f\u2044\u2215:\uff1a@\uff20"
LINKISH = st.lists(
    st.sampled_from([*UNSEEN, *DOTS_AND_SLASHES, "https", "www", "evil", "com", "x", "win", " ", "\u0301"]),
    max_size=16,
).map("".join)


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ada@example.org", "ada@example.org"),
        ("  Ada.Lovelace+curry@Example.ORG ", "ada.lovelace+curry@example.org"),
        ("o'brien@example.co.uk", "o'brien@example.co.uk"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("\u200bada@example.org", "ada@example.org"),
        ("\ufeffada@example.org", "ada@example.org"),
        ("\u202aada@example.org\u202c", "ada@example.org"),
        ("ada\u200d@exam\u00adple.org\u200b", "ada@example.org"),
        # A joiner that is spelling stays, or the email would go to another domain.
        ("ada@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.example", "ada@xn--mgba3gch31f060k.example"),
    ],
)
def test_an_address_is_only_what_is_visible_lower_cased_and_its_domain_is_idna(
    typed: str, address: str
) -> None:
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


RESERVED = ["x.test", "a.b.example", "x.invalid", "x.localhost", "printer.local", "x.onion", "x.internal",
            "nas.home.arpa", "x.alt", "EXAMPLE.Test"]  # fmt: skip


@pytest.mark.parametrize("domain", RESERVED)
def test_an_address_at_a_name_that_is_set_apart_is_refused_as_one_that_no_email_reaches(domain: str) -> None:
    with pytest.raises(BadAddress) as refused:
        mailable_address(f"ada@{domain}")
    assert refused.value.code == "address_reserved"
    assert refused.value.detail == (
        "We can't send to this address because of its ending. Please use another address."
    )
    assert normalise_address(f"ada@{domain}") == f"ada@{domain.lower()}", "stored before"


@pytest.mark.parametrize(
    "domain", ["example.org", "example.com", "mail.example.net", "test.org", "local.co.uk", "x.dev"]
)
def test_the_names_that_documents_and_local_stacks_use_can_be_mailed(domain: str) -> None:
    assert mailable_address(f" Ada@{domain}") == f"ada@{domain}"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("ada@example.org", "ada@example.org"),
        ("ada+curry+x@example.org", "ada@example.org"),
        ("+ada@example.org", "+ada@example.org"),
        ("a.da@example.org", "a.da@example.org"),
        ("a.d.a@gmail.com", "ada@gmail.com"),
        ("ada.@googlemail.com", "ada@gmail.com"),
        ("a.da+curry.x@googlemail.com", "ada@gmail.com"),
        ("a.da@mail.gmail.com", "a.da@mail.gmail.com"),
    ],
)
def test_spellings_of_one_mailbox_are_counted_as_one(address: str, counted: str) -> None:
    assert counted_as(address) == counted


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
        "Mohd.Ali",
        "Dr.Md.Rahman",
        "Sra.García",
        "Cllr.Jones",
        "Capt.Jones",
        "Ing.Novák",
        "S.Ly",
        "Ng.Ai",
        "U.Win",
        "Sri.Dev",
        "L.Page",
        "St.Clair",
        "Ma.Comfort",
        "Chr.Nettleton",
    ],
)
def test_names_of_people_are_names(name: str) -> None:
    assert name_problem(tidy_name(name), YOUR_NAME) is None


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
        "Win 500 now at dr.click",
        "Win at casino.online now",
        "s.top",
        "free-btc.in/now",
        "free.btc.in?ref=1",
        "evil.co.uk:8080",
        "https:evil.pw",
        "www.evil",
        "1.2.3.4",
        "mail me@evil.ai",
        "bücher.com",
        "x.com",
        "I am evil.com.",
        "https\u200e:/\u200e/evil.\u200eexample/win",
        "evil.\u200dcom",
        "evil\u200b.com",
        "evil.\ufe0fcom",
        "evil.\u2065com",
        "evil\u3002com",
        "evil\uff0ecom",
        "evil\uff61com",
        "evil\uff61example\uff0fx",
        "https\uff1aevil",
        "a:\uff0f\uff0fb",
        "me\uff20evil",
        "x\uff0e\uff43\uff4f\uff4d",
    ],
)
def test_a_name_that_mail_clients_would_turn_into_a_link_is_refused(name: str) -> None:
    assert name_problem(tidy_name(name), YOUR_NAME) == "Please leave web addresses out of your name."


@given(LINKISH | st.text(max_size=80))
def test_what_a_mail_prints_of_a_name_that_passes_is_that_name_and_holds_no_link(typed: str) -> None:
    name = tidy_name(typed)
    if name_problem(name, YOUR_NAME) is not None:
        return
    printed = one_line(name)
    assert printed == name == tidy_name(name)
    assert not holds_link(printed)
    assert not holds_link("".join(character for character in printed if character not in UNSEEN))


@given(LINKISH, st.sampled_from(UNSEEN))
def test_no_unseen_character_makes_a_name_of_a_link(typed: str, unseen: str) -> None:
    if tidy_name(typed) and holds_link(tidy_name(typed)):
        assert name_problem(tidy_name(unseen.join(typed)), YOUR_NAME) is not None


@given(LINKISH | st.text(max_size=80))
def test_every_dot_of_an_emailed_name_ends_in_a_space_or_in_what_no_web_address_holds(typed: str) -> None:
    name = tidy_name(typed)
    if name_problem(name, YOUR_NAME) is None:
        printed = unlinked(name)
        assert not re.search("[.\u2024\u3002\uff0e\uff61][^\\s\u2060]", printed)
        assert printed.replace("\u2060", "") == name, "and it is the same to who reads it"
        assert tidy_name(printed) == name, "also when it is copied from there"


def test_direction_marks_of_a_name_are_dropped_and_joiners_stay() -> None:
    assert tidy_name("\u200fדד\u200e Ann e\u200e\u0301") == "דד Ann é"
    assert tidy_name("👩\u200d🍳 क्\u200dष") == "👩\u200d🍳 क्\u200dष"
    assert name_problem("Ann\u202e", YOUR_NAME) == UNPRINTABLE
    assert tidy_line("🏴\U000e0067\U000e007f  Night") == "🏴\U000e0067\U000e007f Night", "titles keep all"


@pytest.mark.parametrize("name", ["Ada\x00", "Ada\x1b[31m", "\uffff"])
def test_a_name_with_what_cannot_be_printed_is_refused(name: str) -> None:
    assert name_problem(tidy_name(name), YOUR_NAME) == UNPRINTABLE


def test_white_space_in_a_name_is_tidied_line_breaks_included() -> None:
    assert tidy_name("  Ada\r\n  King \t Lovelace ") == "Ada King Lovelace"


def test_a_name_of_only_white_space_is_none() -> None:
    assert name_problem(tidy_name(" \n "), YOUR_NAME) == "Please enter your name."
