"""The load is open: nobody's coming waits for an answer, and nobody's waiting is left out."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from bench.live.schedule import Person, Told, crowd, let_come, percentile


class PlayedTime:
    """An event loop whose clock is played: a sleep takes no time, but the clock says it did."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.now = 0.0
        real_select = self.loop._selector.select  # type: ignore[attr-defined]  # there is no other way in

        def select(timeout: float | None) -> Any:
            self.now += timeout or 0.0
            return real_select(0)

        self.loop._selector.select = select  # type: ignore[attr-defined]  # as above
        self.loop.time = lambda: self.now  # type: ignore[method-assign]  # it is meant to be played


def came(people: Sequence[Person], seconds: float, *, blocking: float = 0.0) -> tuple[list[Any], list[float]]:
    """Let them come to what answers after ``seconds``; ``blocking`` is how long sending takes this client."""
    time = PlayedTime()
    asked_at: list[float] = []

    async def ask(person: Person) -> Told:
        asked_at.append(time.now)
        time.now += blocking
        await asyncio.sleep(seconds)
        return Told("booked", places=person.places)

    visits = time.loop.run_until_complete(let_come(people, ask))
    time.loop.close()
    return visits, asked_at


PEOPLE = [Person(number, 1, float(number)) for number in range(5)]


def test_people_come_when_it_is_their_time_although_nobody_before_them_was_answered() -> None:
    visits, asked_at = came(PEOPLE, seconds=100)
    assert asked_at == pytest.approx([0, 1, 2, 3, 4], abs=0.01)
    assert [visit.waited for visit in visits] == pytest.approx([100] * 5, abs=0.01)


def test_who_is_sent_late_by_a_slow_client_has_waited_since_they_meant_to_come() -> None:
    visits, _ = came(PEOPLE, seconds=0, blocking=3)
    assert [visit.sent_late for visit in visits] == pytest.approx([0, 2, 4, 6, 8], abs=0.01)
    assert [visit.waited for visit in visits] == pytest.approx([3, 5, 7, 9, 11], abs=0.01)


def test_a_crowd_is_as_large_as_its_rate_says_comes_in_time_and_is_the_same_for_a_seed() -> None:
    people = crowd(20, 30, seed=1)
    assert len(people) == 600
    assert [person.comes_at for person in people] == sorted(person.comes_at for person in people)
    assert all(0 <= person.comes_at < 30 for person in people)
    assert {person.places for person in people} == {1, 2, 3}
    assert people == crowd(20, 30, seed=1) != crowd(20, 30, seed=2)


def test_a_percentile_is_a_value_that_was_seen() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([7.0], 0.5) == percentile([7.0], 0.99) == 7
    assert percentile([], 0.5) == 0
