"""Turns: what was left out comes first the next time."""

import itertools
from types import SimpleNamespace

import pytest

from chalicelib.domain.turns import Turns, time_is_up


def test_the_one_whose_last_turn_is_the_longest_ago_comes_first() -> None:
    last = {"b": 2, "c": 3, "never": 0, "a": 1}
    turns = Turns(last, last.__getitem__, lambda: False)
    assert list(turns) == ["never", "a", "b", "c"]
    assert turns.not_reached == 0


def test_once_time_is_up_the_others_are_not_reached_and_the_first_always_is() -> None:
    turns = Turns("abc", ord, lambda: True)
    assert list(turns) == ["a"]
    assert turns.not_reached == 2
    assert list(Turns("", ord, lambda: True)) == []


def test_time_is_up_when_its_seconds_have_passed() -> None:
    clock = SimpleNamespace(now=5.0)
    is_up = time_is_up(10, lambda: clock.now)
    seen = []
    for clock.now in (5.0, 14.9, 15.0, 99.0):
        seen.append(is_up())
    assert seen == [False, False, True, True]


@pytest.mark.parametrize("greedy", [None, 7])
def test_of_many_each_has_its_turn_although_one_takes_all_the_time_there_is(greedy: int | None) -> None:
    clock = SimpleNamespace(now=0.0)
    last, moments = dict.fromkeys(range(100), 0), itertools.count(1)
    for _ in range(10 if greedy is None else 11):
        for one in Turns(last, last.__getitem__, time_is_up(10, lambda: clock.now)):
            last[one] = next(moments)
            clock.now += 10 if one == greedy else 1
    assert min(last.values()) > 0
