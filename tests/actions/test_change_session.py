"""actions/change_session.py."""

from typing import Any

import msgspec
import pytest

from chalicelib.actions.change_session import change_session
from chalicelib.domain.refusals import Busy, Cancelled, ChangedMeanwhile, Forbidden, SessionHasBookings
from chalicelib.domain.session import Session
from chalicelib.store import capacity, events
from tests.actions.callers import NOW, owner_of, stored
from tests.making import booking_for, make_session
from tests.wire import overtaken_by


def change(session: Session, patch: object, *, expected_version: int | None = None) -> Session:
    return change_session(
        owner_of(session),
        session.event_id,
        session.session_id,
        patch,
        now=NOW,
        expected_version=expected_version,
    )


def test_when_and_where_change_while_nobody_has_booked(table: Any) -> None:
    session = make_session()
    changed = change(session, {"venue": "A", "starts_local": "2027-09-05T18:00:00"}, expected_version=1)
    assert (changed.venue, changed.sequence, changed.version) == ("A", 1, 2)
    assert stored(session) == changed


def test_a_booking_that_comes_between_reading_and_writing_keeps_the_session_where_it_is(table: Any) -> None:
    session = make_session(capacity=60)
    ada = booking_for(session, "ada")
    with overtaken_by(lambda: capacity.take(session, ada)), pytest.raises(SessionHasBookings):
        change(session, {"venue": "A"})
    assert stored(session) == session


def test_what_was_not_promised_changes_under_people_who_booked(table: Any) -> None:
    session = make_session()
    capacity.take(session, booking_for(session, "ada"))
    changed = change(session, {"title": "A", "closes_at": "2027-09-01T12:00:00Z", "venue": session.venue})
    assert stored(session) == changed
    assert changed.title == "A"


@pytest.mark.parametrize("patch", [{"venue": "A"}, {"title": "A"}])
def test_a_change_that_was_overtaken_is_not_stored_over_the_other(table: Any, patch: object) -> None:
    session = make_session()
    other = msgspec.structs.replace(session, title="Theirs", version=2)
    with overtaken_by(lambda: events.save_session(other, 1)), pytest.raises(Busy):
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
