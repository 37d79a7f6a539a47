"""Who comes when, and how long each of them waits.

The load is open: people come when their clock says so, whatever became of those before them, as on a launch
day. Somebody's waiting begins at the moment they meant to come, so a system (or a client) that falls behind
can't hide it by being asked less.
"""

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct


class Person(Struct, frozen=True):
    """Somebody who wants to book, and when they come: seconds after the opening."""

    number: int
    places: int
    comes_at: float

    @property
    def address(self) -> str:
        """Where they are mailed."""
        return f"person-{self.number}@load.example.org"


class Told(Struct, frozen=True):
    """The last word that somebody got, and all answers before it that were none.

    ``outcome`` is "booked", a problem's code, or "nothing" where no answer was definite.
    """

    outcome: str
    reference: str = ""
    places: int = 0
    failures: tuple[str, ...] = ()


class Visit(Struct, frozen=True):
    """One person's visit: what they were told, and how many seconds after they meant to come.

    ``sent_late``: by how much of that this client was too late in sending.
    """

    person: Person
    told: Told
    waited: float
    sent_late: float


def crowd(rate: float, seconds: float, seed: int) -> list[Person]:
    """Return ``rate * seconds`` people who come at random moments, each for one to three places."""
    draw = random.Random(seed)
    moments = sorted(draw.uniform(0, seconds) for _ in range(round(rate * seconds)))
    return [Person(number, draw.randint(1, 3), moment) for number, moment in enumerate(moments)]


async def let_come(people: Sequence[Person], ask: Callable[[Person], Awaitable[Told]]) -> list[Visit]:
    """Let each of them ask when it is their time. Returns when the last has been told something."""
    clock = asyncio.get_running_loop().time
    opened = clock()

    async def visit(person: Person) -> Visit:
        sent = clock()
        told = await ask(person)
        meant = opened + person.comes_at
        return Visit(person, told, clock() - meant, sent - meant)

    visits = []
    for person in sorted(people, key=lambda person: person.comes_at):
        await asyncio.sleep(opened + person.comes_at - clock())
        visits.append(asyncio.create_task(visit(person)))
    return list(await asyncio.gather(*visits))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least of these that at least this share of them don't exceed (0 if there are none)."""
    if not values:
        return 0.0
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
