"""The arithmetic of a recount, and that it goes on from what was kept of it."""

from datetime import UTC, datetime

import msgspec
import pytest
from msgspec.structs import replace

from chalicelib.domain.booking import Booking
from chalicelib.domain.figures import Tally
from chalicelib.domain.recount import (
    Counter,
    Progress,
    drifted,
    once_more,
    read_progress,
    stands_still,
    with_bookings,
)

AT = datetime(2027, 6, 1, 9, tzinfo=UTC)
BEGUN = Progress(session_version=3, asks=1, moves=0, versions=(5, 6), taken=(0, 0))
BOOKED = Booking(
    session_id="s", key="k", booking_id="b", event_id="e", organiser_id="o", status="confirmed", version=1,
    name="Ada", address="ada@example.org", places=3, allocation={"0": 2, "1": 1}, idempotency_key="i",
    fingerprint="f", created_at=AT, changed_at=AT, mailed_at=AT,
)  # fmt: skip


def kept(progress: Progress) -> str:
    return msgspec.json.encode(progress).decode()


def test_places_are_added_up_by_counter_over_all_partitions() -> None:
    cancelled = replace(BOOKED, status="cancelled")
    progress = with_bookings(with_bookings(BEGUN, [BOOKED, cancelled]), [BOOKED])
    assert (progress.taken, progress.partitions) == ((4, 2), 2)


def test_a_counter_that_came_since_the_recount_began_is_not_judged() -> None:
    grown = replace(BOOKED, allocation={"1": 1, "2": 2})
    assert with_bookings(BEGUN, [grown]).taken == (0, 1)


def test_a_counter_that_stood_still_must_agree_with_its_bookings() -> None:
    progress = with_bookings(BEGUN, [BOOKED])
    right = [Counter(10, 8, 0, 5), Counter(10, 8, 1, 6)]
    assert drifted(progress, right) == set()
    assert stands_still(progress, right)
    oversold = [Counter(1, -1, 0, 5), Counter(10, 8, 1, 6)]
    assert drifted(progress, oversold) == {0}
    wrong = [Counter(10, 9, 0, 5), Counter(10, 9, 1, 7)]
    assert drifted(progress, wrong) == {0}, "the other one has moved"
    assert not stands_still(progress, wrong)


def test_bookings_are_read_once_more_from_the_beginning_and_all_else_is_kept() -> None:
    progress = replace(with_bookings(BEGUN, [BOOKED]), again_at=9, must_look_again=True, notices_found=2)
    again = once_more(progress, {1})
    assert again == replace(progress, suspected=(1,), partitions=0, taken=(0, 0), tally=Tally())


def test_what_is_kept_between_two_turns_comes_back_whole() -> None:
    progress = replace(with_bookings(BEGUN, [BOOKED]), suspected=(1,), again_at=9, must_look_again=True)
    assert read_progress(kept(progress), session_version=3) == progress


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"asks":"x"}', kept(BEGUN).replace("[5,6]", "null")])
def test_what_cannot_be_gone_on_from_is_begun_anew(text: str) -> None:
    assert read_progress(text, session_version=3) is None


def test_a_recount_of_a_session_that_changed_since_is_begun_anew() -> None:
    assert read_progress(kept(BEGUN), session_version=4) is None
