"""actions/event/change_session.py."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from chalicelib.domain.refusals import Busy, Cancelled, ChangedMeanwhile, Forbidden, SessionOver
from chalicelib.domain.session import Session
from chalicelib.store import capacity, event_changes
from chalicelib.store.recounts import remember_recount, watched_sessions
from chalicelib.store.table import RecountItem
from tests.actions.as_routes import change_session
from tests.actions.callers import NOW, owner_of, stored
from tests.making import booking_for, make_session
from tests.wire import overtaken_by


def change(
    session: Session, patch: object, *, now: datetime = NOW, expected_version: int | None = None
) -> Session:
    return change_session(
        owner_of(session),
        session.event_id,
        session.session_id,
        patch,
        now=now,
        expected_version=expected_version,
    )


def test_when_and_where_change_with_a_new_sequence_and_say_since_when(table: Any) -> None:
    session = make_session()
    capacity.take(session, booking_for(session, "ada"))
    changed = change(session, {"venue": "A", "starts_local": "2027-09-05T18:00:00"}, expected_version=1)
    assert (changed.venue, changed.sequence, changed.version) == ("A", 1, 2)
    assert (changed.sequence_at, changed.last_change) == (NOW, ("time", "place"))
    assert stored(session) == changed


def test_a_change_that_moves_nobody_keeps_the_sequence_and_tells_no_recount(table: Any) -> None:
    session = make_session()
    changed = change(session, {"title": "A", "closes_at": "2027-09-01T12:00:00Z", "venue": session.venue})
    assert stored(session) == changed
    assert (changed.title, changed.sequence, changed.sequence_at) == ("A", 0, None)
    assert RecountItem.get("RECOUNT", session.session_id).asks == 0


def test_a_session_under_way_still_moves_and_one_that_is_over_does_not(table: Any) -> None:
    session = make_session()
    change(session, {"venue": "Next door"}, now=session.ends_at)
    later = session.ends_at + timedelta(seconds=1)
    for patch in (
        {"venue": "A"},
        {"starts_local": "2027-10-05T19:00:00", "ends_local": "2027-10-05T22:00:00"},
    ):
        with pytest.raises(SessionOver):
            change(session, patch, now=later)
    assert stored(session).venue == "Next door"
    assert change(session, {"title": "Last year's"}, now=later).title == "Last year's"


def test_a_recount_that_began_before_the_change_does_not_hide_what_it_owes(table: Any) -> None:
    session = make_session()
    [watched_before] = watched_sessions()
    change(session, {"venue": "A"})
    remember_recount(session.session_id, asks=watched_before.asks, versions=99)
    [watched] = watched_sessions()
    assert watched.presses(NOW)


@pytest.mark.parametrize("patch", [{"venue": "A"}, {"title": "A"}])
def test_a_change_that_was_overtaken_is_not_stored_over_the_other(table: Any, patch: object) -> None:
    session = make_session()
    other = msgspec.structs.replace(session, title="Theirs", version=2)
    with overtaken_by(lambda: event_changes.save_session(other, 1)), pytest.raises(Busy):
        change(session, patch)
    assert stored(session) == other


def test_who_may_not_is_told_before_what_is_wrong_with_the_change(table: Any) -> None:
    session = make_session(status="cancelled")
    with pytest.raises(Forbidden):
        change_session(
            owner_of(session, role="host"),
            session.event_id,
            session.session_id,
            {"title": 7},
            now=NOW,
            expected_version=9,
        )
    with pytest.raises(Cancelled):
        change(session, {"title": 7}, expected_version=9)
    with pytest.raises(ChangedMeanwhile):
        change(make_session(), {"title": 7}, expected_version=9)
