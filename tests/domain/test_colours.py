"""An accent colour can be read wherever it is used, and a refused one comes with one that is taken."""

import re
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain.colours import (
    CONTRAST_MIN,
    DARK_GROUNDS,
    LIGHT_GROUNDS,
    OUR_LINKS,
    Shades,
    contrast,
    nearest_readable,
    shades,
)
from chalicelib.domain.event_request import read_event_request
from chalicelib.domain.refusals import Invalid
from infra.vendor import ROOT

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
BRIGHT = "#ffd400"
SHEET = (ROOT / "chalicelib" / "web" / "pages" / "turnout.css").read_text()


def asked(colour: str) -> str | None:
    return read_event_request({"slug": "soup", "title": "Soup", "accent_colour": colour}).accent_colour


def variables(name: str) -> list[str]:
    """Return what the style sheet says of this colour: by day, by night, and on paper if it says so."""
    return re.findall(rf"--{name}: (#[0-9a-f]+)", SHEET)


def all_read(shade: Shades, grounds: tuple[str, str], soft: str) -> bool:
    pairs = [(shade.brand, ground) for ground in (*grounds, shade.tint)]
    pairs += [(shade.deep, ground) for ground in (*grounds, shade.tint)]
    pairs += [(shade.ink, shade.brand), (shade.ink, shade.deep), (soft, shade.tint)]
    return all(contrast(*pair) >= CONTRAST_MIN for pair in pairs)


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21),
        ("#777777", "#ffffff", 4.48),
        ("#ffffff", "#0000ff", 8.59),
        ("#123456",) * 2 + (1,),
    ],
)
def test_contrast_is_what_wcag_says(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)


@given(COLOURS)
@example(BRIGHT)
@example("#000000")
@example("#ffffff")
def test_what_is_suggested_is_taken_and_read_by_day_and_by_night(colour: str) -> None:
    nearest = nearest_readable(colour)
    assert asked(nearest) == nearest_readable(nearest) == nearest
    for shade, grounds, soft in zip(
        shades(nearest), (LIGHT_GROUNDS, DARK_GROUNDS), variables("soft"), strict=False
    ):
        assert all_read(shade, grounds, soft)
    assert shades(nearest)[0].brand == nearest


@given(COLOURS)
@example(BRIGHT)
def test_a_colour_is_taken_as_it_is_exactly_if_links_in_it_can_be_read_on_light_pages(colour: str) -> None:
    if all(contrast(colour, ground) >= CONTRAST_MIN for ground in (*LIGHT_GROUNDS, shades(colour)[0].tint)):
        assert asked(colour.upper().replace("#", "#")) == colour
    else:
        with pytest.raises(Invalid) as refused:
            asked(colour)
        (error,) = refused.value.errors
        assert (error.pointer, error.code) == ("/accent_colour", "contrast")
        assert nearest_readable(colour) in error.detail


@given(COLOURS)
def test_the_suggestion_is_the_first_on_the_way_to_black_that_can_be_read(colour: str) -> None:
    parts = bytes.fromhex(colour[1:])
    darker = ["#" + bytes(round(part * (255 - step) / 255) for part in parts).hex() for step in range(256)]
    for before, one in pairwise(darker):
        if one == nearest_readable(colour) != before:
            assert nearest_readable(before) != before
    assert nearest_readable(colour) in darker


@pytest.mark.parametrize(
    "colour", ["red", "#12345", "#1234567", "123456", "#12345g", "#123456\n", "", 7, "#abc"]
)
def test_what_is_no_colour_is_refused(colour: str) -> None:
    with pytest.raises(Invalid) as refused:
        asked(colour)
    assert [error.pointer for error in refused.value.errors] == ["/accent_colour"]


def test_the_grounds_are_those_of_the_style_sheet_and_of_emails() -> None:
    assert list(zip(variables("paper"), variables("card"), strict=True))[:2] == [LIGHT_GROUNDS, DARK_GROUNDS]
    assert tuple(variables("brand")) == OUR_LINKS
    letter = (ROOT / "chalicelib" / "mail" / "templates" / "letter.html").read_text()
    assert all(ground in letter for ground in (*LIGHT_GROUNDS, *DARK_GROUNDS))
