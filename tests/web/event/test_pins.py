"""Pins that overlap become one, and names stand where they cover nothing."""

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.web.event.pins import GROUP, LETTER_WIDE, PIN, Area, grouped, sides_of_names

SHEET = 280.0, 390.0

spots = st.lists(st.tuples(st.floats(20, SHEET[0] - 20), st.floats(20, SHEET[1] - 20)), max_size=60)


def square(x: float, y: float, size: float) -> Area:
    return x - size / 2, y - size / 2, x + size / 2, y + size / 2


def overlap(one: Area, other: Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@given(spots)
def test_no_two_targets_overlap_and_each_session_is_in_exactly_one(places: list[tuple[float, float]]) -> None:
    groups = grouped(places)
    assert sorted(number for group in groups for number in group.numbers) == list(range(len(places)))
    targets = [square(group.x, group.y, PIN if len(group.numbers) == 1 else GROUP) for group in groups]
    for place, target in enumerate(targets):
        assert not any(overlap(target, other) for other in targets[:place])


@given(spots)
def test_pins_and_what_they_stand_for_are_in_the_order_of_the_list(places: list[tuple[float, float]]) -> None:
    groups = grouped(places)
    assert [group.numbers for group in groups] == sorted(sorted(group.numbers) for group in groups)


@given(spots)
def test_a_session_that_is_near_no_other_keeps_its_own_pin_and_place(
    places: list[tuple[float, float]],
) -> None:
    far = [(x * 40, y * 40) for x, y in dict.fromkeys((x // 30, y // 30) for x, y in places)]
    assert [(group.x, group.y) for group in grouped(far)] == far


def test_a_group_stands_in_the_middle_of_what_it_stands_for() -> None:
    (group,) = grouped([(100, 100), (112, 100), (106, 112)])
    assert (group.x, round(group.y)) == (106, 104)


NAMES = st.sampled_from(["Hull", "Leeds", "Stratford-upon-Avon", "", "N" * 30])


@given(spots, st.data())
def test_a_name_covers_no_pin_no_other_name_and_no_edge(
    places: list[tuple[float, float]], data: st.DataObject
) -> None:
    groups = grouped(places)
    names = [data.draw(NAMES) for _ in groups]
    pins = [square(group.x, group.y, group.size) for group in groups]
    areas: list[Area] = []
    for group, name, side in zip(groups, names, sides_of_names(groups, names, SHEET), strict=True):
        assert side is None or 0 < len(name) < 30
        if side:
            half, wide = group.size / 2, LETTER_WIDE * len(name)
            right = {"right": half, "left": -half - wide}.get(side, -wide / 2)
            down = {"below": half, "above": -half - 18}.get(side, -9)
            left, top = group.x + right, group.y + down
            areas.append((left, top, left + wide, top + 18))
    for place, area in enumerate(areas):
        inner = (area[0] + 0.01, area[1] + 0.01, area[2] - 0.01, area[3] - 0.01)
        assert not any(overlap(inner, other) for other in [*pins, *areas[:place]])
        assert inner[0] >= 0 <= inner[1]
        assert inner[2] <= SHEET[0]
        assert inner[3] <= SHEET[1]
