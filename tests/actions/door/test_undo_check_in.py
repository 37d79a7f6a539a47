"""actions/door/undo_check_in.py: taking back one scan, once, so that nothing late brings it back."""

from typing import Any, Literal

import pytest

from chalicelib.domain.booking import Booking
from chalicelib.domain.door_refusals import CheckInUndone
from chalicelib.domain.organiser import Caller
from chalicelib.domain.refusals import NotFound
from chalicelib.domain.session import Session
from chalicelib.store import capacity
from tests.actions.as_routes import undo_check_in
from tests.actions.booking.test_kill_points_of_booking import both, deaths
from tests.actions.callers import owner_of
from tests.actions.door.test_check_in import ada, address_of, scanned, stored
from tests.making import MADE_AT, booking_for, make_session


def undo(session: Session, booking: Booking, nonce: str = "a", *, caller: Caller | None = None) -> Booking:
    caller = caller or owner_of(session, role="door")
    return undo_check_in(caller, session.event_id, session.session_id, address_of(booking), nonce)


def test_undoing_takes_back_what_one_scan_checked_in(table: Any) -> None:
    session = make_session()
    booking = ada(session)
    scanned(session, booking, "a", 3)
    scanned(session, booking, "b", 1)
    undone = undo(session, booking)
    assert (undone.arrived, stored(booking)) == (1, undone)
    assert undo(session, booking) == undone


def test_a_late_retry_of_an_undone_scan_checks_nobody_in(table: Any) -> None:
    session = make_session()
    booking = ada(session)
    scanned(session, booking, "a")
    undo(session, booking)
    with pytest.raises(CheckInUndone):
        scanned(session, booking, "a")
    assert stored(booking).arrived == 0
    assert scanned(session, booking, "b").booking.arrived == 4


def test_what_was_never_scanned_or_is_another_booking_by_now_is_not_found(table: Any) -> None:
    session = make_session()
    booking = ada(session)
    with pytest.raises(NotFound):
        undo(session, booking, "never")
    with pytest.raises(NotFound):
        undo(session, booking_for(session, "nobody"))
    capacity.give_back(booking, MADE_AT)
    anew = ada(session)
    scanned(session, anew, "a")
    with pytest.raises(NotFound):
        undo(session, booking)
    assert stored(anew).arrived == 4


@pytest.mark.parametrize("role", ["organiser", "host", "door"])
def test_every_role_undoes_and_nobody_out_of_scope_does(
    table: Any, role: Literal["organiser", "host", "door"]
) -> None:
    session = make_session()
    booking = ada(session)
    scanned(session, booking, "a")
    for outsider in (owner_of(make_session(), role=role), owner_of(session, role=role, scope="event:aaaa")):
        with pytest.raises(NotFound):
            undo(session, booking, caller=outsider)
    assert stored(booking).arrived == 4
    assert undo(session, booking, caller=owner_of(session, role=role)).arrived == 0


@both
def test_a_death_while_undoing_takes_back_once_or_not_yet(
    dynamodb_local: Any, when: Literal["before", "after"]
) -> None:
    session = make_session()
    booking = ada(session)
    scanned(session, booking, "a", 1)
    scanned(session, booking, "b", 2)
    for _ in deaths(lambda: undo(session, booking), when):
        assert stored(booking).arrived in {2, 3}
    assert stored(booking).arrived == 2
