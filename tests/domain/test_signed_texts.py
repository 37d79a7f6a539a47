"""Texts that were signed before domain/signing.py was there: what is out in mails and browsers stays good.

They are literal, so they hold the form to what it was, whoever changes the code. Any other HMAC says so too:

    printf 'manage|onsxg43jn5xc2mjq|hplpwmt5f4kznmdhglk7jnktit6gaqnp|mjxw623jnzts233gfuytkllc|1822771800' |
      openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf '%02x' $(seq 0 31)) -binary | head -c 20 | base32
"""

from datetime import UTC, datetime

import pytest

from chalicelib.domain.admission import (
    QueueTicket,
    give_admission,
    new_queue_ticket,
    read_queue_ticket,
    require_admission,
    require_good_admission,
    sign_queue_ticket,
)
from chalicelib.domain.links import BookingAddress, Fresh, Purpose, read_link, sign_link
from chalicelib.domain.signing import TokenSecret

SECRETS = {"k1": TokenSecret("k1", bytes(range(32))), "k2": TokenSecret("k2", bytes(range(32, 64)))}

BOOKING = BookingAddress("onsxg43jn5xc2mjq", "hplpwmt5f4kznmdhglk7jnktit6gaqnp", "mjxw623jnzts233gfuytkllc")
EXPIRES = datetime(2027, 10, 5, 21, 30, 0, 999999, tzinfo=UTC)
LINK = "onsxg43jn5xc2mjq.hplpwmt5f4kznmdhglk7jnktit6gaqnp.mjxw623jnzts233gfuytkllc.1822771800."
LINKS: list[tuple[Purpose | Fresh, str]] = [
    ("manage", LINK + "k1.nkguaoogcqtsb4gskh54aa7dxi5nu6re"),
    ("manage", LINK + "k2.7tj4mtjbys6ieejuzviy7uimv4oyjeud"),
    ("calendar", LINK + "k1.sdlkc27abxpdbe54y3yecejcznl6bc5n"),
    ("calendar", LINK + "k2.6imtk6xs3bcwowpo2ul3canzegzkvhqh"),
    ("ticket", LINK + "k1.4a2cta2b476n5vigglxbdozfd2wryvol"),
    ("ticket", LINK + "k2.dvfdv5n574dj3opdyugipzs2gstgubce"),
    ("fresh", LINK + "k1.recsbsowxipx67jkh6xd7n7zmdnaiu7o"),
    ("fresh", LINK + "k2.2rdcr2ahbojbh6sclzormhmrsz6mxdqp"),
]

EVENT, PERSON = "mv3gk3tufuws2mjq", "vf4ggltd7udu3w6dnwin5mm5lm"
JOINED = datetime(2027, 6, 1, 9, 0, 0, 123456, tzinfo=UTC)
QUEUE_TICKET = QueueTicket(EVENT, PERSON, JOINED.replace(microsecond=123000))
QUEUE_TICKETS = {
    "k1": f"{EVENT}.{PERSON}.1811840400123.k1.pmbh4mcg7ygcokwdyn5kixwmu3oa53k3",
    "k2": f"{EVENT}.{PERSON}.1811840400123.k2.o7pgfxxoyvewyt6r4p5rdk2hcuoyesz3",
}
ADMISSIONS = {
    "k1": f"{EVENT}.{PERSON}.1811840700123.k1.nx2zbciqifkxlxkbtartqrg3laqckdwi",
    "k2": f"{EVENT}.{PERSON}.1811840700123.k2.o4b62i3yr4kz6iy5g3xuxijefy5ffy6p",
}
TURNS = {
    "k1": f"{EVENT}.{PERSON}.1811840400123.1811840700123.k1.2i2gs6xfy3m2kcs2dhyqd2ko3ugtw2hl",
    "k2": f"{EVENT}.{PERSON}.1811840400123.1811840700123.k2.pcypnaqv7cssngrx3khvwlcpkzusqq24",
}


@pytest.mark.parametrize(("purpose", "text"), LINKS)
def test_a_link_in_a_mail_leads_where_it_led_and_would_be_the_same_today(
    purpose: Purpose | Fresh, text: str
) -> None:
    assert read_link(SECRETS, purpose, text, EXPIRES.replace(microsecond=0)) == BOOKING
    assert sign_link(SECRETS[text.split(".")[4]], purpose, BOOKING, EXPIRES) == text


@pytest.mark.parametrize("secret", ["k1", "k2"])
def test_a_queue_ticket_that_somebody_keeps_says_what_it_said(secret: str) -> None:
    assert read_queue_ticket(SECRETS, EVENT, QUEUE_TICKETS[secret]) == QUEUE_TICKET
    ticket = new_queue_ticket(EVENT, PERSON, JOINED)
    assert sign_queue_ticket(SECRETS[secret], ticket) == QUEUE_TICKETS[secret]


@pytest.mark.parametrize("secret", ["k1", "k2"])
def test_an_admission_in_a_form_lets_its_person_book(secret: str) -> None:
    ends_at = JOINED.replace(minute=5, microsecond=123000)
    for text, turn in ((ADMISSIONS[secret], 0), (TURNS[secret], 1811840400123)):
        assert require_admission(SECRETS, EVENT, PERSON, text, ends_at) == turn
        assert require_good_admission(SECRETS, EVENT, text, ends_at).expires_at == ends_at
    given = give_admission(SECRETS[secret], QUEUE_TICKET, 1811840400123, JOINED)
    assert (given.text, given.expires_at) == (TURNS[secret], ends_at)
