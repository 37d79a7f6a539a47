"""How much is left, without asking every counter every time.

The session's mark holds what was last seen of all counters. When a process's own hint is used up it
reads the mark; if nobody has looked since, one of those who wonder takes the scan lease, reads all
counters and writes what it saw; the others wait a moment and read that. So at the end of a launch,
when thousands learn "sold out", it costs them one small read each.

The lease, the hint and all clocks only save work. What is trusted is ``at_most_free``: every write
that raises a counter's ``free`` raises it too, and a scan may lower it only if no such write happened
since before the scan (``generation``). More people than that can't fit.
"""

import random
import time
from collections.abc import Sequence
from contextlib import suppress

from pynamodb.exceptions import PynamoDBException, UpdateError

from chalicelib.domain.refusals import Busy, Closed, SoldOut
from chalicelib.domain.session import Session
from chalicelib.store import takers
from chalicelib.store.hints import Hint
from chalicelib.store.keys import counter_key, mark_key
from chalicelib.store.outcomes import Budget, kind_of
from chalicelib.store.patient_reads import read_once
from chalicelib.store.recent import Recent
from chalicelib.store.table import CounterItem, MarkItem

_LEASE_MS = 50

_GLANCED_AT = 4
"""At so many counters: near the end most of them are used up."""

_KEENER = 4
"""So many times as likely is a try with each wait: of 98 counters the last is tried at the fifth look."""

SHOWN_SECONDS = 2.0
"""How old a number shown to the public may be. Without this, each view of a page reads every counter,
and on launch day the counters' partitions would spend on onlookers what they need for bookings."""

_MANY_COUNTERS = 8
"""From here on it is worth another question, to the mark, whether there is anything to count."""

_shown: Recent[dict[str, int]] = Recent(SHOWN_SECONDS, entries_max=256)


def glance(
    session: Session, hint: Hint, places: int, waits: int, avoid: frozenset[int] = frozenset()
) -> dict[int, int] | None:
    """Look at some counters that the party may fit, and return what to take from which.

    That is for moments in which many want the same: what this process remembers is old by then. {} says to
    wait before the next step, for not all who want the last places shall be at one counter, or at the mark,
    at once: where few are left that fit, it is up to chance who tries and who sees whether those got them,
    and each of ``waits`` makes a try more likely. None: nothing is believed to fit any more.
    """
    alone = [counter for counter, free in hint.free.items() if free >= places]
    if alone:
        some = random.sample(alone, min(_GLANCED_AT, len(alone)))
        _refresh(session, hint, some)
        fitting = [counter for counter in some if hint.free[counter] >= places]
        # Any of those will do: all who look now see the same, and would meet at the fullest.
        allocation = {min(fitting, key=avoid.__contains__): places} if fitting else {}
        left = len(alone) * len(fitting) / len(some)
    elif split := hint.draw(places, avoid):
        _refresh(session, hint, list(split))
        allocation = split if all(hint.free[counter] >= taken for counter, taken in split.items()) else {}
        left = sum(free > 0 for free in hint.free.values())
    else:
        return None
    if not allocation:
        # What this process believes of the others is as old.
        hint.free = dict.fromkeys(hint.free, 0)
    elif random.random() >= left / len(hint.free) * _KEENER**waits:  # noqa: S311  # spreads load
        return {}
    return allocation


def _refresh(session: Session, hint: Hint, counters: Sequence[int]) -> None:
    numbers = {counter_key(session.session_id, counter): counter for counter in counters}
    # It saves work, and nobody waits for that, nor hears Busy: what doesn't come is believed as before.
    with suppress(Busy), read_once():
        for item in CounterItem.batch_get(list(numbers), attributes_to_get=["PK", "SK", "free"]):
            hint.free[numbers[item.PK, item.SK]] = int(item.free)


def look_again(session: Session, hint: Hint, places: int, budget: Budget) -> None:
    """Refresh the hint from the mark, or from the counters if the mark has nothing new.

    Returns with a newer hint or when the budget is spent. Raises SoldOut if a party of this size can't
    fit, and Closed if the counters are.
    """
    while not budget.is_spent():
        hint.require_may_fit(places)
        try:
            if _look_once(session, hint, places):
                return
        except PynamoDBException as error:
            # A throttle, a conflict with somebody's give-back or a lost answer: look again shortly.
            kind_of(error)
        budget.pause(50, 200)


def _look_once(session: Session, hint: Hint, places: int) -> bool:
    """Return whether the hint is newer now."""
    began = time.monotonic()
    try:
        mark = MarkItem.get(*mark_key(session.session_id), consistent_read=True)
    except MarkItem.DoesNotExist as deleted:
        # The session was deleted since it was read.
        raise Closed from deleted
    is_newer = mark.seen_at > hint.seen_at and len(mark.free) == mark.counters
    if is_newer:
        hint.free = {counter: int(free) for counter, free in enumerate(mark.free)}
        hint.seen_at = int(mark.seen_at)
    if places > mark.at_most_free:
        traces_at = None if mark.traces_at is None else int(mark.traces_at)
        hint.remember_at_most(int(mark.at_most_free), began, traces_at)
        raise SoldOut(places, int(mark.at_most_free))
    if is_newer:
        return True
    if not _take_lease(mark):
        return False
    return _scan(session.session_id, mark, hint, places)


def _take_lease(mark: MarkItem) -> bool:
    """Return whether it is on us to scan. The mark is refreshed with the answer."""
    now = _now_ms()
    if now <= mark.scan_until <= now + _LEASE_MS:
        # Somebody is scanning: asking for their lease would cost a write, on an item that many write.
        return False
    try:
        mark.update(
            [MarkItem.scan_until.set(now + _LEASE_MS)],
            # A lease further ahead than one lasts was taken by a clock that runs fast: nobody is scanning.
            condition=(MarkItem.scan_until < now) | (MarkItem.scan_until > now + _LEASE_MS),
        )
    except UpdateError as error:
        kind_of(error)
        return False
    return True


def _scan(session_id: str, mark: MarkItem, hint: Hint, places: int) -> bool:
    began = time.monotonic()
    # As many counters as the mark says: the session we hold may be from before some were added, and to
    # leave those out would tell everybody "sold out" while they are full.
    keys = [counter_key(session_id, counter) for counter in range(int(mark.counters))]
    seen = {item.PK: item for item in CounterItem.batch_get(keys, consistent_read=True)}
    if len(seen) < len(keys) or not any(item.open for item in seen.values()):
        raise Closed
    # Unless a write raised some ``free`` since the generation was read, each number is at least the truth.
    free = [int(seen[partition_key].free) for partition_key, _ in keys]
    hint.free = dict(enumerate(free))
    hint.seen_at = max(_now_ms(), int(mark.seen_at) + 1)
    if places <= sum(free):
        _write_mark(mark, free, hint.seen_at)
        return True
    # Before the mark: whoever reads there that nothing is left finds who took it.
    traces_at = takers.publish(session_id, seen.values(), hint.seen_at)
    if _write_mark(mark, free, hint.seen_at, traces_at):
        hint.remember_at_most(sum(free), began, traces_at)
        raise SoldOut(places, sum(free))
    return False


def _write_mark(mark: MarkItem, free: list[int], seen_at: int, traces_at: int | None = None) -> bool:
    """Tell everybody what was seen. False: it was not the newest, or nobody knows.

    Not the newest: something was given back meanwhile, or another scan came first.
    """
    try:
        mark.update(
            [
                MarkItem.free.set(free),
                MarkItem.at_most_free.set(sum(free)),
                MarkItem.seen_at.set(seen_at),
                MarkItem.traces_at.remove() if traces_at is None else MarkItem.traces_at.set(traces_at),
            ],
            condition=(MarkItem.generation == mark.generation) & (MarkItem.seen_at < seen_at),
        )
    except UpdateError as error:
        kind_of(error)
        return False
    return True


def places_free(sessions: Sequence[Session]) -> dict[str, int]:
    """Return how many places are free in each session: {session_id: places}, eventually consistent.

    For showing only: by the time it is read it may be wrong.
    """
    keys = {
        counter_key(session.session_id, counter): session.session_id
        for session in sessions
        for counter in range(session.counters)
    }
    free = dict.fromkeys((session.session_id for session in sessions), 0)
    for item in CounterItem.batch_get(list(keys), attributes_to_get=["PK", "SK", "free"]):
        free[keys[item.PK, item.SK]] += int(item.free)
    return free


def places_free_lately(sessions: Sequence[Session]) -> dict[str, int]:
    """Return what was free at most SHOWN_SECONDS ago, for pages that everybody opens at once."""
    key = ",".join(session.session_id for session in sessions)
    return _shown.get(key, lambda: _places_to_show(sessions))


def _places_to_show(sessions: Sequence[Session]) -> dict[str, int]:
    """Return what places_free does, without asking the many counters of sessions that are sold out.

    After an opening that is what nearly all who look at the page look at.
    """
    large = [mark_key(session.session_id) for session in sessions if session.counters >= _MANY_COUNTERS]
    marks = MarkItem.batch_get(large) if large else ()
    sold_out = {mark.PK for mark in marks if mark.at_most_free <= 0}
    left = [session for session in sessions if mark_key(session.session_id)[0] not in sold_out]
    return {**dict.fromkeys((session.session_id for session in sessions), 0), **places_free(left)}


def forget() -> None:
    """Forget what was shown lately, like a new process."""
    _shown.forget()


def _now_ms() -> int:
    return int(time.time() * 1000)
