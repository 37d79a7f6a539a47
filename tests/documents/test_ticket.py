from io import BytesIO

import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from chalicelib.documents.ticket import ticket_png, ticket_svg
from chalicelib.domain.ids import new_id
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.ticket import Ticket, read_ticket, ticket_text

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
    assert read_ticket(code.text) == Ticket(booking)


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
