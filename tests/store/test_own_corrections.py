"""An attendee corrects their address once, whole or not at all. On DynamoDB Local."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from chalicelib.domain.booking import Arrival, Booking
from chalicelib.domain.correction import BookingNotLive, NotCorrectable
from chalicelib.domain.door_refusals import BookingCancelled
from chalicelib.domain.refusals import Busy, Cancelled, NotFound, Refusal, SoldOut
from chalicelib.domain.session import Session
from chalicelib.store import capacity, capacity_changes, check_ins, outcomes
from chalicelib.store.bookings import find_booking, find_booking_by_link
from chalicelib.store.moves import move
from chalicelib.store.owed_mail import say_not_kept
from chalicelib.store.own_corrections import correct
from tests import engines
from tests.actions.booking.test_kill_points_of_booking import When, both, deaths
from tests.faults import weather
from tests.making import MADE_AT, booking_for, invariants_hold, make_event, make_session
from tests.store.test_moves import booked_wrongly, check_in_by_hand, race, standing

LATER = MADE_AT + timedelta(hours=1)
many_times = pytest.mark.parametrize("attempt", range(8))


def correct_to(booking: Booking, session: Session, person: str) -> Booking:
    """Correct as the browser that booked: it always asks at the key where it booked."""
    there = find_booking(session.session_id, booking.key)
    assert there is not None
    address = f"{person}@example.org"
    correct(
        there, address, [booking_for(session, person).key], LATER, new_reference="NEWREFAB", source="s" * 16
    )
    return there


def alive(session: Session) -> list[tuple[str, int]]:
    return sorted((booking.address, booking.places) for booking in standing(session))


def organise(session: Session, booking: Booking) -> Booking:
    """Correct as an organiser does."""
    return move(
        booking,
        "organised@example.org",
        [booking_for(session, "organised").key],
        LATER,
        new_reference="NEWREFAB",
    )


def leads_nowhere(booking: Booking) -> None:
    """See that the email at the wrong address opens nothing, and that nothing personal is left there."""
    assert find_booking_by_link(booking.lives_at) is None
    left = find_booking(booking.session_id, booking.key)
    assert left is not None
    assert (left.status, left.name, left.address, left.source, left.guests) == ("moved", "", "", "", ())
    assert left.corrected == left.version == booking.version + 1


def test_the_booking_is_then_at_the_right_address_and_owes_its_mail_to_who_asked(dynamodb_local: Any) -> None:
    session, booked = booked_wrongly()
    correct_to(booked, session, "right")
    [there] = standing(session)
    assert there == replace(
        booked, key=there.key, address="right@example.org", asked_from="s" * 16, version=2, corrected=2,
        changed_at=LATER, mailed_at=LATER, new_reference="NEWREFAB",
        idempotency_key=f"corrected {booked.booking_id}",
    )  # fmt: skip
    leads_nowhere(booked)
    assert invariants_hold(session) == 2


def test_where_the_right_address_has_booked_it_keeps_that_booking_and_the_places_of_the_other_come_back(
    dynamodb_local: Any,
) -> None:
    session = make_session(capacity=60)
    theirs = capacity.take(session, booking_for(session, "right", places=20))
    booked = capacity.take(session, booking_for(session, "wrong", places=36))
    assert len(booked.allocation) > 1, "its places come from several counters"
    with pytest.raises(SoldOut):
        capacity.take(session, booking_for(session, "next", places=5))
    correct_to(booked, session, "right")
    assert standing(session) == [theirs]
    leads_nowhere(booked)
    assert invariants_hold(session) == 20
    engines.forget_process_state()
    assert capacity.take(session, booking_for(session, "next", places=40)).places == 40


def test_an_address_may_be_corrected_once_and_the_same_correction_sent_again_changes_nothing(
    dynamodb_local: Any,
) -> None:
    session, booked = booked_wrongly()
    for person in ("right", "right"):
        correct_to(booked, session, person)
    with pytest.raises(NotCorrectable):
        correct_to(booked, session, "third")
    assert alive(session) == [("right@example.org", 2)]
    [there] = standing(session)
    assert there.version == 2
    # Nor after an organiser took it back to where it was booked.
    move(there, "wrong@example.org", [booked.key], LATER, new_reference="NEWREFAB")
    with pytest.raises(NotCorrectable):
        correct_to(booked, session, "third")


def test_what_is_cancelled_or_has_arrived_or_was_corrected_by_an_organiser_is_not_corrected(
    dynamodb_local: Any,
) -> None:
    deeds: list[tuple[Callable[[Session, Booking], object], type[Refusal]]] = [
        (lambda _, booked: capacity.give_back(booked, LATER), BookingNotLive),
        (lambda _, booked: check_in_by_hand(booked), NotCorrectable),
        (organise, NotCorrectable),
        (lambda session, _: capacity_changes.cancel_session(session), Cancelled),
    ]
    for deed, refusal in deeds:
        session, booked = booked_wrongly()
        deed(session, booked)
        with pytest.raises(refusal):
            correct_to(booked, session, "right")


def test_once_its_key_is_somebody_elses_there_is_nothing_to_correct(dynamodb_local: Any) -> None:
    session, booked = booked_wrongly()
    capacity.give_back(booked, LATER)
    again = capacity.take(session, booking_for(session, "wrong"))
    # As it was read just before.
    with pytest.raises(NotFound):
        correct(
            booked,
            "right@example.org",
            [booking_for(session, "right").key],
            LATER,
            new_reference="NEWREFAB",
            source="",
        )
    assert standing(session) == [again]


def test_where_an_address_may_book_several_times_it_takes_the_next_place_and_ends_when_all_are_taken(
    dynamodb_local: Any,
) -> None:
    session = make_session(make_event(bookings_per_address_max=2), capacity=10)
    keys = [booking_for(session, person).key for person in ("right", "right-2")]
    first = capacity.take(session, booking_for(session, "right"))
    for person in ("wrong", "wronger"):
        booked = capacity.take(session, booking_for(session, person))
        correct(booked, "right@example.org", keys, LATER, new_reference="NEWREFAB", source="")
        leads_nowhere(booked)
    assert {(there.key, there.ordinal) for there in standing(session)} == {(first.key, 0), (keys[1], 1)}
    assert invariants_hold(session) == 2


# The turn in a queue that booked it


def of_turn(session: Session, turn: int) -> Booking:
    return replace(booking_for(session, "wrong"), turn=turn)


def corrected_away(session: Session, turn: int = 5) -> Booking:
    booked = capacity.take(session, of_turn(session, turn))
    correct_to(booked, session, f"right{turn}")
    return booked


@many_times
def test_a_turn_books_once_however_it_meets_the_correction_of_its_booking(
    dynamodb_local: Any, attempt: int
) -> None:
    session = make_session(capacity=10)
    booked = capacity.take(session, of_turn(session, 5))
    more = [of_turn(session, 5) for _ in range(3)]
    _, *took = race(
        lambda: correct_to(booked, session, "right"),
        *(partial(capacity.take, session, wanted) for wanted in more),
    )
    took.append(capacity.take(session, of_turn(session, 5)))
    assert [isinstance(there, Booking) and there.booking_id for there in took] == [booked.booking_id] * 4
    assert alive(session) == [("right@example.org", 1)]
    assert invariants_hold(session) == 1


@many_times
def test_of_turns_that_book_at_once_where_one_was_used_another_gets_there_and_that_one_stays_used(
    dynamodb_local: Any, attempt: int
) -> None:
    session = make_session(capacity=10)
    corrected_away(session)
    used, *others = (of_turn(session, turn) for turn in (5, 6, 7))
    race(*(partial(capacity.take, session, wanted) for wanted in (used, *others)))
    (there,) = [booking for booking in standing(session) if booking.address == "wrong@example.org"]
    assert there.booking_id in {other.booking_id for other in others}
    assert there.turns_used == (5,)
    correct_to(there, session, "right6")
    assert capacity.take(session, of_turn(session, 5)).booking_id == there.booking_id
    assert invariants_hold(session) == 2


@both
def test_a_turn_that_dies_while_it_books_where_another_was_used_books_once_when_it_asks_again(
    dynamodb_local: Any, when: When
) -> None:
    session = make_session(capacity=10)
    left = corrected_away(session)
    own, died = of_turn(session, 6), 0
    for _ in deaths(lambda: capacity.take(session, own), when):
        died += 1
        there = find_booking(session.session_id, left.key)
        assert there is not None
        assert (there.booking_id, there.turns_used) in {(left.booking_id, (5,)), (own.booking_id, (5,))}
    assert died >= 2, "it is refused once, and then knows what it takes over"
    assert invariants_hold(session) == 2
    assert capacity.take(session, of_turn(session, 5)).booking_id == own.booking_id


def test_a_booking_that_moves_to_where_a_turn_was_used_takes_that_over_on_a_wire_that_fails(
    dynamodb_local: Any,
) -> None:
    session = make_session(capacity=10)
    wrong = corrected_away(session)
    there = capacity.take(session, booking_for(session, "other"))
    for seed in range(10):
        with weather(seed, lost=0.3, conflicts=0.2):
            moved = move(there, "wrong@example.org", [wrong.key], LATER, new_reference="NEWREFAB")
            there = move(moved, "other@example.org", [there.key], LATER, new_reference="NEWREFAC")
        assert (moved.turns_used, there.turns_used) == ((5,), ())
    assert capacity.take(session, of_turn(session, 5)).status == "moved", "it is kept out"
    assert capacity.take(session, of_turn(session, 6)).turns_used == (5,)
    assert invariants_hold(session) == 3


# Death, and a wire that fails


@pytest.mark.parametrize("has_booked", [False, True])
@both
def test_a_correction_that_dies_is_made_or_not_and_is_made_when_it_is_sent_again(
    dynamodb_local: Any, when: When, has_booked: bool
) -> None:
    session, booked = booked_wrongly()
    theirs = 1 if has_booked else 0
    if has_booked:
        capacity.take(session, booking_for(session, "right"))
    died = 0
    for _ in deaths(lambda: correct_to(booked, session, "right"), when):
        died += 1
        left = find_booking(session.session_id, booked.key)
        assert left is not None
        assert invariants_hold(session) == (theirs or 2 if left.status == "moved" else 2 + theirs)
        assert len(standing(session)) == (1 if left.status == "moved" else 1 + theirs)
    assert died >= 3, "it reads both keys, then writes"
    assert alive(session) == [("right@example.org", theirs or 2)]
    leads_nowhere(booked)


@pytest.mark.parametrize("has_booked", [False, True])
def test_a_correction_on_a_wire_that_fails_is_made_once(dynamodb_local: Any, has_booked: bool) -> None:
    seen: Counter[str] = Counter()
    for seed in range(25):
        session, booked = booked_wrongly()
        if has_booked:
            capacity.take(session, booking_for(session, "right"))
        with weather(seed, lost=0.25, conflicts=0.4, throttles=0.1) as bad:
            try:
                correct_to(booked, session, "right")
            except Busy:
                continue
            finally:
                seen += bad.seen
        assert alive(session) == [("right@example.org", 1 if has_booked else 2)]
        assert [booking.version for booking in standing(session)] == [1 if has_booked else 2]
        assert invariants_hold(session) == (1 if has_booked else 2)
    assert min(seen["lost"], seen["conflict"]) > 3


def test_a_correction_that_always_loses_says_busy_and_changes_nothing(
    dynamodb_local: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "BUDGET_SECONDS", 0.3)
    session, booked = booked_wrongly()
    with weather(0, conflicts=1.0), pytest.raises(Busy):
        correct_to(booked, session, "right")
    assert standing(session) == [booked]


# Races


@many_times
def test_the_same_correction_twice_at_once_is_made_once_and_both_hear_that_it_is_done(
    dynamodb_local: Any, attempt: int
) -> None:
    session, booked = booked_wrongly()
    ends = race(*(lambda: correct_to(booked, session, "right") for _ in range(2)))
    assert not [end for end in ends if isinstance(end, Refusal)]
    assert alive(session) == [("right@example.org", 2)]
    assert standing(session)[0].version == 2


@many_times
def test_of_two_corrections_at_once_one_is_made_and_the_other_hears_that_it_was_too_late(
    dynamodb_local: Any, attempt: int
) -> None:
    session, booked = booked_wrongly()
    people = ("right", "better")
    ends = race(*(lambda person=person: correct_to(booked, session, person) for person in people))
    [made] = [person for person, end in zip(people, ends, strict=True) if isinstance(end, Booking)]
    assert [type(end) for end in ends if isinstance(end, Refusal)] == [NotCorrectable]
    assert alive(session) == [(f"{made}@example.org", 2)]
    assert invariants_hold(session) == 2


@many_times
@pytest.mark.parametrize("has_booked", [False, True])
def test_a_correction_and_a_cancellation_by_the_wrong_addresss_link_at_once_end_as_one_of_them(
    dynamodb_local: Any, has_booked: bool, attempt: int
) -> None:
    session, booked = booked_wrongly()
    if has_booked:
        capacity.take(session, booking_for(session, "right"))
    corrected, cancelled = race(
        lambda: correct_to(booked, session, "right"),
        lambda: capacity.give_back(booked, LATER, by_link=True),
    )
    theirs = [("right@example.org", 1)] if has_booked else []
    if isinstance(cancelled, Booking):
        assert isinstance(corrected, BookingNotLive)
        assert alive(session) == theirs
    else:
        assert isinstance(cancelled, NotFound), "that link is dead"
        assert alive(session) == (theirs or [("right@example.org", 2)])
        leads_nowhere(booked)
    invariants_hold(session)


@many_times
def test_a_correction_and_an_organisers_at_once_leave_one_booking_where_the_organiser_put_it(
    dynamodb_local: Any, attempt: int
) -> None:
    session, booked = booked_wrongly()
    theirs, organisers = race(
        lambda: correct_to(booked, session, "right"),
        lambda: organise(session, booked),
    )
    assert isinstance(organisers, Booking)
    assert isinstance(theirs, Booking | NotCorrectable)
    assert alive(session) == [("organised@example.org", 2)]
    assert invariants_hold(session) == 2


@many_times
@pytest.mark.parametrize("has_booked", [False, True])
def test_who_is_checked_in_just_then_is_in_with_the_booking_or_the_ticket_is_no_longer_good(
    dynamodb_local: Any, has_booked: bool, attempt: int
) -> None:
    session, booked = booked_wrongly()
    if has_booked:
        capacity.take(session, booking_for(session, "right"))

    def check_in() -> Booking:
        arrival = Arrival(nonce="n", places=2, at=MADE_AT, token_id="t", where="Door", arrived=2)
        return check_ins.change_arrivals(
            booked, lambda there: replace(there, arrivals=(arrival,), arrivals_version=1)
        )

    corrected, arrived = race(lambda: correct_to(booked, session, "right"), check_in)
    here = {booking.booking_id: booking for booking in standing(session)}
    if isinstance(arrived, Booking):
        assert isinstance(corrected, NotCorrectable) or not has_booked
        assert here[booked.booking_id].arrived == 2
    else:
        assert isinstance(arrived, BookingCancelled)
        assert booked.booking_id not in here
    assert len(here) == 1 or isinstance(corrected, NotCorrectable)
    invariants_hold(session)


@many_times
def test_who_books_at_the_right_address_just_then_has_one_booking_and_either_is_theirs(
    dynamodb_local: Any, attempt: int
) -> None:
    session, booked = booked_wrongly()
    wanted = booking_for(session, "right")
    corrected, took = race(
        lambda: correct_to(booked, session, "right"), lambda: capacity.take(session, wanted)
    )
    assert isinstance(corrected, Booking), "whoever corrects hears the same"
    assert isinstance(took, Booking)
    [there] = standing(session)
    assert there.booking_id == took.booking_id
    assert invariants_hold(session) == (1 if took.booking_id == wanted.booking_id else 2)
    leads_nowhere(booked)


@many_times
def test_if_the_right_address_cancels_just_then_nobody_loses_more_than_they_gave_up(
    dynamodb_local: Any, attempt: int
) -> None:
    session, booked = booked_wrongly()
    theirs = capacity.take(session, booking_for(session, "right"))
    corrected, cancelled = race(
        lambda: correct_to(booked, session, "right"), lambda: capacity.give_back(theirs, LATER)
    )
    assert isinstance(corrected, Booking)
    assert isinstance(cancelled, Booking)
    assert alive(session) in ([], [("right@example.org", 2)])
    invariants_hold(session)


def test_a_booking_that_another_was_given_up_for_stays_where_its_reader_is_told_of_it(
    dynamodb_local: Any,
) -> None:
    """As when two people swapped their addresses: who gave up theirs is not left with neither."""
    session, booked = booked_wrongly()
    say_not_kept(booked, 3)
    with pytest.raises(NotCorrectable):
        correct_to(booked, session, "right")
    assert alive(session) == [("wrong@example.org", 2)]
