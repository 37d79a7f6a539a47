"""The simulation of launch day: small crowds, the real code."""

import importlib
import pkgutil
from collections.abc import Iterator
from unittest import mock

import pytest
from msgspec.structs import replace

import chalicelib
from bench.launch import environments
from bench.launch.cloud import Levers
from bench.launch.goals import judge, verdict
from bench.launch.limits import read_limits
from bench.launch.outcome import Outcome
from bench.launch.play import play
from bench.launch.plot import plot
from bench.launch.report import answers, figures, goals, queues
from bench.launch.scenarios import AS_IT_COMES, Queue, Scenario, scenarios
from chalicelib.domain.refusals import Closed
from chalicelib.store.connection import Item
from chalicelib.store.hints import Hint, hint_for
from chalicelib.store.table import CounterItem
from tests.engines import forget_process_state

SMALL = Scenario(
    name="small",
    title="a small crowd",
    levers=Levers(warm_write_units_per_second=20_000, provisioned=50),
    people=500,
    places=50,
    sold_out_in_seconds=5,
)


@pytest.fixture(autouse=True)
def _leave_no_trace() -> Iterator[None]:
    forget_process_state()
    Item._connection = None
    yield
    Item._connection = None
    forget_process_state()


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return play(SMALL, 1)


def test_a_small_crowd_gets_every_place_and_nobody_is_cheated(outcome: Outcome) -> None:
    assert verdict(judge(SMALL, [outcome])) == "pass"
    assert outcome.people == 500
    assert outcome.conflicts > 0
    assert outcome.answers["sold_out"] > 300


def test_an_opening_for_which_there_is_nothing_to_do_goes_well_with_the_defaults() -> None:
    # The largest, as tests/bench/test_launch_plan.py has it.
    largest = replace(
        SMALL, levers=AS_IT_COMES, people=881, places=100, sold_out_in_seconds=2, answered_in_seconds=2
    )
    assert verdict(judge(largest, [play(largest, 1)])) == "pass"


def test_the_same_seed_is_the_same_launch_day_and_another_is_another(outcome: Outcome) -> None:
    again, other = play(SMALL, 1), play(SMALL, 2)
    assert replace(again, played_seconds=0.0) == replace(outcome, played_seconds=0.0)
    assert other.sold_out_in_seconds != outcome.sold_out_in_seconds


def test_a_capacity_rule_that_does_not_hold_fails_the_goals() -> None:
    # The condition of the one write that takes places lets everything through.
    anything = mock.patch.object(type(CounterItem.free), "__ge__", lambda path, _: path.exists())
    # In a rush everybody looks before they write: only a crowd meets at the last places all the same.
    many = replace(SMALL, people=5_000, levers=replace(SMALL.levers, provisioned=500))
    with anything:
        checks = judge(many, [play(many, 1)])
    assert "0 places oversold" in verdict(checks)
    assert verdict(checks).startswith("fail: ")


def test_hearing_sold_out_too_early_fails_the_goals() -> None:
    def never(_: object, __: int) -> bool:
        return True

    with mock.patch("chalicelib.store.hints.Limit.rules_out", never):
        checks = judge(SMALL, [play(SMALL, 1)])
    assert 'nobody hears "sold out" whose party has fitted for 1 s' in verdict(checks)


LOSSY = replace(SMALL, people=3_000, places=300, sold_out_in_seconds=None)


def _lossy(scenario: Scenario) -> Outcome:
    """Play it where one reply in twenty never arrives, so that many send what was booked again."""
    limits = read_limits()
    assumed = replace(limits.assumed, lost_replies_share=0.05)
    with mock.patch("bench.launch.play.read_limits", return_value=replace(limits, assumed=assumed)):
        return play(scenario, 1)


def test_a_retry_that_hears_sold_out_about_its_own_booking_fails_the_goals() -> None:
    assert verdict(judge(LOSSY, [_lossy(LOSSY)])) == "pass"
    for broken in (
        # Whoever asks is taken for a stranger, or counters remember nobody.
        mock.patch(
            "chalicelib.actions.booking.book.took_nothing",
            lambda of, _, __, n: hint_for(of).limit.rules_out(n),
        ),
        mock.patch("chalicelib.store.capacity.trace_of", return_value=b"xxx"),
    ):
        with broken:
            checks = judge(LOSSY, [_lossy(LOSSY)])
        assert "have a place and were refused one" in verdict(checks)


def test_refusing_people_for_no_reason_while_places_are_left_fails_the_goals() -> None:
    draw = Hint.draw

    def closed_early(hint: Hint, places: int, avoid: frozenset[int] = frozenset()) -> dict[int, int] | None:
        if sum(hint.free.values()) < 40:
            raise Closed
        return draw(hint, places, avoid)

    few = replace(SMALL, sold_out_in_seconds=None, people=1_000, places=200)
    with mock.patch.object(Hint, "draw", closed_early):
        said = verdict(judge(few, [play(few, 1)]))
    assert "were told 'closed'" in said


def test_a_small_queue_serves_in_the_order_of_the_draw_and_sells_every_place() -> None:
    waiting = replace(
        SMALL,
        people=200,
        places=40,
        sold_out_in_seconds=None,
        queue=Queue(early_share=0.6, late_seconds=60, unused_share=0.2, admissions_per_second=2),
    )
    outcome = play(waiting, 1)
    assert verdict(judge(waiting, [outcome])) == "pass"
    assert outcome.draw_correlation is not None
    assert outcome.draw_correlation > 0.95
    assert outcome.served < 60 < outcome.unserved
    assert waiting.title in queues({waiting: [outcome]})
    unreached = judge(waiting, [replace(outcome, left=1)])
    assert [check.goal for check in unreached if not check.holds] == ["every place is reached"]


def test_every_goal_that_a_scenario_has_is_checked(outcome: Outcome) -> None:
    strict = replace(SMALL, sold_out_in_seconds=0, answered_in_seconds=0, write_units_per_booking=0)
    failed = [check.goal for check in judge(strict, [outcome]) if not check.holds]
    assert failed == [
        "sold out within 0 s",
        "99 in 100 have a definite answer within 0 s",
        "at most 0 write units a booking, losers' waste included",
    ]
    never = judge(SMALL, [outcome, replace(outcome, sold_out_in_seconds=None)])
    assert [check.measured for check in never if not check.holds] == ["1 of 2 never"]


def test_all_that_is_printed_names_each_scenario(outcome: Outcome) -> None:
    played = {SMALL: [outcome]}
    for text in (figures(played), answers(played), goals(judge(SMALL, [outcome])), plot(played, 5.0)):
        assert SMALL.title in text


def test_quick_is_one_crowd_for_each_scenario() -> None:
    whole, quick = scenarios(quick=False), scenarios(quick=True)
    assert {scenario.name for scenario in quick} < {scenario.name for scenario in whole}
    assert {scenario.seeds for scenario in quick} == {1}


def test_every_state_that_a_module_keeps_is_an_environments_own_or_shared_for_a_reason() -> None:
    names = [
        module.name
        for module in pkgutil.walk_packages(chalicelib.__path__, "chalicelib.")
        if module.name.split(".")[1] in {"aws", "settings", "actions", "domain", "store"}
    ]
    found = {
        (name, state) for name in names for state in environments.state_of(importlib.import_module(name))
    }
    assert found == set(environments.OWN) | environments.SHARED.keys()


def test_an_environments_own_state_is_nowhere_else_by_another_name() -> None:
    # Else putting another in its place would leave that name with the old one.
    for module, name in environments.OWN:
        value = vars(importlib.import_module(module))[name]
        holders = [
            other.__name__
            for other in map(importlib.import_module, {module for module, _ in environments.OWN})
            if any(held is value for held in vars(other).values())
        ]
        assert holders == [module]


def test_environments_remember_each_their_own() -> None:
    from chalicelib.store import hints

    first, second = environments.Environment(), environments.Environment()
    try:
        environments.put_in_place(first)
        hints._hints["a"] = hints.Hint({})
        environments.put_in_place(second)
        assert "a" not in hints._hints
        environments.put_in_place(first)
        assert "a" in hints._hints
    finally:
        environments.put_back()
    assert "a" not in hints._hints
