from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.domain.titles import one_line
from chalicelib.mail.header import encoded, mailbox

lines = st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=120).map(one_line).filter(bool)


def unfold(value: str) -> str:
    return value.replace("\r\n", "")


def decode(text: str) -> str:
    return str(make_header(decode_header(text)))


@given(lines)
@example("¡000¡0¡¡Ø𗍻𗽾\U0003d990\U00066617\U00076729\U000cb066")
@example("=?utf-8?q?Eve?= <x>")
@example("Ж" * 120)
def test_every_subject_is_read_as_it_was_written(text: str) -> None:
    value = encoded(text)
    assert decode(unfold(value)) == text if value != text else "=?" not in text
    message = message_from_bytes(f"Subject: {value}\r\n\r\n".encode("ascii"), policy=default)
    assert message.items() == [("Subject", text)]
    assert all(len(line) <= 78 for line in f"Subject: {value}".split("\r\n"))


@given(lines)
@example('Ann "The Boss" \\ <eve@example.com>, Eve')
@example("Ann\\")
@example('Жаркое, вкусное; и "острое" ' * 4)
@example("=?utf-8?q?Eve?=")
def test_every_name_is_read_as_it_was_written_before_its_own_address(name: str) -> None:
    value = mailbox(name, "bookings@example.org")
    # Not by the newer parser: it puts a space between the encoded words of one name (Python 3.11).
    words, address = parseaddr(unfold(value))
    assert (decode(words) if words != name else words, address) == (name, "bookings@example.org")
    message = message_from_bytes(f"From: {value}\r\n\r\n".encode("ascii"), policy=default)
    assert [found.addr_spec for found in message["From"].addresses] == ["bookings@example.org"]


@pytest.mark.parametrize(
    "address",
    ["", "ann", "ann@", "@example.com", "a b@example.com", "a@b@example.com", "a@example.com\r\nBcc: b@c.de",
     "a@example.com, b@c.de", "<a@example.com>", "Ann <a@example.com>", "jörg@example.com"],
)  # fmt: skip
def test_what_could_be_read_as_anything_but_one_address_is_an_error(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        mailbox("Ann", address)
