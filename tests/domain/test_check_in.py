"""domain/check_in.py: who may come in, and what a scan means that was here before."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.booking import Booking
from chalicelib.domain.check_in import (
    CHECK_IN_OPENS_BEFORE,
    UNDONE_NONCES_MAX,
    Scan,
    arrival_with,
    check_in_undone,
    checked_in,
    read_check_in_request,
)
from chalicelib.domain.door_refusals import (
    AlreadyArrived,
    BookingCancelled,
    CheckInNotOpenYet,
    CheckInUndone,
    TooManyArriving,
)
from chalicelib.domain.refusals import Cancelled, Invalid, NotFound, Refusal
from chalicelib.domain.session import Session
from tests.making import MADE_AT

SESSION = Session(
    session_id="s",
    event_id="e",
    organiser_id="o",
    title="Leicester",
    venue="The Copper Pot",
    address="12 Example Street, Leicester",
    zone="Europe/London",
    starts_local=datetime(2027, 9, 5, 19),
    ends_local=datetime(2027, 9, 5, 22),
    capacity=20,
    counters=1,
)
EVENING = SESSION.starts_at - timedelta(minutes=10)

FOUR = Booking(
    session_id="s",
    key="k",
    booking_id="first",
    event_id="e",
    organiser_id="o",
    status="confirmed",
    version=3,
    name="Ada",
    address="ada@example.org",
    places=4,
    idempotency_key="i",
    fingerprint="f",
    created_at=MADE_AT,
    changed_at=MADE_AT,
    mailed_at=MADE_AT,
)


def scan(nonce: str, places: int | None = None, at: datetime = EVENING, where: str = "Front door") -> Scan:
    return Scan(nonce=nonce, places=places, at=at, token_id="t", where=where)


def arrivals(booking: Booking) -> list[tuple[str, int, int]]:
    return [(arrival.nonce, arrival.places, arrival.arrived) for arrival in booking.arrivals]


def test_without_a_number_everybody_who_is_not_in_yet_comes_in() -> None:
    assert arrivals(checked_in(SESSION, FOUR, scan("a"))) == [("a", 4, 4)]
    some = checked_in(SESSION, FOUR, scan("a", 1))
    rest = checked_in(SESSION, some, scan("b"))
    assert arrivals(rest) == [("a", 1, 1), ("b", 3, 4)]
    assert rest.arrived == 4


def test_a_check_in_changes_nothing_but_who_is_in() -> None:
    after = checked_in(SESSION, FOUR, scan("a"))
    assert after.arrivals_version == FOUR.arrivals_version + 1
    assert msgspec.structs.replace(after, arrivals=(), arrivals_version=0) == FOUR


def test_the_same_scan_again_changes_nothing_whatever_happened_since() -> None:
    first = checked_in(SESSION, FOUR, scan("a", 2))
    for standing in (
        first,
        checked_in(SESSION, first, scan("b")),
        msgspec.structs.replace(first, status="cancelled"),
    ):
        later = scan("a", 2, EVENING + timedelta(days=1), "Back door")
        assert checked_in(SESSION, standing, later) is standing
        assert checked_in(SESSION, standing, scan("a")) is standing
        assert checked_in(msgspec.structs.replace(SESSION, status="cancelled"), standing, later) is standing


def test_the_same_nonce_with_another_number_of_places_is_no_retry() -> None:
    first = checked_in(SESSION, FOUR, scan("a", 2))
    with pytest.raises(Invalid) as refused:
        checked_in(SESSION, first, scan("a", 1))
    assert [(error.pointer, error.code) for error in refused.value.errors] == [("/nonce", "reused")]


def test_a_second_scan_hears_when_and_where_the_first_was_by_the_clock_of_the_venue() -> None:
    party = checked_in(SESSION, FOUR, scan("a", 1))
    party = checked_in(SESSION, party, scan("b", 3, EVENING + timedelta(minutes=5), "Back door"))
    with pytest.raises(AlreadyArrived) as refused:
        checked_in(SESSION, party, scan("c"))
    assert refused.value.facts == {"places": 4, "first_at": EVENING, "first_where": "Front door"}
    assert "6.50pm on 5 September (Front door)" in refused.value.detail


def test_more_than_are_left_are_told_how_many_are() -> None:
    with pytest.raises(TooManyArriving) as refused:
        checked_in(SESSION, checked_in(SESSION, FOUR, scan("a", 3)), scan("b", 2))
    assert refused.value.facts == {"places": 4, "places_left": 1}


def test_nobody_is_counted_before_the_day_but_the_ticket_is_said_to_be_good() -> None:
    opens_at = SESSION.starts_at - CHECK_IN_OPENS_BEFORE
    with pytest.raises(CheckInNotOpenYet) as refused:
        checked_in(SESSION, FOUR, scan("a", at=opens_at - timedelta(seconds=1)))
    assert refused.value.facts == {"opens_at": opens_at}
    assert "7am on 5 September" in refused.value.detail
    assert checked_in(SESSION, FOUR, scan("a", at=opens_at)).arrived == 4


def test_a_paper_list_may_be_typed_in_afterwards() -> None:
    assert checked_in(SESSION, FOUR, scan("a", at=SESSION.ends_at + timedelta(days=3))).arrived == 4


@pytest.mark.parametrize(
    ("session", "booking", "refusal"),
    [
        (msgspec.structs.replace(SESSION, status="cancelled"), FOUR, Cancelled),
        (SESSION, msgspec.structs.replace(FOUR, status="cancelled"), BookingCancelled),
    ],
)
@pytest.mark.parametrize("at", [EVENING, SESSION.starts_at - timedelta(days=1)])
def test_what_is_off_lets_nobody_in_and_says_so_at_a_rehearsal_too(
    session: Session, booking: Booking, refusal: type[Refusal], at: datetime
) -> None:
    with pytest.raises(refusal):
        checked_in(session, booking, scan("a", at=at))


def test_undoing_takes_back_one_scan_and_only_that() -> None:
    both = checked_in(SESSION, checked_in(SESSION, FOUR, scan("a", 1)), scan("b", 2))
    undone = check_in_undone(both, "a")
    assert arrivals(undone) == [("b", 2, 3)]
    assert (undone.arrived, undone.arrivals_version) == (2, 3)
    assert check_in_undone(undone, "a") is undone


def test_an_undone_scan_that_comes_again_late_checks_nobody_in_but_a_new_one_does() -> None:
    undone = check_in_undone(checked_in(SESSION, FOUR, scan("a")), "a")
    with pytest.raises(CheckInUndone):
        checked_in(SESSION, undone, scan("a"))
    assert checked_in(SESSION, undone, scan("b")).arrived == 4


def test_a_scan_that_checked_nobody_in_can_not_be_undone() -> None:
    with pytest.raises(NotFound):
        check_in_undone(FOUR, "never")
    with pytest.raises(BookingCancelled):
        check_in_undone(msgspec.structs.replace(FOUR, status="cancelled"), "never")


def test_only_so_many_undone_scans_are_remembered_the_latest() -> None:
    booking = FOUR
    nonces = [f"n{number}" for number in range(UNDONE_NONCES_MAX + 3)]
    for nonce in nonces:
        booking = check_in_undone(checked_in(SESSION, booking, scan(nonce)), nonce)
    assert booking.undone_nonces == tuple(nonces[3:])


@given(st.lists(st.tuples(st.sampled_from(["in", "out"]), st.sampled_from("abcdef"), st.integers(1, 5))))
def test_however_doors_scan_and_undo_no_more_are_in_than_booked_and_each_scan_counts_once(
    deeds: list[tuple[str, str, int]],
) -> None:
    booking = FOUR
    for what, nonce, places in deeds:
        before = booking
        try:
            if what == "in":
                booking = checked_in(SESSION, booking, scan(nonce, places))
            else:
                booking = check_in_undone(booking, nonce)
        except Refusal:
            assert booking is before
        assert 0 <= booking.arrived <= booking.places
        nonces = [arrival.nonce for arrival in booking.arrivals]
        assert len(set(nonces)) == len(nonces)
        assert not set(nonces) & set(booking.undone_nonces)
        if what == "out":
            assert arrival_with(booking, nonce) is None


def wrong(**body: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        read_check_in_request(body)
    return sorted((error.pointer, error.code) for error in refused.value.errors)


def test_a_request_names_the_booking_in_exactly_one_way() -> None:
    for named in ({"ticket": "TURNOUT:1:A:B:C"}, {"reference": "rfmsouif"}, {"booking": "k.b"}):
        assert read_check_in_request({**named, "nonce": "n"}).places is None
    assert wrong(nonce="n") == [("", "one_of")]
    assert wrong(nonce="n", ticket="t", booking="b") == [("", "one_of")]
    assert wrong(nonce="n", ticket=None, reference=None) == [("", "one_of")]


@pytest.mark.parametrize("nonce", ["", "a b", "ä", "a" * 65, "abc\n", "a/b", "\n", 7, None])
def test_a_nonce_is_short_and_goes_into_an_address(nonce: object) -> None:
    assert wrong(nonce=nonce, ticket="t") == [("/nonce", "value")]


@pytest.mark.parametrize(
    "reference", ["", "RFMSOUI", "RFMSOUIFX", "RFMSOU9F", "RFMS,OUIF", "\u017fFMSOUIF", " " * 101]
)
def test_a_reference_is_eight_letters_and_digits_and_what_people_put_between(reference: str) -> None:
    assert wrong(nonce="n", reference=reference) == [("/reference", "value")]


def test_every_wrong_field_is_named() -> None:
    assert wrong(ticket=1, places=0, place=2) == [
        ("/nonce", "missing"),
        ("/place", "unknown"),
        ("/places", "value"),
        ("/ticket", "value"),
    ]
