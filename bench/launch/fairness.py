"""Whether those were served first who should have been."""

from collections.abc import Sequence
from typing import TypedDict

from bench.launch.outcome import quantile
from bench.launch.people import Person
from chalicelib.domain.event import Event
from chalicelib.domain.ids import person_in_queue
from chalicelib.domain.queue import rank_of
from chalicelib.store.secrets import key_secret


class Fairness(TypedDict):
    """Fields of an Outcome."""

    served: int
    unserved: int
    draw_correlation: float | None
    booked_correlation: float | None
    late_moved: float | None


def fairness(event: Event, people: Sequence[Person]) -> Fairness:
    """Return how the order in which people were served compares with what was promised, in a queue."""
    if event.admission != "queue":
        return Fairness(served=0, unserved=0, draw_correlation=None, booked_correlation=None, late_moved=None)
    served = [(person, person.served_at) for person in people if person.served_at is not None]
    ranks = {
        person.number: rank_of(event.line_seed, person_in_queue(key_secret(), event.event_id, person.address))
        for person, _ in served
        if person.joined_at < 0
    }
    drawn = [(ranks[person.number], at) for person, at in served if person.joined_at < 0]
    booked = [
        (ranks[person.number], person.answered_at)
        for person, _ in served
        if person.joined_at < 0 and person.booking is not None
    ]
    late = [(person.joined_at, at) for person, at in served if person.joined_at >= 0]
    return Fairness(
        served=len(served),
        unserved=sum(person.served_at is None and person.outcome == "sold_out" for person in people),
        draw_correlation=correlation(*_apart(drawn)),
        booked_correlation=correlation(*_apart(booked)),
        late_moved=places_moved(*_apart(late)),
    )


def _apart(pairs: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [first for first, _ in pairs], [second for _, second in pairs]


def correlation(ranks: Sequence[float], times: Sequence[float]) -> float | None:
    """Return Spearman's rank correlation; None for fewer than two."""
    count = len(ranks)
    if count < 2:
        return None
    squares = sum((a - b) ** 2 for a, b in zip(_places(ranks), _places(times), strict=True))
    return 1 - 6 * squares / (count * (count * count - 1))


def places_moved(joined: Sequence[float], served: Sequence[float]) -> float | None:
    """Return by how many places two orders differ, in the median."""
    if not joined:
        return None
    return quantile([abs(a - b) for a, b in zip(_places(joined), _places(served), strict=True)], 0.5)


def _places(values: Sequence[float]) -> list[int]:
    order = sorted(range(len(values)), key=values.__getitem__)
    places = [0] * len(values)
    for place, index in enumerate(order):
        places[index] = place
    return places
