"""Identifiers: what a key says, how bookings spread, and what may be printed."""

import secrets

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import ids


def test_a_key_says_who_booked_what() -> None:
    key = ids.booking_key(b"secret", "session", "ada@example.org")
    assert key == ids.booking_key(b"secret", "session", "ada@example.org")
    assert key != ids.booking_key(b"other", "session", "ada@example.org")
    assert key != ids.booking_key(b"secret", "another", "ada@example.org")
    assert key != ids.booking_key(b"secret", "session", "bert@example.org")
    assert key != ids.booking_key(b"secret", "session", "ada@example.org", ordinal=1)


@given(st.binary(min_size=15, max_size=15))
def test_an_id_is_made_of_letters_that_survive_links_tags_and_qr_codes(entropy: bytes) -> None:
    made = ids.new_id(entropy)
    assert len(made) == 24
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz234567")
    assert ids.reference(made) == made[:8].upper()


def test_a_hash_of_a_token_or_address_does_not_spell_it() -> None:
    token = secrets.token_hex()
    assert token not in ids.token_hash(token)
    assert "ada" not in ids.address_hash("ada@example.org")
    assert ids.address_hash("ada@example.org") != ids.address_hash("bert@example.org")
