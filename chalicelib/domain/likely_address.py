"""The address that somebody most likely meant, where theirs is one slip away from a big provider's.

It is only ever suggested, for the domain that was typed may be real.
"""

_PROVIDERS = (
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "hotmail.co.uk",
    "outlook.com",
    "yahoo.com",
    "yahoo.co.uk",
    "icloud.com",
    "btinternet.com",
    "virginmedia.com",
    "protonmail.com",
    "talktalk.net",
)
"""Shorter ones (aol.com, live.com) have too many real neighbours."""


def likely_address(address: str) -> str | None:
    """Return the address that was most likely meant by this (normalised) one; None if it looks right."""
    local_part, _, domain = address.rpartition("@")
    if domain in _PROVIDERS:
        return None
    meant = next((provider for provider in _PROVIDERS if _is_slip(domain, provider)), None)
    return meant and f"{local_part}@{meant}"


def _is_slip(typed: str, meant: str) -> bool:
    """Return whether one letter is wrong, missing or too many, or two stand the wrong way round.

    The first letter has to be right: mail.com, email.com, ymail.com and cloud.com are real.
    """
    pairs = enumerate(zip(typed, meant, strict=False))
    same = next((place for place, (one, other) in pairs if one != other), min(len(typed), len(meant)))
    typed, meant = typed[same:], meant[same:]
    return same > 0 and (
        typed[1:] in (meant, meant[1:])
        or typed == meant[1:]
        or (typed[1::-1] == meant[:2] and typed[2:] == meant[2:])
    )
