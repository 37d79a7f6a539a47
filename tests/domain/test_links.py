"""Links to a booking can't be forged, bent to another purpose or used too late."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.links import BookingAddress, Purpose, read_link, sign_link
from chalicelib.domain.refusals import LinkExpired, NotFound
from chalicelib.domain.signing import TokenSecret

SECRET = TokenSecret("k1", b"s" * 32)
OLDER = TokenSecret("k0", b"o" * 32)
SECRETS = {"k1": SECRET, "k0": OLDER}
BOOKING = BookingAddress("session2", "key2", "booking2")
EXPIRES = datetime(2027, 10, 5, tzinfo=UTC)


def test_a_link_leads_to_its_booking_until_it_expires() -> None:
    link = sign_link(SECRET, "manage", BOOKING, EXPIRES)
    assert read_link(SECRETS, "manage", link, EXPIRES) == BOOKING
    with pytest.raises(LinkExpired):
        read_link(SECRETS, "manage", link, EXPIRES + timedelta(seconds=1))


def test_a_link_signed_with_the_secret_before_the_last_rotation_still_works() -> None:
    assert read_link(SECRETS, "manage", sign_link(OLDER, "manage", BOOKING, EXPIRES), EXPIRES) == BOOKING


@pytest.mark.parametrize("purpose", ["calendar", "ticket"])
def test_a_link_for_one_purpose_opens_no_other(purpose: Purpose) -> None:
    with pytest.raises(NotFound):
        read_link(SECRETS, purpose, sign_link(SECRET, "manage", BOOKING, EXPIRES), EXPIRES)


@given(position=st.integers(0, 200), character=st.sampled_from("abcdefgh234567.0K"))
def test_a_link_changed_anywhere_opens_nothing(position: int, character: str) -> None:
    link = sign_link(SECRET, "manage", BOOKING, EXPIRES)
    position %= len(link)
    changed = link[:position] + character + link[position + 1 :]
    if changed != link:
        with pytest.raises(NotFound):
            read_link(SECRETS, "manage", changed, EXPIRES)


@given(st.text(max_size=200))
def test_any_other_text_opens_nothing(text: str) -> None:
    with pytest.raises(NotFound):
        read_link(SECRETS, "manage", text, EXPIRES)


def test_a_link_signed_with_a_secret_that_is_gone_opens_nothing() -> None:
    with pytest.raises(NotFound):
        read_link({"k1": SECRET}, "manage", sign_link(OLDER, "manage", BOOKING, EXPIRES), EXPIRES)
