from io import BytesIO

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from chalicelib.documents.ticket import read_ticket, ticket_png, ticket_svg, ticket_text
from chalicelib.domain.ids import new_id
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.refusals import NotFound

addresses = st.builds(
    BookingAddress,
    st.binary(min_size=10, max_size=10).map(new_id),
    st.binary(min_size=20, max_size=20).map(new_id),
    st.binary(min_size=15, max_size=15).map(new_id),
)


def scan(picture: bytes) -> zxingcpp.Barcode:
    codes = zxingcpp.read_barcodes(Image.open(BytesIO(picture)).convert("L"))
    assert len(codes) == 1
    return codes[0]


@settings(max_examples=30, deadline=None)
@given(addresses)
def test_what_a_camera_reads_off_the_ticket_is_the_booking_it_was_made_for(booking: BookingAddress) -> None:
    code = scan(ticket_png(ticket_text(booking)))
    assert code.format == zxingcpp.BarcodeFormat.QRCode
    assert read_ticket(code.text) == booking


@given(addresses)
def test_a_ticket_holds_only_what_qr_has_short_codes_for(booking: BookingAddress) -> None:
    assert set(ticket_text(booking)) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


def test_a_ticket_says_its_format_session_key_and_booking() -> None:
    assert ticket_text(BookingAddress("ses", "key", "book")) == "TURNOUT:1:SES:KEY:BOOK"


@settings(max_examples=200)
@given(st.text() | st.text().map(lambda text: f"TURNOUT:1:{text}"))
def test_anything_else_that_is_scanned_is_refused(text: str) -> None:
    with pytest.raises(NotFound):
        read_ticket(text)


@pytest.mark.parametrize(
    "text",
    [
        "TURNOUT:2:SES:KEY:BOOK",
        "TURNOUT:1:SES:KEY",
        "TURNOUT:1:SES:KEY:BOOK:MORE",
        "TURNOUT:1:SES:KEY:",
        "TURNOUT:1:SES#:KEY:BOOK",
        "turnout:1:ses:key:book",
        "TURNOUT:1:\u017fES:KEY:BOOK",
        "TURNOUT:1:SES:KEY:BOOK0",
        "https://example.org/TURNOUT:1:SES:KEY:BOOK",
    ],
)
def test_a_near_miss_is_refused(text: str) -> None:
    with pytest.raises(NotFound):
        read_ticket(text)


def test_the_line_end_that_a_hand_scanner_types_does_no_harm() -> None:
    assert read_ticket("TURNOUT:1:SES:KEY:BOOK\r\n") == BookingAddress("ses", "key", "book")


def test_the_picture_is_black_on_white_with_a_quiet_zone_of_four_squares() -> None:
    picture = Image.open(
        BytesIO(ticket_png(ticket_text(BookingAddress("s" * 16, "k" * 32, "b" * 24))))
    ).convert("L")
    assert picture.width == picture.height
    assert 300 <= picture.width <= 400
    assert set(picture.tobytes()) == {0, 255}
    square = 8
    dark = picture.point(lambda shade: 255 - shade).getbbox()
    assert dark == (4 * square, 4 * square, picture.width - 4 * square, picture.height - 4 * square)


def test_the_drawing_for_a_page_brings_its_own_white_ground_and_no_size() -> None:
    drawing = ticket_svg(ticket_text(BookingAddress("s" * 16, "k" * 32, "b" * 24)))
    assert drawing.startswith("<svg ")
    assert 'fill="#fff"' in drawing
    assert "viewBox" in drawing
    assert " width=" not in drawing.partition(">")[0]
