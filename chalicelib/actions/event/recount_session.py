"""Recount one session: whether its counters agree with its bookings, and every mail it owes is sent.

Its figures (domain/figures.py) are counted by the way.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from chalicelib import logs
from chalicelib.actions.event.make_up_for_lost_records import make_up_for_lost_records
from chalicelib.actions.event.note_figures import note_figures
from chalicelib.domain.booking import Booking
from chalicelib.domain.event import Event
from chalicelib.domain.figures import Tally, mark_of, newest_in_trouble
from chalicelib.domain.kinds import deadlines, is_timed
from chalicelib.domain.notices import Notice, all_owed
from chalicelib.domain.recount import (
    Counter,
    Progress,
    drifted,
    once_more,
    read_progress,
    stands_still,
    with_bookings,
)
from chalicelib.domain.session import Session
from chalicelib.store.bookings import bookings_at, every_booking_in
from chalicelib.store.directory import is_to_list, list_anew, list_bookings_in, remember_listed
from chalicelib.store.events import find_session
from chalicelib.store.mail_states import states, unsettled
from chalicelib.store.messages import are_mails_waiting, send_notices, send_work, slices_of_cancelled
from chalicelib.store.partitions import BOOKING_PARTITIONS
from chalicelib.store.recounts import (
    Watched,
    begin_recount,
    counters_of,
    has_any_moved,
    keep_progress,
    remember_recount,
)
from chalicelib.store.sent_mail import milliseconds
from chalicelib.store.together import find_event_and_session

GRACE = timedelta(minutes=1)
"""How long the stream and the queue may take before a mail that isn't in the ledger counts as lost."""

OVERDUE = timedelta(hours=1)
"""After this a mail is queued again even while others wait: the queue may never be seen empty."""

DUE_WITHIN = timedelta(minutes=30)
"""How long it takes at most until emails that come due at a time are in the ledger: they are spread."""

_OVERDUE_AT_ONCE = 10
"""Few, so that those that were waiting all the same are not delayed by copies of themselves."""

_LOOKED_UP_AT_ONCE = 100
"""How many notices one request asks the ledger for."""


class Recount(Struct, frozen=True):
    """What a recount found. ``whole``: everything could be judged and nothing was amiss or left to do."""

    whole: bool
    drifted_counters: tuple[int, ...] = ()
    notices_found: int = 0


def recount_session(
    watched: Watched, *, now: datetime, is_time_up: Callable[[], bool] = lambda: False
) -> Recount | None:
    """Recount this session, raise the alarm on any difference, queue what is owed.

    One partition of its bookings is read whatever the time is. If it is up before all are, what was found is
    kept and the next call goes on: then this returns None, as it does for a session that is gone.

    Nothing is mended: a counter that differs from its bookings is a mistake of ours, and a mend would
    hide it while it makes the next one.
    """
    begun = begin_recount(watched.session_id, now)
    event, session = find_event_and_session(watched.event_id, watched.session_id)
    if begun is None or session is None:
        return None
    make_up_for_lost_records([(session, event, begun.due_version)], now)
    try:
        return _recount(session, event, begun, now, is_time_up)
    except KeyError:
        if find_session(watched.event_id, watched.session_id) is not None:
            raise
        return None  # deleted meanwhile, with its counters


def _recount(
    session: Session, event: Event | None, begun: Watched, now: datetime, is_time_up: Callable[[], bool]
) -> Recount | None:
    progress = read_progress(begun.progress, session.version) or _started(session, event, begun)
    while True:
        progress = _read_on(session, event, progress, now, is_time_up)
        if progress.partitions < len(BOOKING_PARTITIONS):
            keep_progress(session.session_id, progress)
            return None
        counters = counters_of(session)
        # A booking that moves to another key while its session's keys are read is seen twice or not at all,
        # and moves no counter: then none can be judged this time.
        has_moved = has_any_moved(session.session_id, progress.moves)
        wrong = set() if has_moved else drifted(progress, counters)
        if not wrong or progress.suspected is not None:
            if progress.tally is not None and not has_moved:
                note_figures(session, progress, progress.tally, counters, now)
            is_still = not has_moved and stands_still(progress, counters)
            return _concluded(session, begun, progress, counters if is_still else None, wrong, now)
        progress = once_more(progress, wrong)


def _concluded(
    session: Session,
    begun: Watched,
    progress: Progress,
    still: list[Counter] | None,
    wrong: set[int],
    now: datetime,
) -> Recount:
    """Raise the alarm if there is reason to, and remember the recount if there is nothing left to do.

    ``still`` are the counters, if all of them can be judged.
    """
    if is_to_list(progress.directory):
        remember_listed(session.session_id, progress.directory)
    alarming = tuple(sorted(wrong.intersection(progress.suspected or ())))
    if alarming:
        logs.error("counters_drifted", session_id=session.session_id, counters=alarming)
    all_still = still is not None and find_session(session.event_id, session.session_id) == session
    resized = all_still and sum(counter.capacity for counter in still or ()) != session.capacity
    if resized:
        logs.error("capacity_drifted", session_id=session.session_id)
    logs.metric("InvariantDrift", len(alarming) + resized, session_id=session.session_id)
    judged = all_still and not (progress.must_look_again or wrong or resized)
    if judged:
        # A mail may have to wait for a day: until its lease ends there is nothing to be seen of it.
        remember_recount(
            session.session_id,
            asks=progress.asks,
            versions=sum(progress.versions),
            again_at=_again_at(session, progress.again_at, now),
            counted_for=progress.counted_for,
        )
    elif begun.progress:
        keep_progress(session.session_id, None)
    return Recount(judged and not progress.again_at, alarming, progress.notices_found)


def _again_at(session: Session, first_lease: int, now: datetime) -> int:
    """Return when to look again although nothing moved by then (epoch milliseconds; 0: never).

    That is when a lease ends, or when emails that come due at a time must be in the ledger.
    """
    due = [milliseconds(at + DUE_WITHIN) for at in deadlines(session, now).values() if now < at + DUE_WITHIN]
    return min([at for at in (first_lease, *due) if at], default=0)


def _started(session: Session, event: Event | None, begun: Watched) -> Progress:
    versions = tuple(counter.version for counter in counters_of(session))
    return Progress(
        session_version=session.version,
        asks=begun.asks,
        moves=begun.moves,
        directory=begun.directory,
        versions=versions,
        taken=(0,) * len(versions),
        tally=Tally(),
        counted_for=-1 if event is None else mark_of(event.questions),
    )


def _read_on(
    session: Session, event: Event | None, progress: Progress, now: datetime, is_time_up: Callable[[], bool]
) -> Progress:
    """Read partition by partition, until time is up, and queue what is owed there."""
    # Asked once a turn, and before anything is sent, or what we send would be found waiting.
    are_waiting = cache(are_mails_waiting)
    due: dict[Notice, datetime] = {}
    is_left_behind = is_over = False
    for partition in BOOKING_PARTITIONS[progress.partitions :]:
        bookings = list(every_booking_in(session.session_id, partition))
        progress = with_bookings(progress, bookings, event.questions if event is not None else ())
        if progress.suspected is None:
            if is_to_list(progress.directory):
                list_anew(session, partition, bookings)
            if _is_any_left_to_cancel(session, bookings, now):
                is_left_behind = True
            else:
                since = all_owed(bookings, session, event, now)
                due |= {notice: at for notice, at in since.items() if at <= now - _grace(notice)}
                # What is due at a time is looked for again when it must be there.
                not_due = any(at > now - GRACE for each, at in since.items() if not is_timed(each.kind))
                progress = replace(progress, must_look_again=progress.must_look_again or not_due)
        is_over = is_time_up() or progress.partitions == len(BOOKING_PARTITIONS)
        if due and (is_over or len(due) >= _LOOKED_UP_AT_ONCE):
            progress, due = _with_queued(progress, due, now, are_waiting, session.session_id), {}
        if is_over:
            break
    if is_left_behind:
        # The record of the cancellation was lost, or its slices were.
        send_work(slices_of_cancelled(session))
        progress = replace(progress, must_look_again=True)
    return progress


def _grace(notice: Notice) -> timedelta:
    return DUE_WITHIN if is_timed(notice.kind) else GRACE


def _is_any_left_to_cancel(session: Session, bookings: list[Booking], now: datetime) -> bool:
    return session.status == "cancelled" and any(
        booking.status == "confirmed" and booking.changed_at <= now - GRACE for booking in bookings
    )


def _with_queued(
    progress: Progress,
    due: dict[Notice, datetime],
    now: datetime,
    are_waiting: Callable[[], bool],
    session_id: str,
) -> Progress:
    """Queue those of these notices that nobody works on, and note when the first lease of the others ends."""
    known = states(due)
    ended = {notice: line.is_in_trouble for notice, line in known.items() if line.state != "overtaken"}
    progress = replace(progress, in_trouble=progress.in_trouble + newest_in_trouble(ended, due))
    abandoned, under_way = unsettled(due, known, now)
    leases = [progress.again_at, *under_way] if progress.again_at else under_way
    progress = replace(progress, again_at=min(leases, default=0))
    if not abandoned:
        return progress
    if are_waiting():
        # They are probably among those: only what isn't in the queue can be lost.
        overdue = [notice for notice in abandoned if due[notice] <= now - OVERDUE]
        abandoned = overdue[: max(0, _OVERDUE_AT_ONCE - progress.notices_found)]
        send_notices(abandoned)
    else:
        send_notices(abandoned)
        logs.metric("NoticesFoundOwed", len(abandoned), session_id=session_id)
        # Their records were lost, and with them what the directory was to learn.
        keys = sorted({notice.key for notice in abandoned})
        list_bookings_in(session_id, bookings_at(session_id, keys).values())
    found = progress.notices_found + len(abandoned)
    return replace(progress, notices_found=found, must_look_again=True)
