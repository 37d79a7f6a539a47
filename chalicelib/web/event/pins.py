"""Pins on a sheet, in pixels: those that would overlap become one, and names stand where there is room."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

PIN = 24
"""How wide and high a pin's target is: what a finger needs at least (WCAG 2.2)."""

GROUP = 30
"""The same of a pin with a number."""

_GAP = 2
"""Between two targets."""

_NAME_HIGH = 18
LETTER_WIDE = 8.5
"""Of an average letter, in a wide font: names are 13 pixels high."""

_NAME_LETTERS_MAX = 24

Side = Literal["right", "left", "below", "above"]
_SIDES: tuple[Side, ...] = "right", "left", "below", "above"

Area = tuple[float, float, float, float]
"""Left, top, right and bottom edge."""


class Group(Struct):
    """What one pin stands for. Its place is the middle of all that it stands for."""

    x: float
    y: float
    numbers: list[int]

    @property
    def size(self) -> int:
        """How wide and high its target is."""
        return PIN if len(self.numbers) == 1 else GROUP

    def overlaps(self, other: "Group") -> bool:
        """Return whether the targets of these two overlap, or nearly."""
        apart = (self.size + other.size) / 2 + _GAP
        return abs(self.x - other.x) < apart and abs(self.y - other.y) < apart

    def joined(self, other: "Group") -> "Group":
        """Return both as one."""
        here, there = len(self.numbers), len(other.numbers)
        x = (self.x * here + other.x * there) / (here + there)
        y = (self.y * here + other.y * there) / (here + there)
        return Group(x, y, [*self.numbers, *other.numbers])


def grouped(spots: Sequence[tuple[float, float]]) -> list[Group]:
    """Return pins for these spots, of which no two overlap: each spot's number is in exactly one of them.

    A pin's numbers rise, and so do the first numbers of the pins.
    """
    groups = [Group(x, y, [number]) for number, (x, y) in enumerate(spots)]
    while True:
        kept: list[Group] = []
        for group in groups:
            # What has joined is larger, and elsewhere: the next round looks at it again.
            near = next((place for place, other in enumerate(kept) if other.overlaps(group)), None)
            if near is None:
                kept.append(group)
            else:
                kept[near] = kept[near].joined(group)
        if len(kept) == len(groups):
            break
        groups = kept
    for group in groups:
        group.numbers.sort()
    return sorted(groups, key=lambda group: group.numbers)


def sides_of_names(
    groups: Sequence[Group], names: Sequence[str], sheet: tuple[float, float]
) -> list[Side | None]:
    """Return on which side of each pin its name has room, so that it covers no pin, name or edge; or None.

    A pin whose name is "" has none. ``sheet`` is how wide and how high the sheet is.
    """
    taken = [_target(group) for group in groups]
    sides: list[Side | None] = []
    for group, name in zip(groups, names, strict=True):
        found = None
        if name and len(name) <= _NAME_LETTERS_MAX:
            areas = [(side, _area(group, name, side)) for side in _SIDES]
            found = next((pair for pair in areas if _is_free(pair[1], taken, sheet)), None)
        sides.append(found[0] if found else None)
        if found:
            taken.append(found[1])
    return sides


def _target(group: Group) -> Area:
    half = group.size / 2
    return group.x - half, group.y - half, group.x + half, group.y + half


def _area(group: Group, name: str, side: Side) -> Area:
    wide = len(name) * LETTER_WIDE
    left, top, right, bottom = _target(group)
    match side:
        case "right":
            return right, group.y - _NAME_HIGH / 2, right + wide, group.y + _NAME_HIGH / 2
        case "left":
            return left - wide, group.y - _NAME_HIGH / 2, left, group.y + _NAME_HIGH / 2
        case "below":
            return group.x - wide / 2, bottom, group.x + wide / 2, bottom + _NAME_HIGH
        case "above":
            return group.x - wide / 2, top - _NAME_HIGH, group.x + wide / 2, top


def _is_free(area: Area, taken: Sequence[Area], sheet: tuple[float, float]) -> bool:
    left, top, right, bottom = area
    inside = left >= 0 and top >= 0 and right <= sheet[0] and bottom <= sheet[1]
    return inside and not any(
        left < other[2] and other[0] < right and top < other[3] and other[1] < bottom for other in taken
    )
