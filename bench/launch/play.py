"""Plays one scenario with one seed, from before the opening until nobody waits any more."""

import gc
import random
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import accumulate
from unittest import mock

from msgspec.structs import replace

from bench.launch import environments
from bench.launch.audit import broken_invariants
from bench.launch.cloud import Cloud
from bench.launch.fairness import fairness
from bench.launch.kernel import Kernel, in_simulated_time
from bench.launch.ledger import Ledger
from bench.launch.limits import read_limits
from bench.launch.outcome import Outcome, quantile, sampled
from bench.launch.people import CHEATED, GAVE_UP, Booth, Person, crowd
from bench.launch.queue import CLOCK_SECONDS, EARLY_SECONDS, UNUSED, QueueBooth, queue_crowd
from bench.launch.region import Region
from bench.launch.scenarios import Scenario
from bench.launch.wire import answered_by
from chalicelib import logs
from chalicelib.domain.admission import SEED_BYTES
from chalicelib.domain.event import Event
from chalicelib.domain.session import Session
from chalicelib.store import event_changes, pools
from chalicelib.store.pools import counters_for
from chalicelib.store.queues import save_event_and_queue
from chalicelib.store.secrets import key_secret

OPENING = datetime(2027, 6, 1, 9, tzinfo=UTC)
PLOTTED_SECONDS = 30.0
_BEFORE_SECONDS = 3600.0


def play(scenario: Scenario, seed: int) -> Outcome:
    """Play it."""
    began = time.process_time()
    kernel, limits = Kernel(OPENING), read_limits()

    def chance(about: str) -> random.Random:
        return random.Random(f"{scenario.name} {seed} {about}")

    # The product draws its own chances (which counter, how long a pause) from here.
    random.seed(f"{scenario.name} {seed}")
    rate = scenario.levers.warm_write_units_per_second or limits["new_table_write_units_per_second"]
    region = Region(kernel, limits, chance("table"), write_units_per_second=rate)
    sessions = [f"session{number:09}" for number in range(scenario.sessions)]
    ledger = Ledger(kernel, region.engine, sessions)
    with ExitStack() as stack:
        stack.enter_context(in_simulated_time(kernel))
        stack.enter_context(answered_by(region, kernel, limits, chance("parameters")))
        # What it counts for CloudWatch would hide what we print; errors are still told.
        stack.enter_context(mock.patch.object(logs, "metric"))
        stack.callback(environments.put_back)
        stack.callback(gc.set_threshold, *gc.get_threshold())
        # What is young is collected, what is old (all environments, everybody who comes) not looked through.
        gc.set_threshold(100_000, 20, 1_000_000)
        kernel.now = -_BEFORE_SECONDS
        with region.at_rest():
            event, stored = _announce(scenario, sessions, chance("draw").randbytes(SEED_BYTES).hex())
            # Shared by all environments (bench/launch/environments.py), so read before they are.
            key_secret()
        cloud = Cloud(kernel, limits, chance("cloud"), scenario.levers)
        booth: Booth
        if scenario.queue is None:
            booth = Booth(kernel, cloud, ledger, limits, chance("people"), event.slug)
            people = crowd(scenario.people, sessions, chance("crowd"))
        else:
            booth = in_queue = QueueBooth(kernel, cloud, ledger, limits, chance("people"), event.slug)
            in_queue.unused_share = scenario.queue.unused_share
            people = queue_crowd(scenario, sessions[0], chance("crowd"))
            last = max(person.comes_at for person in people)
            first_tick = -EARLY_SECONDS + chance("clock").uniform(0, CLOCK_SECONDS)
            kernel.start(first_tick, partial(in_queue.be_the_clock, event.event_id, comes_last_at=last))
        for person in people:
            kernel.start(person.starts_at, partial(booth.visit, person))
        kernel.run()
        with region.at_rest():
            broken = broken_invariants(stored, people)
    return _outcome(
        scenario,
        seed,
        event,
        region,
        cloud,
        ledger,
        booth,
        people,
        broken,
        time.process_time() - began,
    )


def _announce(scenario: Scenario, session_ids: list[str], line_seed: str) -> tuple[Event, list[Session]]:
    event = Event(
        event_id="e" * 16,
        organiser_id="o" * 16,
        slug="curry",
        title="Social Care Curry",
        status="published",
        opens_at=OPENING,
    )
    event_changes.create_event(event)
    counters = scenario.counters or counters_for(scenario.places)
    starts = (OPENING + timedelta(days=30)).replace(tzinfo=None)
    sessions = []
    for session_id in session_ids:
        session = Session(
            session_id=session_id,
            event_id=event.event_id,
            organiser_id=event.organiser_id,
            title="Leicester",
            venue="The Copper Pot",
            address="12 Example Street, Leicester",
            zone="Europe/London",
            starts_local=starts,
            ends_local=starts + timedelta(hours=3),
            capacity=scenario.places,
            counters=counters,
        )
        # How many there are is the product's choice; here it may be another, to compare.
        with mock.patch.object(pools, "counters_for", return_value=counters):
            pools.open_pool(session_id, scenario.places)
        event_changes.create_session(session)
        sessions.append(session)
    if scenario.queue is None:
        return event, sessions
    queued = replace(
        event,
        admission="queue",
        admissions_per_second=scenario.queue.admissions_per_second,
        line_seed=line_seed,
        version=event.version + 1,
    )
    save_event_and_queue(queued, event, OPENING - timedelta(seconds=_BEFORE_SECONDS))
    return queued, sessions


def _outcome(
    scenario: Scenario,
    seed: int,
    event: Event,
    region: Region,
    cloud: Cloud,
    ledger: Ledger,
    booth: Booth,
    people: list[Person],
    broken: list[str],
    played_seconds: float,
) -> Outcome:
    waits = [person.answered_at - person.comes_at for person in people]
    left = sum(ledger.free.values())
    wanted = any(
        # Whatever they were told, or if they gave up; not who was admitted and went away.
        person.booking is None
        and person.outcome != UNUSED
        and ledger.was_cheated(person.session_id, person.places, person.answered_at)
        for person in people
    )
    counted = region.counted
    sold_out = len(ledger.sold_out_at) == scenario.sessions
    came = sorted([(person.comes_at, 1) for person in people] + [(p.answered_at, -1) for p in people])
    waiting = list(zip((at for at, _ in came), accumulate(step for _, step in came), strict=True))
    return Outcome(
        scenario=scenario.name,
        seed=seed,
        people=len(people),
        capacity=scenario.sessions * scenario.places,
        bookings=sum(person.booking is not None for person in people),
        sold_out_in_seconds=max(ledger.sold_out_at.values()) if sold_out else None,
        median_seconds=quantile(waits, 0.5),
        p99_seconds=quantile(waits, 0.99),
        gave_up=sum(person.outcome == GAVE_UP for person in people),
        oversold=ledger.oversold,
        left=left,
        left_though_wanted=left if wanted else 0,
        cheated=booth.counted[CHEATED],
        broken=tuple(broken),
        write_units=counted["write units"],
        read_units=counted["half read units"] / 2,
        transactions=counted["transactions"],
        conflicts=counted["conflicts"],
        throttles=counted["throttles"],
        refused_conditions=counted["refused conditions"],
        round_trips=counted["round trips"],
        cold_starts=cloud.counted["cold starts"],
        busy_at_most=cloud.busy_at_most,
        answers=dict(booth.counted.most_common()),
        sold=sampled(ledger.sold, PLOTTED_SECONDS),
        waiting=sampled(waiting, PLOTTED_SECONDS),
        units_by_second=[region.units_by_second[second] for second in range(int(PLOTTED_SECONDS))],
        played_seconds=played_seconds,
        **fairness(event, people),
    )
