"""domain/ticket.py: what a ticket says, and that nothing else is taken for one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.ids import new_id
from chalicelib.domain.links import BookingAddress
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.ticket import Ticket, read_ticket, ticket_text

addresses = st.builds(
    BookingAddress,
    st.binary(min_size=10, max_size=10).map(new_id),
    st.binary(min_size=20, max_size=20).map(new_id),
    st.binary(min_size=15, max_size=15).map(new_id),
)


@given(addresses)
def test_a_ticket_reads_back_as_the_booking_it_was_made_for(booking: BookingAddress) -> None:
    assert read_ticket(ticket_text(booking)) == Ticket(booking)


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
        "TURNOUT:1:\u017fES:KEY:BOOK",
        "TURNOUT:1:SES:KEY:BOOK0",
        "https://example.org/TURNOUT:1:SES:KEY:BOOK",
    ],
)
def test_a_near_miss_is_refused(text: str) -> None:
    with pytest.raises(NotFound):
        read_ticket(text)


def test_the_line_end_that_a_hand_scanner_types_does_no_harm() -> None:
    assert read_ticket("TURNOUT:1:SES:KEY:BOOK\r\n") == Ticket(BookingAddress("ses", "key", "book"))


@given(addresses)
def test_a_ticket_typed_with_caps_lock_is_the_same_ticket(booking: BookingAddress) -> None:
    assert read_ticket(ticket_text(booking).lower()) == Ticket(booking)
