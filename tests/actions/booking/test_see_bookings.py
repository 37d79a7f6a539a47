"""actions/booking/see_bookings.py: who booked is seen by hosts and above, and by nobody out of scope."""

from typing import Any

import pytest

from chalicelib.actions.booking.see_bookings import see_bookings
from chalicelib.domain.refusals import Forbidden, NotFound
from tests.actions.callers import owner_of
from tests.making import make_session


def test_a_host_of_the_session_sees_who_booked_it(table: Any) -> None:
    session = make_session()
    scope = f"session:{session.event_id}:{session.session_id}"
    assert see_bookings(owner_of(session, role="host", scope=scope), session) == session


def test_a_door_does_not_and_for_those_out_of_scope_there_is_no_such_session(table: Any) -> None:
    session = make_session()
    with pytest.raises(Forbidden):
        see_bookings(owner_of(session, role="door"), session)
    with pytest.raises(NotFound):
        see_bookings(owner_of(session, scope="event:another"), session)
    with pytest.raises(NotFound):
        see_bookings(owner_of(session), None)
