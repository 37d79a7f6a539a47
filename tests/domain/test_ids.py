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


@given(
    st.binary(min_size=15, max_size=15),
    st.lists(st.sampled_from(["", " ", "-", "\u2013", "\u00a0", ". "]), min_size=9, max_size=9),
    st.lists(st.booleans(), min_size=8, max_size=8),
)
def test_a_reference_is_read_however_people_type_it(
    entropy: bytes, between: list[str], misread: list[bool]
) -> None:
    printed = ids.reference(ids.new_id(entropy))
    looks_like = {"O": "0", "I": "1", "B": "8"}
    letters = [
        looks_like.get(one, one.lower()) if odd else one for one, odd in zip(printed, misread, strict=True)
    ]
    typed = between[0] + "".join(map("".join, zip(letters, between[1:], strict=True)))
    assert ids.reference_as_typed(typed) == printed


def test_what_is_no_reference_is_read_as_none() -> None:
    for typed in ("", "RFMSOUI", "RFMSOUIFX", "RFMSOU9F", "\u017fFMSOUIF", "RFMS,OUIF"):
        assert ids.reference_as_typed(typed) is None


def test_a_hash_of_a_token_or_address_does_not_spell_it() -> None:
    token = secrets.token_hex()
    assert token not in ids.token_hash(token)
    assert "ada" not in ids.address_hash("ada@example.org")
    assert ids.address_hash("ada@example.org") != ids.address_hash("bert@example.org")
