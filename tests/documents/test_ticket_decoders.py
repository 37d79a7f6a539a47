"""Every ticket bears the same mask: three decoders read it, in the mail, on a page and small on a screen.

A camera that can't read a code leaves somebody at a locked door, so this is tried with many.
"""

import random
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
import segno
from PIL import Image

from chalicelib.documents.ticket import ticket_png, ticket_svg
from chalicelib.domain.ids import new_id
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.ticket import ticket_text
from tests.documents.decoders import jsqr, zbar, zxing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DECODERS = [zxing, zbar, jsqr]
Decoder = Callable[[Sequence[Image.Image]], list[str | None]]

_chance = random.Random(20261124)
TEXTS = [
    ticket_text(BookingAddress(*(new_id(_chance.randbytes(length)) for length in (10, 20, 15))))
    for _ in range(100)
]
# What ids will hardly ever be: one long pattern, which a mask has to break up, is where scanners stumble.
TEXTS += [ticket_text(BookingAddress(one * 16, one * 32, one * 24)) for one in "az27"]

MAIL_PIXELS = 200
"""How wide the picture is shown in a mail (mail/templates/pieces.html)."""


def pictures() -> list[Image.Image]:
    return [Image.open(BytesIO(ticket_png(text))) for text in TEXTS]


@pytest.fixture(scope="module")
def shown(browser: "Browser") -> dict[str, list[Image.Image]]:
    """What Chromium shows of some: the drawing of the page, and the picture of the mail in its size there."""
    page = browser.new_page(viewport={"width": 400, "height": 400})
    made: dict[str, list[Image.Image]] = {"svg": [], "png": []}
    page.goto("about:blank")
    for text in TEXTS[-20:]:
        page.set_content(f'<div id="code" style="width: 240px">{ticket_svg(text)}</div>')
        made["svg"].append(Image.open(BytesIO(page.locator("#code").screenshot())))
        encoded = Image.open(BytesIO(ticket_png(text)))
        assert encoded.width > MAIL_PIXELS, "a picture that is shown larger than it is gets blurred"
        page.set_content('<img id="code" width="200" height="200">')
        page.evaluate(
            """async (bytes) => {
                const image = document.querySelector("#code");
                image.src = URL.createObjectURL(new Blob([new Uint8Array(bytes)], {type: "image/png"}));
                await image.decode();
            }""",
            list(ticket_png(text)),
        )
        made["png"].append(Image.open(BytesIO(page.locator("#code").screenshot())))
    page.close()
    return made


@pytest.mark.parametrize("decoder", DECODERS)
def test_every_decoder_reads_every_ticket_in_the_mail(decoder: Decoder) -> None:
    assert decoder(pictures()) == TEXTS


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("drawn", ["svg", "png"])
def test_every_decoder_reads_a_ticket_as_a_browser_shows_it(
    shown: dict[str, list[Image.Image]], decoder: Decoder, drawn: str
) -> None:
    assert decoder(shown[drawn]) == TEXTS[-20:]


@pytest.mark.parametrize("decoder", DECODERS)
def test_a_decoder_that_reads_a_ticket_reads_none_off_a_blank_picture(decoder: Decoder) -> None:
    assert decoder([Image.new("L", (328, 328), "white")]) == [None]


def test_the_picture_is_pixel_by_pixel_the_one_that_the_library_would_write_with_that_mask() -> None:
    for text, ours in zip(TEXTS[:10], pictures(), strict=False):
        code = segno.make_qr(text, error="m", boost_error=False, mask=1)
        theirs = BytesIO()
        code.save(theirs, kind="png", scale=8, border=4)
        assert ours.mode == "1"
        assert ours.tobytes() == Image.open(theirs).convert("1").tobytes()
        assert code.svg_inline(border=4, light="#fff", omitsize=True, svgclass="ticket", lineclass=None) == (
            ticket_svg(text)
        )


def test_the_picture_weighs_less_than_half_a_kilobyte() -> None:
    assert max(len(ticket_png(text)) for text in TEXTS) < 512
