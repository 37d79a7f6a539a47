"""domain/field_checks.py: URLs and origins as browsers read them, and texts that can be printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import field_checks
from chalicelib.domain.refusals import Invalid


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org", "https://www.example.org/thanks?for=coming#top", "https://example.org:8443/",
        "https://xn--bcher-kva.example/", "https://192.0.2.7/", "https://[2001:db8::1]/",
        "http://localhost:3000/thanks", "http://127.0.0.1/", "http://[::1]:8000/",
    ],
)  # fmt: skip
def test_a_page_on_https_or_on_ones_own_machine_is_taken_as_it_is(url: str) -> None:
    assert field_checks.web_url(url, "/u") == url


@pytest.mark.parametrize(
    "url",
    [
        "", "example.org", "//example.org", "http://example.org", "http://localhost.example.org", "ftp://example.org",
        "javascript:alert(1)", "https:", "https://", "https:///path", "https:example.org", "https://@example.org",
        "https://user:secret@example.org", "https://example.org\\@evil.example", "https://exa mple.org",
        "https://example.org/a b", "https://example.org/\n", "\thttps://example.org", "https://bücher.example",
        "https://example.org/é", "https://example.org:port/", "https://example.org:99999/", "https://[::1",
        "https://-example.org", "https://example..org", "https://example.org/<script>", "https://*.example.org",
        "https://" + "a" * 64 + ".example",
    ],
)  # fmt: skip
def test_any_other_address_is_refused_by_name(url: str) -> None:
    for check in (field_checks.web_url, field_checks.web_origin):
        with pytest.raises(Invalid) as refused:
            check(url, "/u")
        assert [error.pointer for error in refused.value.errors] == ["/u"]


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://example.org", "https://example.org"),
        ("https://Example.ORG/", "https://example.org"),
        ("HTTPS://example.org:443", "https://example.org"),
        ("https://example.org:8443", "https://example.org:8443"),
        ("http://localhost:80", "http://localhost"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(typed: str, origin: str) -> None:
    assert field_checks.web_origin(typed, "/o") == origin
    assert field_checks.web_origin(origin, "/o") == origin


@pytest.mark.parametrize("end", ["/path", "?", "?q=1", "#", "/#top", "//"])
def test_an_origin_has_no_path(end: str) -> None:
    with pytest.raises(Invalid):
        field_checks.web_origin(f"https://example.org{end}", "/o")


@given(st.text())
def test_a_line_is_one_line_or_refused(value: str) -> None:
    try:
        line = field_checks.line(value, "/l")
    except Invalid:
        return
    assert line
    assert line.splitlines() == [line]
    assert field_checks.line(line, "/l") == line


def test_a_text_keeps_its_lines_with_one_kind_of_line_end() -> None:
    assert field_checks.text("\r\nOne\r\n\r\nTwo\rThree\tx\n", "/t") == "One\n\nTwo\nThree\tx"


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("hello@example.org", "hello@example.org"), (" Hello@Example.ORG ", "hello@example.org"),
        ("0113 496 0123", "0113 496 0123"), ("+44 (0)113 496-0123", "+44 (0)113 496-0123"),
        ("(604) 555-0123", "(604) 555-0123"), ("01632.960.001 ", "01632.960.001"),
    ],
)  # fmt: skip
def test_people_are_reached_by_email_or_telephone(typed: str, taken: str) -> None:
    assert field_checks.contact(typed, "/contact") == taken


@pytest.mark.parametrize(
    "typed",
    [
        "", "Ada", "@example", "ada@example", "ask at the bar", "https://example.org", "1234", "1" * 16,
        "01632 960 00a", "٠١١٣٤٩٦٠١٢٣", "01632+960001", "tel:01632960001", "999 or 0113 496 0123",
    ],
)  # fmt: skip
def test_nobody_is_reached_by_anything_else(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        field_checks.contact(typed, "/contact")
    assert [error.pointer for error in refused.value.errors] == ["/contact"]


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("dinner", "dinner"), ("Dinner", "dinner"), (" film  screening ", "film screening"),
        ("Tea-dance", "tea-dance"), ("AGM", "AGM"), ("Burns Supper", "Burns Supper"),
        ("Café", "café"), ("Cafe\u0301", "café"),
    ],
)  # fmt: skip
def test_a_noun_is_in_lower_case_unless_its_capitals_are_meant(typed: str, taken: str) -> None:
    assert field_checks.noun(typed, "/session_noun") == taken


@pytest.mark.parametrize(
    "typed", ["", " ", "7", "dinner!", "-walk", "walk-", "a_b", "<b>", "walk -talk", "dinner\u202e"]
)
def test_a_noun_has_letters_spaces_and_hyphens_alone(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        field_checks.noun(typed, "/session_noun")
    assert [error.pointer for error in refused.value.errors] == ["/session_noun"]


@pytest.mark.parametrize("text", ["\u200b", "\u202e\u202c", "\u2060 \u200d", "\u0301", "\ufeff\u00ad"])
def test_a_line_of_which_nothing_can_be_seen_is_empty(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        field_checks.line(text, "/organiser_name")
    assert [(error.pointer, error.code) for error in refused.value.errors] == [("/organiser_name", "empty")]


def test_a_line_can_not_turn_our_own_words_round() -> None:
    assert field_checks.line("\u202eSt Mary\u2066's", "/organiser_name") == "St Mary's"
