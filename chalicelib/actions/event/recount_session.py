"""Recount one session: whether its counters agree with its bookings, and every mail it owes is sent."""

from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib import logs
from chalicelib.domain.booking import Booking
from chalicelib.domain.notices import notices_owed, owed_since
from chalicelib.domain.session import Session, is_left_to_cancel
from chalicelib.store.bookings import every_booking
from chalicelib.store.events import find_session
from chalicelib.store.messages import (
    CancelledEvent,
    are_mails_waiting,
    send_notices,
    send_work,
    slices_of_cancelled,
)
from chalicelib.store.recounts import Counter, Watched, counters_of, has_any_moved, remember_recount
from chalicelib.store.sent_mail import milliseconds, unsettled

GRACE = timedelta(minutes=1)
"""How long the stream and the queue may take before a mail that isn't in the ledger counts as lost."""

OVERDUE = timedelta(hours=1)
"""After this a mail is queued again even while others wait: the queue may never be seen empty."""

_OVERDUE_AT_ONCE = 10
"""Few, so that those that were waiting all the same are not delayed by copies of themselves."""


class Recount(Struct, frozen=True):
    """What a recount found. ``whole``: everything could be judged and nothing was amiss or left to do."""

    whole: bool
    drifted_counters: tuple[int, ...] = ()
    notices_found: int = 0


def recount_session(watched: Watched, *, now: datetime, event_cancelled: bool = False) -> Recount | None:
    """Recount this session, raise the alarm on any difference, queue what is owed. None if nothing moved.

    Nothing is mended: a counter that differs from its bookings is a mistake of ours, and a mend would
    hide it while it makes the next one.
    """
    session = find_session(watched.event_id, watched.session_id)
    if session is None:
        return None
    if event_cancelled and is_left_to_cancel(session, now):
        # The record of the event's cancellation was lost, or its message was, or they are under way.
        # Asked before the counters: nobody books here any more, so they need not move.
        send_work([CancelledEvent(event_id=session.event_id, session_id=session.session_id)])
    try:
        return _recount(session, watched, now)
    except KeyError:
        if find_session(watched.event_id, watched.session_id) is not None:
            raise
        return None  # deleted meanwhile, with its counters


def _recount(session: Session, watched: Watched, now: datetime) -> Recount | None:
    before = counters_of(session)
    versions = sum(counter.version for counter in before)
    if versions == watched.seen_versions and not 0 < watched.again_at <= milliseconds(now):
        return None
    bookings, still = _read(session, watched, before)
    drifted = _drifted(before, bookings, still)
    if drifted:
        # A transaction's items needn't become visible at one moment: what is wrong is wrong twice.
        again, still = _read(session, watched, before)
        drifted &= _drifted(before, again, still)
    if drifted:
        logs.error("counters_drifted", session_id=session.session_id, counters=sorted(drifted))
    all_still = len(still) == len(before) and find_session(watched.event_id, watched.session_id) == session
    resized = all_still and sum(counter.capacity for counter in before) != session.capacity
    if resized:
        logs.error("capacity_drifted", session_id=session.session_id)
    logs.metric("InvariantDrift", len(drifted) + resized, session_id=session.session_id)
    found, under_way = _queue_what_is_owed(session, bookings, now)
    judged = all_still and under_way is not None and not drifted and not resized
    if judged:
        # A mail may have to wait for a day: until its lease ends there is nothing to be seen of it.
        remember_recount(watched, versions, min(under_way or [0]))
    return Recount(judged and not under_way, tuple(sorted(drifted)), found)


def _read(session: Session, watched: Watched, before: list[Counter]) -> tuple[list[Booking], set[int]]:
    """Return all bookings, and the counters that can be judged by them.

    A booking that moves to another key while its session's keys are read is seen twice or not at all, and
    moves no counter: then none can be judged this time.
    """
    bookings = list(every_booking(session.session_id))
    return bookings, set() if has_any_moved(watched) else _still(before, counters_of(session))


def _still(before: list[Counter], after: list[Counter]) -> set[int]:
    """Return the counters that stood still while we read: one that moved can't be judged this time."""
    return {number for number, counter in enumerate(before) if counter == after[number]}


def _drifted(counters: list[Counter], bookings: list[Booking], still: set[int]) -> set[int]:
    taken = [0] * len(counters)
    for booking in bookings:
        if booking.status == "confirmed":
            for counter, places in booking.allocation.items():
                # A counter that came while we read isn't judged yet, and neither is its session.
                if int(counter) < len(counters):
                    taken[int(counter)] += places
    return {
        number
        for number, counter in enumerate(counters)
        if number in still
        and (counter.free < 0 or counter.free + counter.held + taken[number] != counter.capacity)
    }


def _queue_what_is_owed(
    session: Session, bookings: list[Booking], now: datetime
) -> tuple[int, list[int] | None]:
    """Queue the notices that nobody works on; return how many, and the leases of those that somebody does.

    None for the leases: the next recount has to look again at once.
    """
    confirmed = [booking for booking in bookings if booking.status == "confirmed"]
    if session.status == "cancelled" and any(booking.changed_at <= now - GRACE for booking in confirmed):
        # The record of the cancellation was lost, or its slices were.
        send_work(slices_of_cancelled(session))
        return 0, None
    since = {
        notice: owed_since(notice, booking, session)
        for booking in bookings
        for notice in notices_owed(booking, session)
    }
    due = [notice for notice in since if since[notice] <= now - GRACE]
    abandoned, under_way = unsettled(due, now)
    if abandoned and are_mails_waiting():
        # They are probably among those: only what isn't in the queue can be lost.
        overdue = [notice for notice in abandoned if since[notice] <= now - OVERDUE]
        send_notices(overdue[:_OVERDUE_AT_ONCE])
        return len(overdue[:_OVERDUE_AT_ONCE]), None
    send_notices(abandoned)
    if abandoned:
        logs.metric("NoticesFoundOwed", len(abandoned), session_id=session.session_id)
    return len(abandoned), under_way if not abandoned and len(due) == len(since) else None
