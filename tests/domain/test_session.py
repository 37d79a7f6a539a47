"""Local times, counters, closing times and bands."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.event import Event
from chalicelib.domain.refusals import Busy
from chalicelib.domain.session import (
    PAUSE_BELIEVED_MAX,
    Band,
    Session,
    band,
    exists_locally,
    free_at_least,
    require_bookable_session,
    to_utc,
)


@pytest.mark.parametrize(
    ("local", "zone", "utc"),
    [
        (datetime(2027, 9, 5, 19), "Europe/London", datetime(2027, 9, 5, 18, tzinfo=UTC)),
        (datetime(2027, 1, 5, 19), "Europe/London", datetime(2027, 1, 5, 19, tzinfo=UTC)),
        (datetime(2027, 10, 31, 1, 30), "Europe/London", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
        (datetime(2027, 9, 5, 19), "Asia/Kolkata", datetime(2027, 9, 5, 13, 30, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_an_instant(local: datetime, zone: str, utc: datetime) -> None:
    assert to_utc(local, zone) == utc


def test_the_hour_that_spring_skips_does_not_exist() -> None:
    assert not exists_locally(datetime(2027, 3, 28, 1, 30), "Europe/London")
    assert exists_locally(datetime(2027, 3, 28, 2, 30), "Europe/London")


def test_a_pause_set_by_a_fast_clock_stops_nobody() -> None:
    event = Event(event_id="e", organiser_id="o", slug="curry", title="Curry", status="published")
    now = datetime(2027, 6, 1, 12, tzinfo=UTC)
    session = Session(
        session_id="s", event_id="e", organiser_id="o", title="Leicester", venue="The Copper Pot",
        address="12 Example Street", zone="Europe/London", starts_local=datetime(2027, 9, 5, 19),
        ends_local=datetime(2027, 9, 5, 22), capacity=10, counters=1, paused_until=now + PAUSE_BELIEVED_MAX,
    )  # fmt: skip
    with pytest.raises(Busy):
        require_bookable_session(event, session, now)
    require_bookable_session(
        event, msgspec.structs.replace(session, paused_until=now + 2 * PAUSE_BELIEVED_MAX), now
    )


@given(free=st.integers(-5, 200), capacity=st.integers(1, 200))
def test_a_band_says_none_exactly_when_nothing_is_left(free: int, capacity: int) -> None:
    assert (band(free, capacity) == "none") == (free <= 0)


@given(st.integers(1, 300))
def test_no_fewer_are_free_than_a_band_promises_and_it_promises_all_it_can(capacity: int) -> None:
    told: dict[Band, int] = {}
    for free in range(capacity, -1, -1):
        told[band(free, capacity)] = free
    for said, least in told.items():
        assert free_at_least(said, capacity) == least


def test_bands_go_from_many_to_none() -> None:
    assert [band(free, 100) for free in (100, 51, 50, 11, 10, 1, 0)] == [
        "many",
        "many",
        "some",
        "some",
        "few",
        "few",
        "none",
    ]
