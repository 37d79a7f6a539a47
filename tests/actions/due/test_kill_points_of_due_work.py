"""A process dies at each request between a session and its reminders; each is sent once."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.store.due import finish_hour, hour_of, last_hour_finished
from chalicelib.store.partitions import partition_of
from tests.actions.due.test_due_work import BOOKED_AT, DUE, HOUR, MINUTE, World, book, reminded
from tests.mail_chain import call
from tests.mail_faults import dying, every_death
from tests.making import make_event, make_session

pytestmark = pytest.mark.usefixtures("neighbours")


@pytest.fixture
def world(table: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(table, monkeypatch)


def reminders_of(person: str) -> int:
    return sum(to == person for to, _ in reminded())


def each_death(world: World, step: Callable[[], Any], prepare: Callable[[], Any]) -> list[str]:
    """Die at each request of this step, for a session of its own each time, and see its reminder go out once.

    ``prepare`` comes between the session's booking and the step. Returns the requests of the step.
    """
    for request, applied in every_death():
        world.chain.forget()
        world.now = BOOKED_AT
        session = make_session(make_event())
        person = f"p-{request}-{int(applied)}"
        booking = book(session, person)
        # One slice, or most of the time would be spent on those that hold nobody.
        world.only_partition(partition_of(booking.key))
        finish_hour(hour_of(DUE) - 2 * HOUR)
        prepare()
        with dying(request, applied=applied) as process:
            step()
        world.chain.time_passes()
        world.ticks(DUE + 2 * MINUTE, DUE + 31 * MINUTE, DUE + HOUR)
        assert reminders_of(person) == 1, (request, applied, process.done)
        assert [key for key in world.items() if key[0] <= "DUE#2027-09-04T11"] == []
        if not process.died:
            return process.done
    raise AssertionError("there is no end to it")


def test_dying_anywhere_while_writing_deadlines_loses_none(world: World) -> None:
    def step() -> None:
        call("booking_stream", world.chain.changes())

    done = each_death(world, step, lambda: None)
    # One for each kind of reminder.
    assert done.count("PutItem") == len(["the day before", "two hours before"])


def test_dying_anywhere_in_the_clock_queues_what_is_due_once_or_twice_and_never_not(world: World) -> None:
    done = each_death(world, lambda: world.tick(DUE), world.chain.settle)
    assert done.count("DeleteItem") == 1


def test_dying_anywhere_in_the_clock_moves_its_cursor_past_no_hour_that_is_not_finished(world: World) -> None:
    for request, applied in every_death():
        before = hour_of(DUE) - 3 * HOUR
        finish_hour(before)
        with dying(request, applied=applied) as process:
            world.tick(DUE + 10 * MINUTE)
        after = last_hour_finished()
        assert after is not None
        assert before <= after <= hour_of(DUE) - HOUR
        if not process.died:
            break
        world.chain.forget()
    assert after == hour_of(DUE) - HOUR


@pytest.mark.parametrize("messages", [1, 2], ids=["starting the work", "a slice"])
def test_dying_anywhere_in_the_fan_out_reminds_everybody_once(world: World, messages: int) -> None:
    def prepare() -> None:
        world.chain.settle()
        world.tick(DUE)

    each_death(world, lambda: world.chain.deliver("fan-out", at_most=messages), prepare)
