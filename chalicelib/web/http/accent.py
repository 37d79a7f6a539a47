"""What an event's own colour changes in the style sheet."""

from functools import lru_cache

from chalicelib.domain.colours import shades

_ON_PAPER = "@media print{:root{--tint:#fff}}"
"""As in turnout.css, which stands before this."""


@lru_cache(maxsize=64)
def accent_rules(colour: str) -> str:
    """Return the rules to put behind the style sheet."""
    by_day, by_night = (
        f":root{{--brand:{each.brand};--brand-ink:{each.ink};--brand-deep:{each.deep};--tint:{each.tint}}}"
        for each in shades(colour)
    )
    return f"{by_day}@media(prefers-color-scheme:dark){{{by_night}}}{_ON_PAPER}"
