"""domain/booking.py."""

from msgspec.structs import replace

from chalicelib.domain.booking import Party

ADA = Party(name="Ada", address="ada@example.org", places=2, guests=("Sam",))


def test_a_fingerprint_tells_requests_apart_and_can_not_be_guessed_without_the_secret() -> None:
    assert ADA.fingerprint(b"secret") == replace(ADA).fingerprint(b"secret")
    others = (replace(ADA, name="Eve"), replace(ADA, places=1), replace(ADA, guests=()))
    assert ADA.fingerprint(b"secret") not in {other.fingerprint(b"secret") for other in others}
    assert ADA.fingerprint(b"secret") != ADA.fingerprint(b"another")
