"""An event's accent colour: whether people can read it, and the shades that pages and emails take from it.

Contrast is WCAG's: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
"""

from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

CONTRAST_MIN = 4.5
"""What WCAG asks of text at level AA, in any size."""

_CONTRAST_BY_NIGHT = 6.0
"""We choose that shade ourselves, and a link that is only just readable tires."""

_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_STEPS = 255

LIGHT_GROUNDS = ("#fdf8f1", "#ffffff")
DARK_GROUNDS = ("#1b1511", "#261e18")
"""What texts stand on, beside the tint: paper and card. Style sheet and emails have the same ones."""

OUR_LINKS = ("#8c2f12", "#f2a26b")
"""Of events without a colour, by day and by night. The style sheet has the same ones."""

_TINTED_BY_DAY, _TINTED_BY_NIGHT = 0.08, 0.13
_DEEPER = 0.25


class Shades(Struct, frozen=True):
    """What the style sheet calls these things, by day or by night."""

    brand: str
    """Of links and buttons."""
    ink: str
    """On buttons."""
    deep: str
    """Of what is pointed at."""
    tint: str
    """A ground."""


@lru_cache(maxsize=64)
def shades(colour: str) -> tuple[Shades, Shades]:
    """Return what becomes of an accent colour on light pages, where it stays as it is, and on dark ones."""
    lighter = map(_by_night, _steps(colour, _WHITE))
    return _by_day(_parts(colour)), next(
        each for each in lighter if _is_readable(each, DARK_GROUNDS, _CONTRAST_BY_NIGHT)
    )


def nearest_readable(colour: str) -> str:
    """Return this accent colour if it can be read on light pages, else the lightest darker shade that can."""
    darker = map(_by_day, _steps(colour, _BLACK))
    return next(each.brand for each in darker if _is_readable(each, LIGHT_GROUNDS))


def link_colours(colour: str | None) -> tuple[str, str]:
    """Return the colours of an event's links by day and by night. Its ``colour`` may be missing."""
    if colour is None:
        return OUR_LINKS
    by_day, by_night = shades(colour)
    return by_day.brand, by_night.brand


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours: from 1, which is none, to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _by_day(brand: tuple[int, ...]) -> Shades:
    paper, card = LIGHT_GROUNDS
    return Shades(
        brand=_written(brand),
        # A button's text is as easy to read as a link on the same colour.
        ink=card,
        deep=_written(_mixed(brand, _BLACK, _DEEPER)),
        tint=_written(_mixed(_parts(paper), brand, _TINTED_BY_DAY)),
    )


def _by_night(brand: tuple[int, ...]) -> Shades:
    paper, _ = DARK_GROUNDS
    return Shades(
        brand=_written(brand),
        ink=paper,
        deep=_written(_mixed(brand, _WHITE, _DEEPER)),
        tint=_written(_mixed(_parts(paper), brand, _TINTED_BY_NIGHT)),
    )


def _is_readable(shade: Shades, grounds: tuple[str, str], contrast_min: float = CONTRAST_MIN) -> bool:
    return all(contrast(shade.brand, ground) >= contrast_min for ground in (*grounds, shade.tint))


def _luminance(colour: str) -> float:
    linear = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (part / 255 for part in _parts(colour))
    )
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _steps(colour: str, towards: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    return (_mixed(_parts(colour), towards, step / _STEPS) for step in range(_STEPS + 1))


def _mixed(colour: tuple[int, ...], other: tuple[int, ...], share: float) -> tuple[int, ...]:
    return tuple(round(one + (two - one) * share) for one, two in zip(colour, other, strict=True))


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))


def _written(parts: tuple[int, ...]) -> str:
    return f"#{bytes(parts).hex()}"
