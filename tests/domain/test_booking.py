"""domain/booking.py."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from chalicelib.domain.booking import Party
from chalicelib.domain.booking_request import BookingOnBehalf, BookingRequest, check_on_behalf, check_request
from chalicelib.domain.correction import read_correction_request
from chalicelib.domain.event_request import read_event_request
from chalicelib.domain.refusals import Invalid

ADA = Party(name="Ada", address="ada@example.org", places=2, guests=("Sam",))


@pytest.mark.parametrize(
    ("give", "where"),
    [
        (
            lambda email: check_request(BookingRequest(name="Ada", email=email, places=1, consent=True), ()),
            "/email",
        ),
        (lambda email: check_on_behalf(BookingOnBehalf(name="Ada", email=email), ()), "/email"),
        (lambda email: read_correction_request({"email": email}), "/email"),
        (lambda email: read_event_request({"slug": "soup", "title": "Soup", "reply_to": email}), "/reply_to"),
    ],
)
def test_an_address_that_no_email_can_reach_is_taken_nowhere(
    give: Callable[[str], object], where: str
) -> None:
    give("nobody@example.org")
    with pytest.raises(Invalid) as refused:
        give("nobody@x.invalid")
    assert [(error.pointer, error.code) for error in refused.value.errors] == [(where, "address_reserved")]


def test_a_fingerprint_tells_requests_apart_and_can_not_be_guessed_without_the_secret() -> None:
    assert ADA.fingerprint(b"secret") == replace(ADA).fingerprint(b"secret")
    others = (replace(ADA, name="Eve"), replace(ADA, places=1), replace(ADA, guests=()))
    assert ADA.fingerprint(b"secret") not in {other.fingerprint(b"secret") for other in others}
    assert ADA.fingerprint(b"secret") != ADA.fingerprint(b"another")
