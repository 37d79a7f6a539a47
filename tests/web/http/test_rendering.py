"""What an organiser typed, on a page: paragraphs and links, and never markup of their own."""

import re
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.web.http.rendering import paragraphs

REL = 'rel="nofollow noopener"'
TYPED = st.lists(
    st.sampled_from(
        ["https://", "HTTPS://", "http://", "www.", "a.org", "mailto:", "a@b.org", "javascript:", "//", "\n",
         " ", "<", ">", "&", '"', "'", "<a href=", "x", "(", ")", "&quot;", "data:", "\u202e", "]", "!"]
    ),
    max_size=12,
).map("".join) | st.text()  # fmt: skip


def test_addresses_are_links_and_blank_lines_make_paragraphs() -> None:
    shown = paragraphs("Menu: https://curry.example/menu?a=1&b=2.\nMail ann@curry.example!\n \nBring <bread>")
    assert shown == (
        f'<p>Menu: <a href="https://curry.example/menu?a=1&amp;b=2" {REL}>https://curry.example/menu?a=1&amp;b=2'
        '</a>.\nMail <a href="mailto:ann@curry.example">ann@curry.example</a>!</p><p>Bring &lt;bread&gt;</p>'
    )
    assert paragraphs("www.curry.org") == (f'<p><a href="https://www.curry.org" {REL}>www.curry.org</a></p>')


@pytest.mark.parametrize(
    "text", ["http://curry.example", "javascript:alert(1)", "data:text/html,x", "ftp://a.org"]
)
def test_no_other_scheme_is_a_link(text: str) -> None:
    assert paragraphs(text) == f"<p>{text}</p>"


@given(TYPED)
@example("HTTPS://a.org")
@example("mailto:https://a@b.org")
def test_whatever_is_typed_is_shown_as_it_is_and_no_markup_is_but_ours(typed: str) -> None:
    shown = str(paragraphs(typed))
    tags = re.findall(r"<[^>]*>", shown)
    for tag in tags:
        if tag not in ("<p>", "</p>", "</a>"):
            link = re.fullmatch(r'<a href="(https://|mailto:)([^"]*)"( rel="nofollow noopener")?>', tag)
            assert link, tag
            assert not re.match("(?i)https?:", link[2])
    read = unescape(re.sub(r"<[^>]*>", "", shown.replace("</p><p>", "\n\n")))
    # What is linked as an address is shown without the "mailto:" that was typed before it.
    assert "".join(read.split()).replace("mailto:", "") == "".join(typed.split()).replace("mailto:", "")
