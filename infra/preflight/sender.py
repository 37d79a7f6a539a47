"""The address or domain that emails come from."""

import re

import idna
from msgspec import Struct

_BEFORE_THE_AT = re.compile(r"[!-~]+")
"""SES takes no other characters before the @."""


class Sender(Struct, frozen=True):
    """What was given, and its domain as DNS spells it."""

    given: str
    domain: str

    @property
    def domains(self) -> list[str]:
        """The domain and those above it, nearest first, as far as two parts: SES may know any of them."""
        parts = self.domain.split(".")
        return [".".join(parts[start:]) for start in range(len(parts) - 1)]

    @property
    def address(self) -> str | None:
        """The address, if one was given."""
        return self.given if "@" in self.given else None


def sender_in(text: str) -> Sender:
    """Return the sender that this address or domain names. Raises ValueError if it is neither."""
    before, at, domain = text.strip().rpartition("@")
    # IDNAError is a ValueError too.
    spelled = idna.encode(domain, uts46=True).decode().removesuffix(".")
    if "." not in spelled or (at and not _fits(before)):
        raise ValueError(text)
    return Sender(f"{before}@{spelled}" if at else spelled, spelled)


def _fits(before: str) -> bool:
    # The template takes these three nowhere in an address.
    return bool(_BEFORE_THE_AT.fullmatch(before)) and not set("@<>") & set(before)
